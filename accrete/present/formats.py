"""Formats figures: counts, tokens, money, spans, sizes."""

from __future__ import annotations


def plural(n: int, one: str, many: str | None = None) -> str:
    """`1 session`, `2 sessions`."""
    return f"{number(n)} {one if n == 1 else many or one + 's'}"


def number(n: int | None) -> str:
    """A count with thousands separated; `—` if unknown."""
    return "—" if n is None else f"{n:,}"


def tokens(n: int | None) -> str:
    """Tokens in four characters or so: 912, 8.1k, 12.4M, 1.2G."""
    if n is None:
        return "—"
    value = float(n)
    for unit in ("", "k", "M", "G"):
        if value < 999.5 or unit == "G":
            return (
                f"{n}"
                if not unit
                else f"{value:.1f}{unit}"
                if value < 99.95
                else f"{value:.0f}{unit}"
            )
        value /= 1000
    return str(n)


def money(nano: int | None, *, unpriced: int = 0) -> str:
    """US dollars from nano-dollars: two digits, four below a cent. `—` if nothing is known, a `+`
    if some has no price."""
    if nano is None or (nano == 0 and unpriced):
        return "—"
    dollars = nano / 1e9
    text = f"${dollars:,.2f}" if dollars >= 0.01 or nano == 0 else f"${dollars:.4f}"
    return text + ("+" if unpriced else "")


def least(nano: int | None, unpriced: int = 0, lower_bound: int = 0) -> str:
    """The same in words: `at least` where some has no price or some output is known in part only.
    unpriced, lower_bound: numbers of responses."""
    text = money(nano) if nano or not unpriced else "—"
    bound = nano and (unpriced or lower_bound)
    return f"at least {text}" if bound else text


def span(ms: int | None) -> str:
    """A length of time: 42 s, 7 min, 3h 05m, 12d 4h."""
    if ms is None:
        return "—"
    seconds = ms // 1000
    if seconds < 60:
        return f"{seconds} s"
    if seconds < 3600:
        return f"{seconds // 60} min"
    if seconds < 100 * 3600:
        return f"{seconds // 3600}h {seconds % 3600 // 60:02d}m"
    return f"{seconds // 86400}d {seconds % 86400 // 3600}h"


def percent(part: float, whole: float = 1, digits: int = 1) -> str:
    """A share: 4.1%; `—` of nothing."""
    return "—" if not whole else f"{100 * part / whole:.{digits}f}%"


def size(n: int) -> str:
    """Bytes: 12 kB, 3.4 MB, 1.2 GB."""
    value = float(n)
    for unit in ("bytes", "kB", "MB", "GB"):
        if value < 1000 or unit == "GB":
            return f"{n} bytes" if unit == "bytes" else f"{value:.1f} {unit}"
        value /= 1000
    return str(n)


def partial(responses: str) -> str:
    """The note under costs of responses whose output Claude Code logged only in part."""
    return f"Claude Code logged partial output for {responses}, so the real cost is higher."


def assumed(n: int) -> str:
    """The note under costs that partly rest on an assumed price."""
    return f"Assumed price for {plural(n, 'response')}: no source confirms it for that date."
