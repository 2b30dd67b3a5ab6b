"""What every page has to be, whatever the light and the width."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tools.browser import AXE

WIDE = "document.documentElement.scrollWidth"


def faults(page) -> list[tuple[str, str]]:
    """What axe finds wrong on a page: the rule, and the first place."""
    found = page.evaluate(AXE.read_text("utf-8") + ";axe.run()")
    return [(each["id"], each["nodes"][0]["html"]) for each in found["violations"]]


def walk(page, home: str, paths: Iterable[str]) -> Iterator[tuple[str, str, int]]:
    """Opens every page in light and dark, narrow and wide, and holds it to be accessible and to
    fit; gives where it is, for what else there is to look at."""
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (360, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            for path in paths:
                page.goto(home + path)
                assert faults(page) == [], (path, scheme, width)
                assert page.evaluate(WIDE) <= width, path
                yield path, scheme, width
