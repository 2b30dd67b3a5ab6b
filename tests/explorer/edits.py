"""Sessions that edit files, as Claude Code writes them down."""

from __future__ import annotations

from typing import Any

from tests.outcomes.test_folding import patch_of
from tests.transcripts import Transcript

ROOT = "/home/dev/demo"


def hunks(old: str, new: str) -> list[dict[str, Any]]:
    """The structuredPatch of an edit."""
    found: list[dict[str, Any]] = []
    for line in patch_of(old, new).split("\n"):
        if line.startswith("@@ -"):
            start, after = (int(word[1:]) for word in line.split(" ")[1:3])
            found.append({"oldStart": start, "newStart": after, "lines": []})
        elif found:
            found[-1]["lines"].append(line)
    for hunk in found:
        hunk["oldLines"] = sum(line[0] in " -" for line in hunk["lines"])
        hunk["newLines"] = sum(line[0] in " +" for line in hunk["lines"])
    return found


class Editing(Transcript):
    """A session whose calls each get a result; counts its calls."""

    used = 0

    def did(self, tool: str, given: dict[str, Any], text: str = "ok", told: Any = None,
            **fields: Any) -> None:  # fmt: skip
        """A call and its result."""
        self.used += 1
        use = f"toolu_{self.session[:8]}_{self.used}"
        self.call(tool, given, message_id=f"msg_{self.session[:8]}_{self.used}", use=use)
        self.result(text, use=use, told=told, **fields)

    def edit(self, path: str, old: str, new: str, *, asked: tuple[str, str] | None = None,
             shown: tuple[str, str] | None = None, **told: Any) -> None:  # fmt: skip
        """An edit of a whole text. asked: old and new text in the input; shown: as in the patch."""
        before, after = asked or (old, new)
        given = {"file_path": f"{ROOT}/{path}", "old_string": before, "new_string": after}
        outcome = {
            "filePath": given["file_path"],
            "structuredPatch": hunks(*(shown or (old, new))),
            "userModified": False,
            **told,
        }
        self.did("Edit", given, told=outcome)

    def create(self, path: str, text: str) -> None:
        """A new file."""
        given = {"file_path": f"{ROOT}/{path}", "content": text}
        told = {"type": "create", "content": text, "structuredPatch": [], **given}
        self.did("Write", given, told=told)
