"""What every page has to be, whatever the light and the width."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tools.browser import AXE

WIDE = "document.documentElement.scrollWidth"
RUN = "axe.run({resultTypes: ['violations']})"
"""Only what is wrong is worked out in full: it takes a quarter of the time."""


def faults(page) -> list[tuple[str, str]]:
    """What axe finds wrong on a page: the rule, and the first place."""
    page.evaluate(AXE.read_text("utf-8") + ";0")
    return _wrong(page)


def _wrong(page) -> list[tuple[str, str]]:
    found = page.evaluate(RUN)
    return [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]]


def walk(page, home: str, paths: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Opens every page narrow and wide, and holds it to be accessible, light and dark, and to fit;
    gives where it is, for what else there is to look at."""
    for width in (360, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        for path in paths:
            page.emulate_media(color_scheme="light")
            page.goto(home + path)
            assert page.evaluate(WIDE) <= width, path
            assert faults(page) == [], (path, width, "light")
            page.emulate_media(color_scheme="dark")
            assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
            assert _wrong(page) == [], (path, width, "dark")
            yield path, width
