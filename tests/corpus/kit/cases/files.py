"""Files as they are found: torn, glued, repaired, empty, in odd encodings. Nothing raises, nothing good is lost."""

from __future__ import annotations

from typing import Any

from tests.corpus.kit.case import Story, Want, case, want
from tests.corpus.kit.lines import FIRST, MIDDLE, OPUS, SLUG, A, B, bash, result_block, text, to_line, usage

TURN: dict[str, Any] = {"responses": {"main": 1}, "human_prompts": 1, "cost_nano": 4_300_000}


@case(
    "torn-tail",
    "The last line stops in the middle: what stands before it counts, the torn line is a line without a record.",
    "B38",
)
def torn_tail(s: Story) -> Want:
    f = s.session()
    f.turn()
    f.raw(b'{"type":"user","message":{"role":"user","content":"Half a pro')
    return want(lines=3, malformed=1, recovered=0, record_types={"user": 1, "assistant": 1}, session_count=1, **TURN)


@case(
    "no-final-newline",
    "The last line is whole but its newline is missing: it counts.",
    "V16",
    "B38",
)
def no_final_newline(s: Story) -> Want:
    f = s.session()
    f.turn()
    f.pieces[-1] = f.pieces[-1].rstrip(b"\n")
    return want(lines=2, malformed=0, recovered=0, record_types={"user": 1, "assistant": 1}, session_count=1, **TURN)


@case(
    "glued-objects",
    "A lost newline glues two records on one line, and a record to a torn one: every whole record counts.",
    "V16",
    "B38",
)
def glued_objects(s: Story) -> Want:
    f = s.session()
    f.turn()
    f.turn("Now a test.")
    f.pieces[1] = f.pieces[1].rstrip(b"\n")
    f.pieces[3] = f.pieces[3].rstrip(b"\n") + b'{"type":"user","mess\n'
    return want(
        lines=3, malformed=0, recovered=2, record_types={"user": 2, "assistant": 2}, human_prompts=2,
        responses={"main": 2}, cost_nano=8_600_000,
    )  # fmt: skip


@case(
    "carriage-returns",
    "Lines that end in CR LF, and lines of white space between them, are nothing special.",
    "B38",
)
def carriage_returns(s: Story) -> Want:
    f = s.session()
    f.turn()
    f.pieces[:] = [piece.replace(b"\n", b"\r\n") for piece in f.pieces]
    f.pieces.insert(1, b"\r\n  \t\r\n\n")
    return want(lines=2, malformed=0, recovered=0, record_types={"user": 1, "assistant": 1}, **TURN)


@case(
    "nul-bytes",
    "A crash leaves NULs in front of a record, and a line of nothing else: the record counts, the NULs hold none.",
    "B38",
)
def nul_bytes(s: Story) -> Want:
    f = s.session()
    f.turn()
    f.pieces[1] = b"\x00" * 64 + f.pieces[1]
    f.raw(b"\x00" * 32 + b"\n")
    return want(lines=3, malformed=1, recovered=1, record_types={"user": 1, "assistant": 1}, **TURN)


@case(
    "invalid-utf8",
    "A byte that is not UTF-8 costs a character, not the line.",
    "B38",
)
def invalid_utf8(s: Story) -> Want:
    f = s.session()
    f.turn("Mend the caf@ menu.")
    f.pieces[0] = f.pieces[0].replace(b"@", b"\xe9")
    return want(lines=2, malformed=0, recovered=1, record_types={"user": 1, "assistant": 1}, **TURN)


@case(
    "line-separators",
    "U+2028, U+2029, U+0085, vertical tab and form feed inside a text end no line.",
    "B38",
)
def line_separators(s: Story) -> Want:
    f = s.session()
    f.turn("One\u2028two\u2029three\u0085four\x0bfive\x0csix.")
    return want(lines=2, malformed=0, recovered=0, record_types={"user": 1, "assistant": 1}, **TURN)


@case(
    "byte-order-mark",
    "A byte-order mark in front of the first line does not hide it.",
    "B38",
)
def byte_order_mark(s: Story) -> Want:
    f = s.session()
    f.turn()
    f.pieces[0] = b"\xef\xbb\xbf" + f.pieces[0]
    return want(lines=2, malformed=0, recovered=1, record_types={"user": 1, "assistant": 1}, session_count=1, **TURN)


@case(
    "lone-surrogate",
    "Half of an emoji, escaped, is no character: the line counts after repair.",
    "B38",
)
def lone_surrogate(s: Story) -> Want:
    f = s.session()
    f.turn("A cut emoji @ here.")
    f.pieces[0] = f.pieces[0].replace(b"@", b"\\ud83d")
    f.turn("A whole one @ here.")
    f.pieces[2] = f.pieces[2].replace(b"@", b"\\ud83d\\ude00")
    return want(lines=4, malformed=0, recovered=1, human_prompts=2, responses={"main": 2}, cost_nano=8_600_000)


@case(
    "not-a-number",
    "NaN and Infinity are not JSON, yet some writers write them: the line counts after repair.",
    "B38",
)
def not_a_number(s: Story) -> Want:
    f = s.session()
    f.turn()
    f.system("turn_duration", durationMs="@")
    f.pieces[-1] = f.pieces[-1].replace(b'"@"', b"NaN")
    f.system("turn_duration", durationMs="@")
    f.pieces[-1] = f.pieces[-1].replace(b'"@"', b"-Infinity")
    return want(lines=4, malformed=0, recovered=2, record_types={"user": 1, "assistant": 1, "system": 2}, **TURN)


@case(
    "comment-lines",
    "An archiving tool puts // lines in front: lines without a record.",
    "V17",
    "B38",
)
def comment_lines(s: Story) -> Want:
    f = s.session(version=FIRST)
    f.raw(b'// exported by a tool\n// {"type":"user"}\n')
    f.turn()
    return want(lines=4, malformed=2, recovered=0, record_types={"user": 1, "assistant": 1}, **TURN)


@case(
    "not-objects",
    "Arrays, numbers, strings, null and plain words are lines without a record.",
    "B38",
)
def not_objects(s: Story) -> Want:
    f = s.session()
    f.raw(b'[]\n42\n"text"\nnull\nTerminated\n[{"type":"user"}]\n')
    f.turn()
    return want(lines=8, malformed=6, recovered=0, record_types={"user": 1, "assistant": 1}, **TURN)


@case(
    "pretty-printed",
    "A whole document of another tool, printed over many lines and named .jsonl, holds no record and no session.",
    "V17",
)
def pretty_printed(s: Story) -> Want:
    document = b'{\n  "sessionId": "11111111-0000-4000-8000-000000000001",\n  "messages": [\n    "Hello"\n  ]\n}\n'
    s.put(f"projects/{SLUG}/11111111-0000-4000-8000-000000000001.jsonl", document)
    s.session(A).turn()
    return want(lines=8, malformed=6, recovered=0, session_count=1, record_types={"user": 1, "assistant": 1}, **TURN)


@case(
    "empty-files",
    "Files of no bytes, or of blank lines only, hold no lines and no sessions.",
    "V17",
)
def empty_files(s: Story) -> Want:
    s.put(f"projects/{SLUG}/{A}.jsonl", b"")
    s.put(f"projects/{SLUG}/{B}.jsonl", b"\n \n\r\n")
    return want(
        lines=0, malformed=0, recovered=0, record_types={}, session_count=0, human_prompts=0, responses={}, tokens={},
        cost_nano=0, tool_calls=0,
    )  # fmt: skip


@case(
    "bookkeeping-only",
    "A file with one file-history-snapshot, and one with summaries, name no session.",
    "V11",
    "V17",
)
def bookkeeping_only(s: Story) -> Want:
    f, g = s.session(A, version=MIDDLE), s.session(B, version=FIRST)
    f.bare("file-history-snapshot", messageId=s.ids.uuid(), isSnapshotUpdate=False,
           snapshot={"messageId": "x", "trackedFileBackups": {}, "timestamp": "2026-09-01T10:00:00.000Z"})  # fmt: skip
    g.bare("summary", summary="Mending add", leafUuid="99999999-0000-4000-8000-000000000001")
    g.bare("summary", summary="Writing docs", leafUuid="99999999-0000-4000-8000-000000000002")
    return want(
        lines=3, malformed=0, record_types={"file-history-snapshot": 1, "summary": 2}, session_count=0, human_prompts=0,
        responses={}, cost_nano=0,
    )  # fmt: skip


@case(
    "same-file-by-link",
    "A link to a project folder and one to a file reach the same transcript again: read once.",
    "B34",
    "V20",
)
def same_file_by_link(s: Story) -> Want:
    s.session().turn()
    s.link("projects/-home-dev-link", f"projects/{SLUG}")
    s.link(f"projects/-home-dev-other/{A}.jsonl", f"projects/{SLUG}/{A}.jsonl")
    return want(lines=2, record_types={"user": 1, "assistant": 1}, session_count=1, **TURN)


@case(
    "same-session-in-two-files",
    "A copy of the transcript lies under another project's folder: the lines are there twice, the "
    "session's work is not.",
    "B34",
    "V20",
)
def same_session_in_two_files(s: Story) -> Want:
    f = s.session()
    f.turn()
    s.put(f"projects/-home-dev-backup/{A}.jsonl", f.content)
    return want(
        lines=4, record_types={"user": 2, "assistant": 2}, session_count=1, **TURN,
        sessions={A: {"prompts": 1, "responses_own": 1, "cost_own_nano": 4_300_000}},
    )  # fmt: skip


@case(
    "outputs-beside",
    "What is kept beside a transcript (tool results, plans, other JSON) is no transcript.",
    "B34",
    "V5",
)
def outputs_beside(s: Story) -> Want:
    f = s.session()
    f.turn()
    folder = f"projects/{SLUG}/{A}"
    s.put(f"{folder}/tool-results/b0x7q3utm.txt", to_line({"type": "user", "message": {"content": "no"}}))
    s.put(f"{folder}/custom-title.json", b'{"customTitle":"no"}')
    s.put(f"projects/{SLUG}/memory/MEMORY.md", b"# Memory\n")
    s.put("plans/a-plan.md", b"# Plan\n")
    s.put(f"projects/{SLUG}/{B}.jsonl.bak", f.content.replace(A.encode(), B.encode()))
    s.put(f"projects/{SLUG}/odd.jsonl/note.txt", b"A folder may be called so.\n")
    return want(lines=2, record_types={"user": 1, "assistant": 1}, session_count=1, **TURN)


@case(
    "long-line",
    "A line of 300 kB, mostly an image, is one line.",
    "V20",
    "B37",
)
def long_line(s: Story) -> Want:
    f = s.session()
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo" * 27_000}}
    f.typed([text("What is this?"), image])
    f.reply()
    return want(lines=2, malformed=0, recovered=0, record_types={"user": 1, "assistant": 1}, **TURN)


@case(
    "deep-nesting",
    "A line nested ten thousand levels deep stops no reader; the lines around it count.",
    "B38",
)
def deep_nesting(s: Story) -> Want:
    f = s.session()
    f.typed()
    f.raw(b'{"type":"system","subtype":"odd","deep":' + b"[" * 10_000 + b"]" * 10_000 + b"}\n")
    f.reply()
    return want(lines=3, session_count=1, **TURN)


@case(
    "stream-json-kept",
    "The output of `claude -p --output-format stream-json`, kept as a file: its lines name the session as `session_id` and "
    "have no time; the `result` says what the client thinks it cost.",
    "B34",
)
def stream_json_kept(s: Story) -> Want:
    f = s.session("nightly")
    f.bare("system", subtype="init", session_id=A, cwd="/home/dev/demo", claude_code_version=MIDDLE, tools=[], uuid=s.ids.uuid())
    for block, stop in ((bash("1"), None), (text("Done."), "end_turn")):
        message = {"id": s.ids.message(), "type": "message", "role": "assistant", "model": OPUS, "content": [block],
                   "stop_reason": stop, "usage": usage()}  # fmt: skip
        f.bare("assistant", message=message, parent_tool_use_id=None, session_id=A, uuid=s.ids.uuid())
        if stop is None:
            f.bare("user", message={"role": "user", "content": [result_block("1")]}, session_id=A, uuid=s.ids.uuid())
    f.bare("result", subtype="success", total_cost_usd=0.0086, session_id=A, uuid=s.ids.uuid())
    return want(
        lines=5, session_count=1, responses={"main": 2}, tools={"Bash": 1}, tool_calls=1, cost_nano=8_600_000,
        sessions={A: {"responses_own": 2, "cost_own_nano": 8_600_000, "title": "nightly", "automated": 1}},
    )  # fmt: skip


@case(
    "conversation-without-ids",
    "Lines without any session id, in a file whose name is none: a session named by the file, with its cost.",
    "B34",
)
def conversation_without_ids(s: Story) -> Want:
    f = s.session("pair")
    f.extra = {"sessionId": None}
    f.turn()
    return want(lines=2, session_count=1, **TURN)
