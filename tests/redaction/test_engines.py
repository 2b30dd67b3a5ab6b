"""Both engines find the same where only one of them leaves parts of a text out, and a redacted text
stays as it is."""

from __future__ import annotations

import random
import re
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accrete.redaction import redact
from accrete.redaction.assigned import LONGEST_NAME
from accrete.redaction.issued import ISSUED
from accrete.redaction.secret_names import STEMS
from accrete.redaction.signs import SIGNS, of_re2
from tests.fuzz import examples, part
from tests.redaction.engines import RE, RE2
from tests.redaction.unseen import ASSIGNMENTS, PLACES, VALUE_ALPHABETS, kinds, value

pytestmark = pytest.mark.long

IMAGE = "".join(
    random.Random(1).choices(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/", k=4000
    )
)
SECRET = "Qx7Rt2Lm9Zk4Vb8N"
HINTS = sorted({hint for pattern in ISSUED for hint in pattern.hint.split("\n") if hint.isalnum()})


WORDS = [*HINTS, *(stem for stem in STEMS if stem.isascii()), "SALT", "PAT", "cookie"]
PLACES_OF_WORDS = list(product(WORDS, [0, 3, 190, 210, 2000, 3790, 3810, 3990, 4000]))


@pytest.mark.grid
@pytest.mark.parametrize(("word", "at"), part(PLACES_OF_WORDS, len(PLACES_OF_WORDS) // 3))
def test_what_stands_inside_of_an_image_is_the_same_to_both_engines(word, at):
    for after in ("", f"={SECRET}", f': "{SECRET}"', f" {SECRET}"):
        text = f"data:image/png;base64,{IMAGE[:at]}{word}{IMAGE[at:]}{after}\n"
        assert RE.find(text) == RE2.find(text)


@pytest.mark.parametrize("engine", [RE2, RE], ids=["re2", "re"])
def test_a_name_at_the_end_of_an_image_gives_its_value_away(engine):
    text = f"{IMAGE}/password={SECRET}\n"
    assert SECRET not in engine.redact(text)
    assert LONGEST_NAME < 200


OF_LETTERS = "uvwwtjty"
DEFINITIONS = (
    "ENV PASSWORD {}", "FROM x\nARG API_TOKEN {}\n", '{{"text": "FROM x\\nENV PASSWORD {}\\n"}}',
    "#define WIFI_PASSWORD {}", "setx DB_PASSWORD {}", "set -x kata_sandi {}",
    'set -x kata_sandi "{}"', "set -x kata_sandi \\\n  {}", "redis-cli SET api_key {}",
    "HSET x password {}", "aws configure set aws_secret_access_key {}",
    "git config user.password {}",
    "npm config set //registry.npmjs.org/:_authToken {}", "vault kv put secret/x db_password {}",
    "dotnet user-secrets set Db:Password {}", "gh secret set TOKEN {}", "requirepass {}",
    "MASTERAUTH {}", "bindpw {}", "storePassword {}", '(connect :password "{}")',
    "config a b c d e f db.password {}", "x defvar my-password {}",
)  # fmt: skip


@pytest.mark.parametrize("engine", [RE2, RE], ids=["re2", "re"])
@pytest.mark.parametrize("form", DEFINITIONS)
def test_what_is_defined_by_a_command_goes_though_it_is_small_letters_alone(engine, form):
    assert OF_LETTERS not in engine.redact(form.format(OF_LETTERS))


SENTENCES = (
    "git config --global credential.helper osxkeychain", "update passwords postgresql",
    "aws configure set credential_source Ec2InstanceMetadata", "create token usecallback",
    "kubectl create secret docker-registry regcred", "set session cookie httponly samesite",
    "put password bcryptjs", "config tokenizer tiktoken", "modify auth middleware typescript",
)  # fmt: skip


@pytest.mark.parametrize("engine", [RE2, RE], ids=["re2", "re"])
@pytest.mark.parametrize("text", SENTENCES)
def test_a_word_behind_a_verb_and_a_name_is_no_secret(engine, text):
    assert engine.redact(text) == text


COUNTED_TWICE = (
    ".abcdef.ABCDEFGH", ".abcdef:ABCDEFGH", "1234567890:0123abcd", "-0123abcd-4567ef01",
    ":dev.0123abcd", "at_Abcd_Efgh",
)  # fmt: skip


@pytest.mark.parametrize("text", COUNTED_TWICE)
def test_a_sign_that_counts_twice_stands_where_all_of_it_does(text):
    signs = of_re2()
    for some in (text, text[:-1], text[1:], text * 2, f"a {text} b"):
        found = [n for n, sign in enumerate(SIGNS) if re.search(sign, some, re.ASCII)]
        assert signs(some.encode()) == found
    assert signs(text.encode()) != signs(text[:-1].encode())


def planted(seed: int) -> str:
    """Secrets of some kinds and names, each in a place."""
    dice = random.Random(seed)
    texts = [
        dice.choice([*PLACES.values()])(text) for _, text, _ in dice.sample(list(kinds(dice)), 3)
    ]
    for _ in range(3):
        alphabet, form = dice.choice([*VALUE_ALPHABETS]), dice.choice([*ASSIGNMENTS.values()])
        texts.append(
            form(dice.choice(["password", "API_KEY", "token", "clave"]), value(dice, alphabet, 16))
        )
    dice.shuffle(texts)
    return dice.choice(["\n", " ", ", ", " | "]).join(texts)


@settings(max_examples=100 * examples(1), deadline=None)
@given(st.integers(0, 2**32))
def test_what_was_redacted_is_not_redacted_again(seed):
    text = planted(seed)
    for engine in (RE2, RE):
        clean = engine.redact(text)
        assert engine.redact(clean) == clean
    assert redact(redact(text)) == redact(text)
