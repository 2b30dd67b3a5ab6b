"""What every page has to be, whatever the light and the width."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tests.fuzz import TORTURE
from tools.browser import AXE

WIDE = "document.documentElement.scrollWidth"
RUN = "axe.run({resultTypes: ['violations']})"
"""Only what is wrong is worked out in full: it takes a quarter of the time."""


def faults(page) -> list[tuple[str, str]]:
    """What axe finds wrong on a page: the rule, and the first place."""
    page.evaluate(AXE.read_text("utf-8") + ";0")
    found = page.evaluate(RUN)
    return [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]]


def follow(page, selector: str) -> None:
    """Clicks what leads to another page, and waits until that one is read: a click alone gives back
    control while the page before still stands, or while none does."""
    with page.expect_navigation():
        page.click(selector)


def walk(page, home: str, paths: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Opens every page narrow and wide, and holds it to be accessible and to fit; gives where it
    is, for what else there is to look at. Every page is seen light in one width and dark in the
    other, and axe looks at one of these, by turns; in `make torture` all is seen and looked at."""
    for turn, width in enumerate((360, 1280)):
        page.set_viewport_size({"width": width, "height": 900})
        for at, path in enumerate(paths):
            lights = ("light", "dark")
            for light in lights if TORTURE else lights[(at + turn) % 2 :][:1]:
                page.emulate_media(color_scheme=light)
                page.goto(home + path)
                assert page.evaluate(f"matchMedia('(prefers-color-scheme: {light})').matches")
                assert page.evaluate(WIDE) <= width, path
                if TORTURE or at // 2 % 2 == turn:
                    assert faults(page) == [], (path, width, light)
            yield path, width
