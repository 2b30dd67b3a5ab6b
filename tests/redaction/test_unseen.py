"""Secrets planted by kinds, names, places and commands that were written down before anyone looked
at the patterns."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Iterator

import pytest

from accrete.redaction import redact, redact_json
from tests.fuzz import TORTURE, seeds
from tests.redaction.engines import RE, RE2
from tests.redaction.planted import lines_of, private_key
from tests.redaction.unseen import (
    ABROAD,
    ASSIGNMENTS,
    BLOCK_HEADS,
    CLEAN,
    COMMANDS,
    LENGTHS,
    MORE_COMMANDS,
    NAMES,
    PLACES,
    PRINTED,
    SENTENCES,
    SPOKEN_NAMES,
    STATEMENTS,
    TELLING,
    VALUE_ALPHABETS,
    kinds,
    value,
)

pytestmark = pytest.mark.long

SEEDS = seeds(1)
KNOWN_LEFT, NAMED_LEFT, SPOKEN_LEFT = 0.01, 0.05, 0.03
SPOKEN_SEEDS = [*seeds(3)]
Planted = tuple[str, str, str]
"""What it is, the secret, the text that holds it."""


def stays(secret: str, text: str) -> bool:
    """Whether a secret is in what is left of a text, read as it stands or as a call's input."""
    return secret in redact(text) or (text.startswith("{") and secret in redact_json(text, redact))


MOST = 3000
"""A share of a few in a hundred can be measured on so many; `make torture` tries all."""


def share(planted: list[Planted]) -> float:
    """How much stayed; what it was is shown when a test fails."""
    if not TORTURE and len(planted) > MOST:
        planted = random.Random(1).sample(planted, MOST)
    left = [(what, text) for what, secret, text in planted if stays(secret, text)]
    print(f"{len(left)} of {len(planted)} stayed:", *left[:20], sep="\n")
    return len(left) / len(planted)


def drawn(dice: random.Random, lengths: int = 1) -> Iterator[str]:
    """Values of each alphabet, of some lengths each."""
    for alphabet in VALUE_ALPHABETS:
        for length in dice.sample(LENGTHS, lengths):
            yield value(dice, alphabet, length)


def known() -> Iterator[Planted]:
    for seed in SEEDS:
        for issuer, text, secrets in kinds(random.Random(seed)):
            for place, put in PLACES.items():
                yield f"{issuer}, {place}", secrets[0], put(text)


def named(names: str) -> Iterator[Planted]:
    for seed in SEEDS:
        dice = random.Random(seed)
        for name in names.split():
            for form, give in ASSIGNMENTS.items():
                for secret in drawn(dice):
                    yield f"{name}, {form}", secret, give(name, secret)


def spoken() -> Iterator[Planted]:
    for seed in SPOKEN_SEEDS:
        yield from told(STATEMENTS, seed)


def told(statements: tuple[str, ...], seed: int) -> Iterator[Planted]:
    """Values of each alphabet in sentences, by each name that people use."""
    dice = random.Random(seed)
    for name in SPOKEN_NAMES:
        for statement in statements:
            for secret in drawn(dice, 3):
                yield statement, secret, statement.format(n=name, s=secret)


def commanded() -> Iterator[Planted]:
    for seed in SEEDS:
        dice = random.Random(seed)
        for command in COMMANDS.strip().splitlines():
            for secret in drawn(dice, 3):
                line = command.replace("{s}", secret)
                yield command, secret, line
                yield command, secret, json.dumps({"command": line})


@pytest.mark.seeded
def test_of_kinds_that_issuers_document_at_most_one_in_a_hundred_stays():
    planted = list(known())
    assert len(planted) > 8000
    assert share(planted) <= KNOWN_LEFT


@pytest.mark.seeded
@pytest.mark.parametrize("names", [NAMES, ABROAD], ids=["English", "others"])
def test_of_values_given_to_a_name_at_most_five_in_a_hundred_stay(names):
    planted = list(named(names))
    assert len(planted) > 7000
    assert share(planted) <= NAMED_LEFT


SHORTS = 300 if TORTURE else 60


@pytest.mark.grid
@pytest.mark.parametrize("alphabet", VALUE_ALPHABETS)
@pytest.mark.parametrize("name", ["password", "token", "secret", "apiKey"])
@pytest.mark.parametrize("length", [8, 10, 12])
def test_short_values_of_every_alphabet_go(name, length, alphabet):
    dice = random.Random(f"{name} {length} {alphabet}")
    texts = [f'{name}: "{value(dice, alphabet, length)}"' for _ in range(SHORTS)]
    assert sum(redact(text) == text for text in texts) <= 0.08 * len(texts)


EIGHTS = 1000 if TORTURE else 120


@pytest.mark.grid
@pytest.mark.parametrize("alphabet", VALUE_ALPHABETS)
@pytest.mark.parametrize("name", ["key", "token", "secret"])
def test_of_8_characters_with_a_digit_given_to_a_mere_word_at_most_five_in_a_hundred_stay(
    name, alphabet
):
    dice = random.Random(f"{name} {alphabet}")
    values = [
        one for one in (value(dice, alphabet, 8) for _ in range(EIGHTS)) if re.search("[0-9]", one)
    ]
    values = [one for one in values if not one.isdigit()]
    for form in (
        "{}={}",
        '{}: "{}"',
        "export {}='{}'",
        "--{} {}",
        '"{}": "{}"',
        "?{}={}&page=1",
        "<{0}>{1}</{0}>",
    ):
        assert sum(one in redact(form.format(name, one)) for one in values) <= 0.05 * len(values), (
            form
        )


@pytest.mark.grid
@pytest.mark.parametrize("length", [8, 10, 12])
def test_of_random_values_given_to_a_mere_key_at_most_five_in_a_hundred_stay(length):
    planted = []
    for alphabet in VALUE_ALPHABETS:
        dice = random.Random(f"key {alphabet} {length}")
        values = [one for one in (value(dice, alphabet, length) for _ in range(500))
                  if not one.isdigit()]  # fmt: skip
        for form in ("key={}", 'key: "{}"', '"key": "{}"'):
            planted += [(f"{alphabet}, {form}", one, form.format(one)) for one in values]
    assert len(planted) > 7000
    assert share(planted) <= NAMED_LEFT


FORMS = """
config.password = ENV.fetch("DB_PASSWORD", "{}")
password = os.environ.get("DB_PASSWORD", '{}')
const token = getenv("TOKEN", "{}");
curl -b session={} https://example.org
curl --cookie "lang=en; sid={}" https://example.org
my password's {}
The password’s {}.
密码：{}
密码:{}
pw={}
"""
STAYING = """
config.password = ENV.fetch("DB_PASSWORD", "change-me-please")
password = os.environ.get("DB_PASSWORD", "")
git checkout -b topic=rename-the-columns
my password's forgotten again
my password's 8 characters long
KEY: adler32sum
the key's value1 and value2
key: toRawJson
key: "XMLHttpRequest"
"key": "cmd+shift+p"
"key": "cmd+ctrl+f"
key = "<leader>ff"
key: jouluaatto
"""


@pytest.mark.parametrize("form", FORMS.strip().splitlines())
def test_a_short_value_goes_in_every_form(form):
    dice = random.Random(form)
    values = ["k8fJ2mQx", *(value(dice, "base62", 10) for _ in range(200))]
    assert redact(form.format(values[0])) != form.format(values[0])
    assert sum(one in redact(form.format(one)) for one in values) <= 0.1 * len(values)


@pytest.mark.parametrize("line", STAYING.strip().splitlines())
def test_the_same_forms_without_a_secret_stay(line):
    assert redact(line) == line


@pytest.mark.seeded
@pytest.mark.parametrize("seed", SPOKEN_SEEDS)
def test_of_values_that_people_tell_each_other_at_most_three_in_a_hundred_stay(seed):
    assert share(list(told(STATEMENTS, seed))) <= SPOKEN_LEFT


@pytest.mark.parametrize("statement", TELLING)
def test_a_value_is_found_however_a_sentence_gives_it_to_its_name(statement):
    assert share(list(told((statement,), 4))) <= 0.08


@pytest.mark.grid
def test_of_all_ways_of_telling_at_most_five_in_a_hundred_stay():
    assert share([one for seed in range(4) for one in told(TELLING, seed)]) <= NAMED_LEFT


@pytest.mark.parametrize("sentence", SENTENCES.strip().splitlines())
def test_a_sentence_about_a_secret_stays(sentence):
    assert redact(sentence) == sentence


@pytest.mark.parametrize("head", BLOCK_HEADS)
@pytest.mark.parametrize("printed", PRINTED)
def test_a_block_of_yaml_goes_however_it_is_printed(printed, head):
    dice = random.Random(f"{printed} {head}")
    left = []
    for secret in (value(dice, "base62", 12) for _ in range(40)):
        lines = [f"password: {head}", f"  {secret}", "port: 1"]
        left += [secret] if secret in redact(PRINTED[printed](lines)) else []
    assert len(left) <= 2, left


@pytest.mark.parametrize("printed", PRINTED)
def test_no_line_of_an_ansible_vault_stays(printed):
    dice = random.Random(printed)
    lines = ["".join(dice.choice("0123456789") for _ in range(80)) for _ in range(4)]
    text = ["db: !vault |", "    $ANSIBLE_VAULT;1.1;AES256", *(f"    {one}" for one in lines)]
    clean = redact(PRINTED[printed](text))
    assert not [one for one in lines if one in clean]


@pytest.mark.parametrize("line", MORE_COMMANDS.strip().splitlines())
def test_a_password_goes_from_more_commands_markup_and_programs(line):
    dice = random.Random(line)
    secrets = [value(dice, "base62", length) for length in (10, 14, 24) for _ in range(20)]
    left = [one for one in secrets if one in redact(line.replace("{s}", one))]
    assert len(left) <= 0.05 * len(secrets), left


@pytest.mark.parametrize("ending", ["$", "<br>", "<br />", "^M$"])
def test_no_line_of_a_private_key_stays_by_what_stands_behind_it(ending):
    for seed in range(3):
        key = private_key(random.Random(seed))
        clean = redact("".join(f"{line}{ending}\n" for line in key.splitlines()))
        assert not [line for line in lines_of(key) if line in clean]


@pytest.mark.seeded
def test_of_values_in_commands_and_settings_at_most_five_in_a_hundred_stay():
    assert share(list(commanded())) <= NAMED_LEFT


@pytest.mark.parametrize("line", CLEAN.strip().splitlines())
def test_what_only_names_a_secret_stays(line):
    assert redact(line) == line


@pytest.mark.seeded
def test_both_engines_find_the_same():
    planted = [*known(), *named(ABROAD), *spoken(), *commanded()]
    dice = random.Random(3)
    for _, _, text in dice.sample(planted, 4000):
        assert RE2.find(text) == RE.find(text)


def test_all_lines_of_a_block_in_yaml_go():
    text = "password: |\n  k8fJ2mQx\n  p3nVt7Lw\nport: 5432\n"
    assert redact(text) == "password: |\n  [redacted:assigned-secret]\nport: 5432\n"
