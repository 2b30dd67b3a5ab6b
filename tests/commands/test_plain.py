"""Nothing that a terminal obeys comes out of a transcript."""

from __future__ import annotations

from accrete.text.plain import plain
from tests.transcripts import Transcript

ESCAPE, TURNED = "\x1b[31m", "\u202e"


def test_nothing_that_a_terminal_obeys_comes_out_of_a_transcript(run, kept, tmp_path):
    t = Transcript(1)
    t.prompt(f"Tit{ESCAPE}le {TURNED}turned\nsecond")
    t.answer("msg_1", model=f"mod{ESCAPE}el-x")
    t.call("Bash", {"command": f"echo {ESCAPE}x"}, message_id="msg_2", use="toolu_2")
    t.result(f"bad {ESCAPE}", use="toolu_2", error=True)
    kept(t)
    for words in (
        ("sessions",),
        ("doctor",),
        ("cost", "--by", "model"),
        ("cost", "--by", "session"),
        ("show", "latest"),
        ("search", "turned"),
        (),
    ):
        out = run(*words)[1]
        assert "\x1b" not in out, words
        assert TURNED not in out, words
    for ending in ("md", "html"):
        file = tmp_path / f"page.{ending}"
        assert run("export", str(file))[0] == 0
        assert not {"\x1b", TURNED} & set(file.read_text("utf-8"))


def test_whole_escape_sequences_go():
    assert plain("a\x1b]0;title\x1b\\b\x1b]8;;http://x\x07c\x1b[1md") == "abcd"
