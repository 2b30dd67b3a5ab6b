"""Settings files as people have them: what Claude Code 2.1.329 reads, and what it leaves aside as a
whole."""

from __future__ import annotations

import json

FOREIGN = '{"hooks": [{"type": "command", "command": "say done"}]}'
DEEP = '{"deep": ' + "[" * 90 + "]" * 90 + "}"

READ: dict[str, bytes] = {
    "nothing in it": b"",
    "white space": b" \r\n\t\n",
    "an empty object": b"{}",
    "an empty object over lines": b"{\n\n}\n",
    "one line": b'{"model": "opus"}',
    "no space at all": b'{"model":"opus","env":{"A":"1"}}',
    "two spaces": b'{\n  "model": "opus",\n  "env": {\n    "A": "1"\n  }\n}\n',
    "four spaces": b'{\n    "model": "opus"\n}\n',
    "three spaces": b'{\n   "permissions": {\n      "allow": []\n   }\n}',
    "tabs": b'{\n\t"model": "opus",\n\t"hooks": {\n\t\t"PreToolUse": []\n\t}\n}\n',
    "tabs and spaces": b'{\n\t"model": "opus",\n  "env": {\n\t  "A": "1"}\n}',
    "carriage returns": b'{\r\n  "model": "opus"\r\n}\r\n',
    "both kinds of line ends": b'{\r\n  "model": "opus",\n  "env": {}\r\n}\n',
    "no newline at the end": b'{\n  "model": "opus"\n}',
    "several at the end": b'{\n  "model": "opus"\n}\n\n\n',
    "white space before": b'\n\n  {"model": "opus"}',
    "a byte order mark": b'\xef\xbb\xbf{\n  "model": "opus"\n}\n',
    "a byte order mark and nothing": b"\xef\xbb\xbf",
    "UTF-16 of PowerShell": '\ufeff{\r\n  "model": "opus",\r\n  "env": {"NAME": "Zoë"}\r\n'
                            '}\r\n'.encode("utf-16-le"),
    "Latin-1 letters": b'{\n  "env": {"NAME": "Zo\xeb"}\n}\n',
    "escapes": b'{\n  "env": {"A": "\\u00fc \\/ \\ud83d\\ude00 \\ud800"}\n}\n',
    "odd numbers": b'{"n": 1.50, "big": 1E5, "minus": -0, "long": 123456789012345678901234567890}',
    "the same key twice": b'{\n  "model": "opus",\n  "model": "sonnet"\n}\n',
    "hooks twice": ('{"hooks": {"Stop": []},\n "hooks": {"Stop": [' + FOREIGN + "]}}").encode(),
    "keys out of order": b'{"z": 1, "hooks": {}, "a": [ 1,2 ]}',
    "no hooks": b'{\n  "hooks": {}\n}\n',
    "hooks of null": b'{"hooks": null}',
    "an event of null": b'{"hooks": {"Stop": null}}',
    "empty lists": b'{"hooks": {"Stop": [], "SessionStart": [ ]}}',
    "an empty group": b'{"hooks": {"Stop": [{"hooks": []}]}}',
    "a group without hooks": b'{"hooks": {"Stop": [{"matcher": "x"}]}}',
    "a group that is none": b'{"hooks": {"Stop": [{"hooks": 5}, 7, null]}}',
    "somebody's hooks on one line": ('{"hooks": {"Stop": [' + FOREIGN + "]}}").encode(),
    "somebody's hooks over lines": json.dumps({"hooks": {"Stop": [json.loads(FOREIGN)]},
                                               "model": "opus"}, indent=2).encode(),
    "somebody's exec-form hook of a like name": b'{"hooks": {"Stop": [{"hooks": [{"type": '
                                                b'"command", "command": '
                                                b'"/opt/other/bin/accrete-hook", '
                                                b'"args": ["Stop"], "timeout": 10}]}]}}',
    "somebody's script of a like name": b'{"hooks": {"Stop": [{"hooks": [{"type": "command", '
                                        b'"command": "~/bin/accrete-hook Stop || true"}]}]}}',
    "somebody's capture.py": b'{"hooks": {"Stop": [{"hooks": [{"type": "command", "command": '
                             b'"python3", "args": ["-I", "/opt/x/bin/capture.py", "Stop"]}]}]}}',
    "an unknown event": b'{"hooks": {"NotYetKnown": [{"hooks": []}]}}',
    "unknown keys": b'{"$schema": "https://example.com/s.json", "mine": {"hooks": {"Stop": 1}}}',
    "a status line with padding": b'{\n  "statusLine": {\n    "type": "command",\n'
                                  b'    "command": "echo mine",\n    "padding": 0\n  }\n}\n',
    "a status line on one line": b'{"statusLine": {"padding": 2, "type": "command", "command": '
                                 b'"echo \\"mine\\"", "refreshInterval": 5}}',
    "a long retention": b'{"cleanupPeriodDays": 99999, "model": "opus"}',
    "a short retention": b'{\n  "cleanupPeriodDays": 7\n}\n',
    "deep nesting": DEEP.encode(),
}  # fmt: skip
"""Files that the client reads, hooks and all."""

LEFT_ASIDE: dict[str, tuple[bytes, str]] = {
    "a comment": (b'{\n  // mine\n  "model": "opus"\n}\n', "line 2, column 3"),
    "a block comment": (b'/* mine */\n{"model": "opus"}', "no comments"),
    "a comma too many": (b'{"model": "opus",}', "no comma after the last"),
    "a comma too many in a list": (
        b'{"permissions": {"allow": ["Bash",]}}',
        "no comma after the last",
    ),
    "a comma too few": (b'{"model": "opus" "env": {}}', "line 1"),
    "single quotes": (b"{'model': 'opus'}", "line 1"),
    "a cut file": (b'{"model": "opus", "hooks": {"Stop": [', "line 1"),
    "a list": (b'[{"model": "opus"}]', "not a JSON object"),
    "a text": (b'"opus"', "not a JSON object"),
    "not a number": (b'{"a": NaN}', "NaN is not JSON"),
    "infinity": (b'{"a": Infinity}', "Infinity is not JSON"),
    "a tab in a text": (b'{"a": "x\ty"}', "line 1"),
    "two objects": (b'{"a": 1}{"b": 2}', "line 1"),
    "merge marks": (b'{\n<<<<<<< HEAD\n  "model": "opus"\n=======\n>>>>>>> x\n}', "line 2"),
    "UTF-16 of the other order": ('\ufeff{"model": "opus"}'.encode("utf-16-be"), "line 1"),
    "half a character of UTF-16": ('\ufeff{"model": 1}'.encode("utf-16-le") + b" ", "UTF-16"),
    "hooks in a list": (b'{"hooks": []}', "`hooks` is not an object"),
    "an event that is no list": (b'{"hooks": {"Stop": {}}}', "`hooks.Stop` is not an array"),
    "nesting without end": (
        b'{"a": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        "cannot be read as JSON",
    ),
}
"""Files that cannot be changed safely, with a word of what is said of each."""
