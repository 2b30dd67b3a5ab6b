"""Projects: one folder however it is spelled, worktrees with their repository, and neighbours that are neither."""

from __future__ import annotations

from tests.corpus.kit.case import Story, Want, case, want
from tests.corpus.kit.lines import CWD, A, B, C, D, bash

OF_DEMO, OF_ANOTHER = {"project_name": "demo"}, {"project_name": "demo-v2"}
MADE = "Preparing worktree (new branch 'fix')\nHEAD is now at 1a2b3c4 begin"


@case(
    "one-folder-of-windows",
    "A drive letter has no case: the terminal writes C:, an editor c:, WSL /mnt/c, a program \\\\?\\C:. One project.",
    "V20",
)
def one_folder_of_windows(s: Story) -> Want:
    for name, cwd in ((A, "C:\\Users\\dev\\demo"), (B, "c:\\Users\\dev\\demo\\"), (C, "/mnt/c/Users/dev/demo"),
                      (D, "\\\\?\\C:\\Users\\dev\\demo")):  # fmt: skip
        s.session(name, slug=name[:1], cwd=cwd).turn()
    return want(session_count=4, cost_nano=17_200_000, sessions=dict.fromkeys((A, B, C, D), OF_DEMO))


@case(
    "worktrees-that-are-gone",
    "Worktrees inside the repository and in a folder beside it belong to it; a neighbour with a longer name does not.",
    "V20",
)
def worktrees_that_are_gone(s: Story) -> Want:
    s.session(A, cwd=CWD).turn()
    s.session(B, slug="b", cwd=f"{CWD}/.worktrees/fix/src").turn()
    s.session(C, slug="c", cwd=f"{CWD}.worktrees/fix").turn()
    s.session(D, slug="d", cwd=f"{CWD}-v2").turn()
    return want(session_count=4, cost_nano=17_200_000, sessions=dict.fromkeys((A, B, C), OF_DEMO) | {D: OF_ANOTHER})


@case(
    "worktree-that-a-session-made",
    "`git worktree add` in one session says whose the folder is that another ran in; what git refused says nothing.",
    "V20",
)
def worktree_that_a_session_made(s: Story) -> Want:
    f = s.session(A, cwd=CWD)
    f.typed()
    f.reply(bash("1", "git worktree add -b fix ../fix main"), bash("2", "git worktree add ../demo-v2"), stop="tool_use")
    f.result("1", MADE)
    f.result("2", "fatal: '../demo-v2' already exists", error=True)
    f.reply()
    s.session(B, slug="b", cwd="/home/dev/fix/src").turn()
    s.session(C, slug="c", cwd=f"{CWD}-v2").turn()
    return want(session_count=3, tool_calls=2, cost_nano=17_200_000, sessions={A: OF_DEMO, B: OF_DEMO, C: OF_ANOTHER})


@case(
    "worktree-that-the-client-tells-of",
    "A `worktree-state` record names the worktree that a session is in and the folder that it came from.",
    "V20",
)
def worktree_that_the_client_tells_of(s: Story) -> Want:
    f = s.session(A, slug="a", cwd="/srv/trees/side")
    f.turn()
    f.bare("worktree-state", sessionId=A, worktreeSession={"originalCwd": CWD, "preEnterOriginalCwd": CWD, "worktreeName": "side",
           "worktreePath": "/srv/trees/side", "worktreeBranch": "worktree-side", "sessionId": A})  # fmt: skip
    f.bare("worktree-state", sessionId=A, worktreeSession=None)
    s.session(B, cwd=CWD).turn()
    return want(session_count=2, cost_nano=8_600_000, sessions={A: OF_DEMO, B: OF_DEMO})
