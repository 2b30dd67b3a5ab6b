"""Makes text that reads like code, logs and prose, the same on every machine, already escaped for
JSON."""

from __future__ import annotations

import json
import random
import struct
from collections.abc import Callable, Sequence
from typing import TypeVar

T = TypeVar("T")

COMMON = (
    "the to of and in is that for it with as on be at this by from not are or we have an which "
    "when if but was all has will can one out more should there use so do no up into only time "
    "them file test line then now after before new first also over how what where each same other "
    "value name path code data type list call return error check read write change build run make "
    "add remove keep open close send wait start stop update create delete find count sort user "
    "session token request response server client table index query cache store record field "
    "column row page form button view model state event queue worker thread task job step retry "
    "limit offset order price total report date range parse format render load save merge split "
    "filter group join map reduce queue batch stream buffer chunk byte string number float integer "
    "boolean array object key node tree graph edge branch commit release version package module "
    "function method class import export default option flag config setting env local remote main "
    "fix because still never always while between about than like need want seems looks works "
    "fails passes broken missing empty wrong right small large old next last second third every "
    "some any most few many under without through against"
)
_ONSETS = (
    "b br c ch cl cr d dr f fl g gl gr h j k l m n p "
    "pl pr qu r s sc sh sl sp st str t th tr v w y z"
)
_NUCLEI = "a e i o u ai ea ee ie oa oo ou"
_CODAS = ["", "", "", "n", "r", "s", "t", "l", "m", "ck", "nd", "nt", "rt", "st", "x", "ng"]
_FOREIGN_WORDS = (
    "über café naïve Größe señal façade přehled 検索 "
    "設定 данные données Zürich smörgås ✓ → … “quoted” 🚀"
)
_FOREIGN = tuple(_FOREIGN_WORDS.split(" "))
VOCABULARY = 4000


class Dice:
    """Chances that fall alike on every machine and Python: nothing but random() and getrandbits()
    is used."""

    def __init__(self, seed: int) -> None:
        source = random.Random(seed)
        self.roll = source.random
        self.bits = source.getrandbits

    def below(self, n: int) -> int:
        """An integer from 0 to n - 1."""
        return int(self.roll() * n)

    def between(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return low + int(self.roll() * (high - low + 1))

    def chance(self, share: float) -> bool:
        """True in `share` of the rolls."""
        return self.roll() < share

    def pick(self, things: Sequence[T]) -> T:
        """One of the things, each as likely."""
        return things[int(self.roll() * len(things))]

    def size(self, deciles: Sequence[int]) -> int:
        """An integer spread as the deciles say (from the least to the greatest, any number of
        steps)."""
        place = self.roll() * (len(deciles) - 1)
        step = int(place)
        return int(deciles[step] + (deciles[step + 1] - deciles[step]) * (place - step))

    def hexadecimal(self, digits: int) -> str:
        """That many hexadecimal digits."""
        return f"{self.bits(digits * 4):0{digits}x}"

    def uuid(self) -> str:
        """A random uuid of version 4."""
        h = f"{self.bits(128):032x}"
        return f"{h[:8]}-{h[8:12]}-4{h[13:16]}-a{h[17:20]}-{h[20:]}"


def vocabulary() -> list[str]:
    """The words, most frequent first: plain English ones, then invented ones; a few not in ASCII.
    No repeats."""
    dice = Dice(4000)
    words = dict.fromkeys(COMMON.split(" "))
    onsets, nuclei = _ONSETS.split(" "), _NUCLEI.split(" ")
    while len(words) < VOCABULARY:
        syllables = dice.between(2, 3)
        words[
            "".join(
                dice.pick(onsets) + dice.pick(nuclei) + dice.pick(_CODAS) for _ in range(syllables)
            )
        ] = None
    return list(words)


def zipf(words: Sequence[str], slots: int = 1 << 16) -> list[str]:
    """`words` laid out over about `slots` places so that a uniform draw falls as in natural
    text."""
    weights = [1 / (rank + 2.7) for rank in range(1, len(words) + 1)]
    scale = slots / sum(weights)
    laid = [
        word
        for word, weight in zip(words, weights, strict=True)
        for _ in range(max(1, round(weight * scale)))
    ]
    return laid[:slots] + laid[: max(0, slots - len(laid))]


_json_string = json.JSONEncoder(ensure_ascii=False).encode


def escaped(text: str) -> str:
    """The text as it stands inside a JSON string."""
    return _json_string(text)[1:-1]


_CODE: tuple[Callable[[str, str, str, str, int], str], ...] = (
    lambda a, b, c, d, n: f"def {a}_{b}({c}: int, {d}: str) -> None:",
    lambda a, b, c, d, n: f"    {a}_{b} = self.{c}.{d}({n})",
    lambda a, b, c, d, n: f"    if {a} is None or {b}[{c!r}] > {n}:",
    lambda a, b, c, d, n: f'        raise ValueError(f"{a} {b} {c}: {{{d}}}")',
    lambda a, b, c, d, n: f"        return {a}({b}, {c}={d})",
    lambda a, b, c, d, n: f"    for {a} in {b}.{c}_{d}s:",
    lambda a, b, c, d, n: f"        {a}.append({b}_{c} + {n})",
    lambda a, b, c, d, n: f"    # {a.capitalize()} {b} {c} {d}.",
    lambda a, b, c, d, n: f'    """{a.capitalize()} the {b} of a {c} {d}."""',
    lambda a, b, c, d, n: f"const {a}{b.capitalize()} = await {c}.{d}({{ limit: {n} }});",
    lambda a, b, c, d, n: (
        f"  export function {a}{b.capitalize()}({c}: {d.capitalize()}): Promise<void> {{"
    ),
    lambda a, b, c, d, n: f'    <div className="{a}-{b} {c}">{{t("{d}.{a}")}}</div>',
    lambda a, b, c, d, n: f"from {a}.{b} import {c}_{d}",
    lambda a, b, c, d, n: f"import {{ {a}, {b} }} from '../{c}/{d}';",
    lambda a, b, c, d, n: f"    assert {a}_{b}({c!r}, {n}) == {d}",
    lambda a, b, c, d, n: f'  "{a}-{b}": {{ "{c}": {n}, "{d}": true }},',
    lambda a, b, c, d, n: f"SELECT {a}_id, {b} FROM {c} WHERE {d} >= {n} ORDER BY {b};",
    lambda a, b, c, d, n: "",
    lambda a, b, c, d, n: "    }",
    lambda a, b, c, d, n: f"\tresult, err := {a}.{b.capitalize()}({c}, {d}{n})",
)
_LOG: tuple[Callable[[str, str, str, str, int], str], ...] = (
    lambda a, b, c, d, n: f"tests/{a}/test_{b}.py::test_{c}_{d} PASSED [{n % 100:3d}%]",
    lambda a, b, c, d, n: (
        f"2026-0{n % 9 + 1}-1{n % 10} 0{n % 10}:{n % 60:02d}:{n % 59:02d},"
        f"{n % 1000:03d} INFO {a}.{b}: {c} {d} in {n} ms"
    ),
    lambda a, b, c, d, n: (
        f"-rw-r--r-- 1 dev dev {n:8d} Mar {n % 28 + 1:2d} 10:{n % 60:02d} {a}_{b}.{c[:2]}"
    ),
    lambda a, b, c, d, n: f"{(n * 2654435761) % (1 << 32):08x} {a} {b}: {c} {d} (#{n % 5000})",
    lambda a, b, c, d, n: (
        f"src/{a}/{b}.ts({n % 900},{n % 80}): error TS2{n % 1000:03d}: "
        f"Type '{c}' is not assignable to '{d}'."
    ),
    lambda a, b, c, d, n: f"  {a}/{b}/{c}.py | {n % 90:3d} {'+' * (n % 20)}{'-' * (n % 7)}",
    lambda a, b, c, d, n: f"+ {a}@{n % 20}.{n % 13}.{n % 7} {b} {c}",
    lambda a, b, c, d, n: f"warning: {a} {b} is {c}; {d} it [{a}-{d}]",
    lambda a, b, c, d, n: f"GET /{a}/{b}/{n}?{c}={d} 200 {n % 4000}ms",
)


class Wording:
    """A stock of code lines, log lines and sentences, each escaped for JSON. Different for each
    dice."""

    def __init__(self, dice: Dice, table: Sequence[str], lines: int = 40_000) -> None:
        self.dice = dice
        self._table = table
        self.code = self._lines(_CODE, lines, indents=True)
        self.log = self._lines(_LOG, lines // 2)
        self.prose = self._sentences(lines // 4)

    def words(self, n: int) -> list[str]:
        """`n` words as they fall in text."""
        table = self._table
        return [
            table[slot]
            for slot in struct.unpack(f"<{n}H", self.dice.bits(n * 16).to_bytes(n * 2, "little"))
        ]

    def _lines(
        self,
        shapes: Sequence[Callable[[str, str, str, str, int], str]],
        n: int,
        indents: bool = False,
    ) -> list[str]:
        dice, made = self.dice, []
        words = self.words(n * 4)
        for i in range(0, n * 4, 4):
            a, b, c, d = words[i : i + 4]
            line = dice.pick(shapes)(a, b, c, d, dice.below(100_000))
            if i % 160 == 0:
                line = f"    # {words[i]} {dice.pick(_FOREIGN)} {words[i + 1]}"
            made.append(escaped("    " * (i % 3) + line if indents else line))
        return made

    def _sentences(self, n: int) -> list[str]:
        dice, made = self.dice, []
        for i in range(n):
            words = self.words(dice.between(5, 22))
            if i % 5 == 0:
                words[2] = f"`{words[2]}_{words[3]}`"
            if i % 11 == 0:
                words[4] = f"src/{words[3]}/{words[4]}.py:{dice.below(900)}"
            if i % 40 == 0:
                words[1] = dice.pick(_FOREIGN)
            made.append(escaped(" ".join(words).capitalize() + "."))
        return made

    def code_lines(self, n: int) -> list[str]:
        """`n` neighbouring lines of code (fewer when the stock is smaller)."""
        start = self.dice.below(max(1, len(self.code) - n))
        return self.code[start : start + n]

    def log_text(self, n: int) -> str:
        """`n` neighbouring lines of a command's output, as one escaped text."""
        start = self.dice.below(max(1, len(self.log) - n))
        return "\\n".join(self.log[start : start + n])

    def prose_text(self, n: int) -> str:
        """`n` neighbouring sentences as one escaped text, in paragraphs of four."""
        start = self.dice.below(max(1, len(self.prose) - n))
        taken = self.prose[start : start + n]
        return "\\n\\n".join(" ".join(taken[i : i + 4]) for i in range(0, len(taken), 4))

    def title(self) -> str:
        """A few words."""
        return escaped(" ".join(self.words(self.dice.between(3, 6))).capitalize())


# Each begins as the real kind does and holds MARK, so that a search for MARK finds what a redaction
# left.
MARK = "zk4qx2vbw7"
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ234567"


def fake_secret(dice: Dice) -> str:
    """An assignment of a credential that looks real and never was one."""
    body = "".join(dice.pick(_ALPHABET) for _ in range(40))
    mixed = MARK + "".join(c.lower() if i % 3 else c for i, c in enumerate(body))
    kind = dice.below(4)
    if kind == 0:
        return "AWS_ACCESS_KEY_ID=" + "AK" + "IA" + MARK.upper() + body[:6]
    if kind == 1:
        return "GITHUB_TOKEN=" + "gh" + "p_" + mixed[:36]
    if kind == 2:
        return "ANTHROPIC_API_KEY=" + "sk-" + "ant-api03-" + mixed + mixed
    return (
        "Authorization: Bearer "
        + "xo"
        + "xb-"
        + f"{dice.below(10**12):012d}-{dice.below(10**12):012d}-"
        + mixed[:24]
    )
