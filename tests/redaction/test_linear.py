"""Texts that repeat what patterns begin with take time in proportion to their length."""

from __future__ import annotations

import importlib

import pytest

from accrete.redaction import Redactor
from tests.fuzz import TORTURE, part
from tests.patience import least, thread_s
from tests.redaction.engines import ENGINES

pytestmark = pytest.mark.long

UNITS = [
    "a=",
    "token=",
    "token ",
    "token,",
    "key:&",
    '"',
    '\\"',
    "\\\\",
    "\\u0041",
    "\x1b[1m",
    "%3D",
    "AKIA",
    "eyJ",
    "Ab1+",
    "sk-",
    "://a:b",
    "a@",
    "mysql -u a ",
    "redis-cli ",
    " -u a:",
    "curl -",
    "a=b;",
    "Bearer ",
    "kind: Secret\ndata:\n  a: b\n",
    "--from-literal=a=",
    "密码是",
    "token is ",
    "a:5432:b:c:",
    "-----BEGIN RSA PRIV" + "ATE KEY-----\n",
    "KEY-----",
    "0123456789abcdef0123\n",
    "echo a | sudo ",
    "set token ",
    "mnemonic abc abc ",
    '{"token":',
    'define("token", ',
    "token: |\n  ab1",
    "<password>",
    "machine a login b ",
    "AAAA",
    "(token) VALUES (",
    "(token) VALUES ('",
    "(token) VALUES ('a'),",
    "(token) FROM stdin\n1\t",
    "snmp-server user a sha ",
    "radius key ",
    "a,token\n",
    "a,token\n1,b\n",
    "a|token|",
    'send "a',
    "community $9$ ",
    "set key ENC ",
    "%^%#abcdefghijkl ",
    "password cipher ",
    "radius a\n key b\n",
    "aaa-server\n b\n",
    "-----BEGIN PRIV" + "ATE KEY-----%0AAb1Ab2Ab3Ab4Ab5Ab6",
    "-----END%20PRIV" + "ATE%20KEY-----",
    'form-data; name="token"\r\n',
    "token: \n  Type: a\n",
    "token { get; ",
    "radtest a b ",
    'token "] \'" ',
]
SHORT, TIMES = 2000, 4
ALLOWED = 8
"""A quadratic search takes sixteen times as long."""
UNMEASURABLE = 0.15
"""Seconds of CPU time in which a busy machine shows nothing."""


def over(redactor: Redactor, text: str) -> float:
    """CPU seconds above what is allowed, for a text beside its beginning."""
    short = thread_s(lambda: redactor.redact(text[:SHORT]))
    return thread_s(lambda: redactor.redact(text[: SHORT * TIMES])) - ALLOWED * short


PAIRS = [(engine, unit) for unit in UNITS for engine in ENGINES]


@pytest.mark.grid
@pytest.mark.parametrize(
    ("redactor", "unit"), part(PAIRS, 40), ids=lambda each: getattr(each, "engine", None)
)
def test_a_repeated_unit_takes_time_in_proportion(redactor, unit):
    text = unit * (SHORT * TIMES // len(unit) + 1)
    assert least(lambda: over(redactor, text), UNMEASURABLE) < UNMEASURABLE


@pytest.mark.parametrize("redactor", ENGINES, ids=lambda redactor: redactor.engine)
def test_a_value_as_long_as_an_image_goes_with_both_engines(redactor):
    value = "Qx7Rt2Lm9Zk4Vb8N" * 80
    assert value not in redactor.redact(f"password={value}\n")


engine = importlib.import_module("accrete.redaction.engine")  # the package has a function engine
WINDOW = engine.WINDOW if TORTURE else engine.WINDOW // 10
"""After a value as long as this the next are looked for in a window first."""
MARKED = "sk_" * (2 * WINDOW // 3)


@pytest.fixture
def window(monkeypatch):
    """A tenth of the window, of which texts of a tenth of the length take a hundredth of the
    time."""
    monkeypatch.setattr(engine, "WINDOW", WINDOW)
    monkeypatch.setattr(engine, "OVERLAP", WINDOW // 6)


@pytest.mark.grid
@pytest.mark.parametrize("redactor", ENGINES, ids=lambda redactor: redactor.engine)
def test_marks_that_follow_one_another_are_not_each_read_to_the_end(redactor, window):
    def over() -> float:
        short = thread_s(lambda: redactor.redact("sk_" * WINDOW))
        return thread_s(lambda: redactor.redact("sk_" * 4 * WINDOW)) - ALLOWED * short

    assert least(over, UNMEASURABLE) < UNMEASURABLE


@pytest.mark.grid
@pytest.mark.parametrize("redactor", ENGINES, ids=lambda redactor: redactor.engine)
@pytest.mark.parametrize("size", [48, WINDOW, 3 * WINDOW])
@pytest.mark.parametrize("far", [0, WINDOW + 100])
def test_what_follows_marks_without_a_secret_is_redacted_whole(redactor, size, far, window):
    secret = "live_Qx7Rt2Lm9Zk4Vb8N" + "a1B" * (size // 3)
    clean = redactor.redact(f"{MARKED}{' ' * far} sk_{secret} sk_{secret[:40]} end")
    assert "Qx7Rt2Lm" not in clean
    assert "a1B" not in clean
    assert clean.endswith(" end")
