"""How a token with an issuer's mark becomes a pattern, and the public lists of shapes that rows
cite."""

from __future__ import annotations

from accrete.redaction.judge import JUDGED, oddness
from accrete.redaction.patterns import Pattern, always
from accrete.text.lazy import lazy

_HEX = lazy("(?:[0-9][a-f]*){8}$")
"""Some issuers mint hexadecimal bodies too: their letters say nothing."""
_TAIL = lazy("^[A-Za-z]{2,9}[-_](?:[a-z0-9]{1,8}_){0,2}")


def drawn(value: str) -> bool:
    """Not a name that happens to begin like a token. Its beginning says it: marks that follow one
    another are values of any length, each to the end of all."""
    value = value[:JUDGED]
    return len(set(value)) >= 10 and (oddness(value) >= 0.3 or _HEX.search(value) is not None)


def tail_drawn(value: str) -> bool:
    """The same of what follows the mark, for marks that are words: `secret-`, `live_`, `sk_`."""
    tail = _TAIL.sub("", value[:JUDGED], count=1)
    return len(tail) >= 16 and any(c.isdigit() for c in tail) and drawn(tail)


def no_sample(value: str) -> bool:
    """Not one of Amazon's examples."""
    return not value.endswith("EXAMPLE")


LEFT = r"(?:bot|[a-z]{4}/|/v[0-9]/|\n\+|^\+|[^A-Za-z0-9+/]|^)"
"""What stands before a token whose mark is letters only: images in base64 hold any four letters."""


WORD = "(?:bot|[^A-Za-z0-9]|^)"
"""What stands before a token whose mark may end a word."""

STOP = "(?:[^A-Za-z0-9_-]|$)"
NO_BASE64 = "(?:[^A-Za-z0-9_/+=-]|$)"
"""What follows a token of exact length, and one that base64 may hold."""


def row(
    kind: str,
    mark: str,
    body: str,
    source: str,
    *,
    left: str = "",
    right: str = "",
    probe: str = "",
) -> Pattern:
    """A token that is `mark` and then `body`, with the check that it was drawn and not written."""
    literal = "".join("\\" + c if c in ".+" else c for c in mark)
    shape = f"{left}(?P<v>{literal}{body}){right}" if left or right else literal + body
    return Pattern(kind, mark, shape, source, probe, always if "0-9a-f" in body else drawn)


FOUND = "seen in public files; no page found that documents it"


def gitleaks(rule: str) -> str:
    """A rule of a list of shapes that others keep, for issuers whose pages give the mark at
    most."""
    return (
        f"https://github.com/gitleaks/gitleaks/blob/master/config/gitleaks.toml gitleaks `{rule}`"
    )


def betterleaks(rule: str) -> str:
    """The same, of Betterleaks."""
    rules = "https://github.com/betterleaks/betterleaks/tree/main/cmd/generate/config/rules"
    return f"{rules} Betterleaks `{rule}`"


def kingfisher(rule: str) -> str:
    """The same, of Kingfisher (its last list before it took over that of Betterleaks)."""
    commit = "f2a45c9e1c709008558765c88acfd3f8c0cb3245"
    rules = "crates/kingfisher-rules/data/rules"
    return f"https://github.com/mongodb/kingfisher/tree/{commit}/{rules} Kingfisher `{rule}`"


def trufflehog(detector: str) -> str:
    """The same, of TruffleHog."""
    detectors = "https://github.com/trufflesecurity/trufflehog/tree/main/pkg/detectors"
    return f"{detectors} TruffleHog `{detector}`"


def veles(detector: str) -> str:
    """The same, of Veles in OSV-SCALIBR."""
    secrets = "https://github.com/google/osv-scalibr/tree/main/veles/secrets"
    return f"{secrets} Veles `{detector}`"


def noseyparker(rule: str) -> str:
    """The same, of Nosey Parker."""
    rules = "crates/noseyparker/data/default/builtin/rules"
    return f"https://github.com/praetorian-inc/noseyparker/tree/main/{rules} Nosey Parker `{rule}`"
