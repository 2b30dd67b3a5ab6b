"""Writes docs/redaction.md from the patterns themselves: `python -m tools.redaction_doc
--write`."""

from __future__ import annotations

import sys
from itertools import groupby
from pathlib import Path

from accrete.redaction import REDACTION_VERSION
from accrete.redaction.issued import ISSUED
from accrete.redaction.network_devices import DEVICES
from accrete.redaction.patterns import Pattern
from accrete.redaction.placed import PLACED
from accrete.redaction.secret_names import STEMS
from tools.prose import fill

PAGE = Path(__file__).resolve().parents[1] / "docs" / "redaction.md"

HEAD = """# Redaction

What Accrete removes from every text before it stores it, and what it can't find. Generated from the
patterns by `python -m tools.redaction_doc --write`. Patterns version: {version}. After an upgrade,
the next ingest redacts stored texts again.

A secret becomes `[redacted:<kind>]`; the text around it stays. `accrete redact --check FILE` shows
what would be replaced, and exits with 1 if there is anything.

## How it reads

- **Values, not their encodings.** JSON (tool inputs, records of unknown type) is decoded, each text
  is redacted by its value and by its name (`{{"api_key": "…"}}`), and encoded again. JSON that was
  cut or is broken is read through its escapes.
- **Escapes and colours hide nothing.** `\\n`, `\\"`, `\\u0041`, `\\x1b`, HTML entities, `%3D` are
  read up to four levels deep; ANSI sequences are read as nothing and as a space, so they hide a
  secret neither inside nor beside it.
- **Before anything is cut.** Outputs, inputs and notices are shortened after redaction.

## Values given to a secret-looking name

A name is split into words (`DB_PASS`, `apiKey`, `DD-APPLICATION-KEY`). It counts if a word is, or
ends in, a word for a secret ({stems} and words with them); it does not count if it only describes a
secret (`token_count`, `password_field`, `secretName`) or only looks similar (`author`, `passenger`,
`compass`, `primary_key`).

The value is replaced if it does not look like words: what decides is the share of neighbouring
characters that do not occur in words and identifiers. Passwords need a smaller share, and so do
values of 8 characters or more with digits inside. `key` alone says less than `api_key`.
Placeholders (`<token>`, `${{TOKEN}}`, `your-key-here`, `****`), paths, numbers and addresses are
kept.

Forms: assignments of shells, JSON, YAML, TOML, INI, properties and programming languages, typed
ones too; flags (`--token X`, `--token=X`); headers; parameters of a URL; `Password=…;` of
connection strings; elements (`<password>x</password>`); pairs of name and value in either order
(`{{"name": "API_KEY", "value": "…"}}`, `variable "db_password" {{ default = "…" }}`); prompts
(`Password for kim: …`); setters (`setPassword("…")`, `define('TOKEN', '…')`); what Terraform
changes (`"old" -> "…"`); rows of a table, Markdown and BBCode; lines that define a name
(`ENV TOKEN …`, `#define TOKEN "…"`, `aws configure set … …`, `consul kv put …/token …`,
`reg add … /v Token /d …`); properties of C# and defaults of CloudFormation; fields of a form
(`form-data; name="token"`); all lines of a block in YAML,
also as `cat -n`, `grep -n` or a diff print it; cells of HTML; sentences (`The token is …`,
`the password for staging: …`, `use token … for it`, `… is my password`). The word for a password
counts in 20 other languages (`contraseña`, `пароль`, `密码`). A row of SQL is read by its columns
(`INSERT INTO users (name, password) VALUES …`, what a program binds to its placeholders, `COPY …
FROM stdin`; in a table of settings by the name that stands beside the value), and so are CSV and
the tables that database clients print. A list of arguments is read as one command; a text typed
into a page is judged by the field it is typed into (`#password`).

A value that is itself such a name (`password=DB_PASSWORD`), a place in a program
(`self.key_password`, `os.environ.get("…")`) or an algorithm (`AES256-GCM`) is kept.

## Private keys

Blocks with `PRIVATE KEY` in their header, however printed: numbered by `cat -n`, quoted with `>`,
with the prefixes of `grep -n` or of a diff, indented, commented, concatenated, escaped, on one
line with anything between its parts, in base64, in a URL or a form (`%20`, `%0A`, `+`), encoded up
to four times; and without their header or end: by how the DER of PKCS #1, PKCS #8 and SEC 1 and
OpenSSH's form begin, or as five or more lines of 64 or 70 characters that nothing names a
certificate, a public key or a message. Also the keys of JSON Web Keys, PuTTY and age. Sources: [RFC
7468](https://www.rfc-editor.org/rfc/rfc7468), [RFC 8017](https://www.rfc-editor.org/rfc/rfc8017),
[RFC 5958](https://www.rfc-editor.org/rfc/rfc5958), [RFC
5915](https://www.rfc-editor.org/rfc/rfc5915), [RFC 7517](https://www.rfc-editor.org/rfc/rfc7517).

## Kubernetes Secrets

All values below `data` and `stringData` of a manifest of `kind: Secret`, in YAML (block values,
flow style, lists, numbered, quoted, in a diff) and JSON, in `kubectl patch secret -p` and
`--from-literal`, whatever their names
([documentation](https://kubernetes.io/docs/concepts/configuration/secret/)); `client-key-data` and
`token` of a kubeconfig; `auth` of Docker's `config.json`.
"""

SHAPES = """A number is a page of the issuer, or code of its own, that gives the shape or its mark;
a name is the rule of a public list of shapes. What no page documents says so."""

TAIL = """## What is not found

- Passwords that are words (`password: sunshine`, `changeme`), shorter than 8 characters, or numbers
  only.
- Of values of 8 letters without a digit that are given to a mere `key`, one in ten with capitals,
  and one in four without.
- About one in thirty values of 8 random letters and digits, because it happens to look like a word.
  In sentences one in twelve, and more if it has other characters than letters and digits.
- Lines of a network device that only a human reads as a secret: `key …` alone on its line,
  `kim * … *` in `chap-secrets`, ciphertexts of old Huawei devices with quotes in them.
- Columns of CSV and of printed tables that are named for a key only (`license_key`), or in another
  language than English.
- Rows of SQL that do not name their columns (`INSERT INTO users VALUES …`).
- A password of a word and a number in a sentence (`the password for the box is Blue7Monkey`), and a
  pair without the word for one (`log in as kim / …`): names of programs look the same.
- Random values without a name, a known shape or a known place: `Qx7Rt2Lm9Zk4Vb8N` in a sentence.
- Keys that are base58 or base32 and nothing else (Bitcoin's WIF, Stellar's seeds), and Vault's
  tokens of before 1.10 (`s.…`): what is left to look for is common or slow.
- UUIDs, unless their name says secret, token, API key or password: some issuers use them as keys,
  but they are ids everywhere.
- Values that are split: over lines, over two strings that a program joins, or over the messages of
  a conversation.
- Other encodings: base64 around a secret (except private keys, and `user:password` given to
  `auth`), compression, encryption.
- Secrets in images and in names of folders: paths of projects and transcripts are needed to read
  them again.
- Identities (session, message and tool-use ids, uuids, commit ids; paths and ids of files, agents
  and records) are never redacted, because they identify stored rows. The type of a record of
  unknown type is redacted.

## How accurate this is

Tests draw random secrets from the shapes above (`tests/redaction/planted.py`) and from kinds,
names, places and commands that were written down before anyone looked at the patterns
(`tests/redaction/unseen.py`). Of secrets with a known shape at most 1% stay in 35 places (escaped
JSON, colours, diffs, markup, URLs, …), of random values with a secret-looking name at most 5% in 36
forms. Of the look-alikes (`tests/redaction/look_alikes.py`: hashes, ids, images, lock files,
placeholders, settings) none is changed.
"""


def _link(number: int, source: str) -> str:
    """A source as the page shows it: an address may have words behind it, which name it."""
    page, _, words = source.partition(" ")
    return f"[{words or number}]({page})" if "://" in page else source


def _rows(patterns: tuple[Pattern, ...]) -> list[str]:
    rows = []
    for kind, same in groupby(sorted(patterns, key=lambda p: p.kind), key=lambda p: p.kind):
        found = list(same)
        hints = [hint.strip() for p in found for hint in p.hint.split("\n")]
        marks = ", ".join(dict.fromkeys(f"`{hint}`" for hint in hints if len(hint) > 1))
        pages = dict.fromkeys(p.source for p in found)
        links = ", ".join(_link(n, page) for n, page in enumerate(pages, 1))
        rows.append(f"| {kind} | {marks.replace('|', chr(92) + '|')} | {links} |")
    return rows


def text() -> str:
    """The page."""
    head = HEAD.format(
        version=REDACTION_VERSION,
        stems=", ".join(
            dict.fromkeys(f"*{stem.encode('latin-1').decode().lower()}*" for stem in STEMS)
        ),
    )
    table = ["| kind | mark | source |", "|---|---|---|"]
    page = "\n".join(
        [
            head,
            "## Tokens known by their shape",
            "",
            SHAPES,
            "",
            *table,
            *_rows(ISSUED),
            "",
            "## Secrets known by their place",
            "",
            *table,
            *_rows(PLACED + DEVICES),
            "",
            TAIL,
        ]
    )
    return fill(page)


def main() -> None:
    """Writes or prints the page."""
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(text(), "utf-8")
    else:
        sys.stdout.write(text())


if __name__ == "__main__":
    main()
