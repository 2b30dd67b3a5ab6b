"""Cases of older clients: 2.0.55 (November 2025) and 2.1.53 (February 2026)."""

from __future__ import annotations

from tests.corpus.kit.case import want
from tests.corpus.kit.client import ClientCase, tokens

OLDER: tuple[ClientCase, ...] = (
    ClientCase(
        "client-2.1.53-tools",
        "The runs of client-2.1.329-tools with a client of February 2026, which wrote the start usage on every line: "
        "output tokens are a lower bound.",
        ("A2", "V2", "V14"),
        want(
            lines=66,
            malformed=0,
            recovered=0,
            session_count=5,
            human_prompts=5,
            prompts={"typed": 5},
            responses={"main": 21},
            by_model={"claude-sonnet-4-6": 21},
            tool_calls=19,
            tools={"Bash": 8, "Edit": 2, "Glob": 2, "Grep": 2, "NoSuchTool": 1, "Read": 3, "Write": 1},
            tool_errors={"Read": 2, "Bash": 1, "Edit": 1, "NoSuchTool": 1},
            tool_rejected=0,
            tokens=tokens(63, 21, 346_148, 30_054, 22_544, 7_510),
            # 63 x 3,000 + 21 x 15,000 + 346,148 x 300 + 22,544 x 3,750 + 7,510 x 6,000
            cost_nano=233_948_400,
        ),
    ),
    ClientCase(
        "client-2.1.53-subagents",
        "Eight print-mode runs with subagents in February 2026: files without meta, progress records of hooks, a "
        "notification as a bare user line.",
        ("A8", "A9", "A12", "A21", "B40", "V2", "V5"),
        want(
            lines=133,
            malformed=0,
            recovered=0,
            session_count=8,
            human_prompts=8,
            prompts={"typed": 8},
            # explore 2 + 3, two at once 2 + 4, background 3 + 2, nested 2 + 2, failing 3 + 0, fork (not there yet) 2,
            # asked again 4 + 2, in a copy 2 + 2
            responses={"main": 20, "delegated": 15, "synthetic": 1},
            by_model={"claude-sonnet-4-6": 30, "claude-haiku-4-5-20251001": 5},
            tools={"Agent": 1, "Bash": 3, "Read": 4, "SendMessage": 1, "Task": 10, "ToolSearch": 1},
            tool_calls=20,
            tool_errors={"Agent": 1, "SendMessage": 1, "Task": 2},
            subagent_spawns=11,
            agents=8,
            tokens=tokens(105, 35, 494_202, 49_039, 36_785, 12_254),
            tokens_delegated=tokens(45, 15, 129_249, 27_832, 20_878, 6_954),
            # main 60 x 3,000 + 20 x 15,000 + 364,953 x 300 + 15,907 x 3,750 + 5,300 x 6,000 = 201,417,150
            # delegated: five of claude-haiku-4-5 (1,000, 1,250, 2,000, 100, 5,000), ten of claude-sonnet-4-6 = 108,930,300
            cost_nano=310_347_450,
            cost_delegated_nano=108_930_300,
            unpriced_responses=0,
        ),
    ),
    ClientCase(
        "client-2.0.55-subagents",
        "The same runs with a client of November 2025: subagents' files beside the sessions, and two warm-up agents a "
        "session that nobody called.",
        ("A8", "A9", "A12", "A21", "V5"),
        want(
            lines=99,
            malformed=0,
            recovered=0,
            session_count=8,
            human_prompts=8,
            prompts={"typed": 8},
            # as above, with 2 + 2 in the background; and 16 answers of warm-up agents
            responses={"main": 19, "delegated": 31, "synthetic": 1},
            by_model={"claude-sonnet-4-5-20250929": 37, "claude-haiku-4-5-20251001": 13},
            tools={"Agent": 1, "Bash": 3, "Read": 4, "SendMessage": 1, "Task": 10, "ToolSearch": 1},
            tool_calls=20,
            tool_errors={"Agent": 1, "SendMessage": 1, "Task": 2, "ToolSearch": 1},
            subagent_spawns=11,
            agents=24,
            tokens=tokens(150, 1413, 436_430, 50_211, 37_667, 12_544),
            tokens_delegated=tokens(93, 656, 135_392, 32_095, 24_076, 8_019),
            # main 57 x 3,000 + 757 x 15,000 + 301,038 x 300 + 13,591 x 3,750 + 4,525 x 6,000 = 179,953,650
            # delegated: 13 of claude-haiku-4-5, 18 of claude-sonnet-4-5 = 125,839,300
            cost_nano=305_792_950,
            cost_delegated_nano=125_839_300,
            unpriced_responses=0,
        ),
    ),
)
