"""Cases of the client 2.1.329 (November 2026)."""

from __future__ import annotations

from tests.corpus.kit.case import want
from tests.corpus.kit.client import ClientCase, tokens

OPUS = "claude-opus-5-5"

NEWEST: tuple[ClientCase, ...] = (
    ClientCase(
        "client-2.1.329-tools",
        "Five print-mode runs: a fix with a commit (6 answers), two searches (3 each), five mistakes and a last word (6), "
        "a long output (3).",
        ("A2", "B41", "V1", "V14"),
        want(
            lines=179,
            malformed=0,
            recovered=0,
            session_count=5,
            human_prompts=5,
            prompts={"typed": 5},
            responses={"main": 21},
            by_model={OPUS: 21},
            tool_calls=19,
            tools={"Bash": 8, "Edit": 2, "Glob": 2, "Grep": 2, "NoSuchTool": 1, "Read": 3, "Write": 1},
            # The search without the tools: Grep, Glob. The mistakes: Read twice, Bash, Edit, NoSuchTool.
            tool_errors={"Grep": 1, "Glob": 1, "Read": 2, "Bash": 1, "Edit": 1, "NoSuchTool": 1},
            tool_rejected=0,
            tokens=tokens(63, 887, 191_714, 58_432, 43_833, 14_599),
            unpriced_responses=0,
            # 63 x 4,000 + 887 x 20,000 + 191,714 x 200 + 43,833 x 5,000 + 14,599 x 8,000
            cost_nano=392_291_800,
            cost_delegated_nano=0,
            subagent_spawns=0,
            agents=0,
            compactions=0,
            plan_mode_files=0,
            sessions={
                "07374a48-a0c7-4174-aaaf-cc7da4e249eb": {"prompts": 1, "responses_own": 6, "automated": 1},
                "d0863c63-1cea-4357-8007-1550e89c7e65": {"prompts": 1, "responses_own": 6, "automated": 1},
            },
        ),
    ),
    ClientCase(
        "client-2.1.329-subagents",
        "Seven print-mode runs with subagents: one (2 + 3 answers), two at once (2 + 4), in the background with a "
        "notification (3 + 2), nested (2 + 4), failing (3 + 0), a fork whose file repeats the parent's line (2 + 2), one "
        "resumed by SendMessage (5 + 4).",
        ("A8", "A9", "A10", "A12", "A21", "V5"),
        want(
            lines=400,
            malformed=0,
            recovered=0,
            session_count=7,
            human_prompts=7,
            prompts={"typed": 7},
            responses={"main": 19, "delegated": 19, "synthetic": 1},
            by_model={OPUS: 36, "claude-haiku-5-5": 2},
            tools={"Agent": 10, "Bash": 4, "Read": 5, "SendMessage": 1, "ToolSearch": 1},
            tool_calls=21,
            tool_errors={"Agent": 2},
            tool_rejected=0,
            subagent_spawns=10,
            agents=9,
            tokens=tokens(114, 1218, 255_601, 152_488, 114_376, 38_112),
            tokens_delegated=tokens(57, 503, 110_590, 45_711, 34_288, 11_423),
            # main 57 x 4,000 + 715 x 20,000 + 145,011 x 200 + 80,088 x 5,000 + 26,689 x 8,000 = 657,482,200
            # delegated: two of claude-haiku-5-5 (100, 125, 200, 10, 500), the rest of claude-opus-5-5 = 278,347,285
            cost_nano=935_829_485,
            cost_delegated_nano=278_347_285,
            unpriced_responses=0,
        ),
    ),
    ClientCase(
        "client-2.1.329-tui",
        "One interactive session: seven typed prompts, one queued and absorbed, one shell line; a call refused, a stream "
        "and a tool cut off by Esc.",
        ("A13", "B40", "V7", "V10"),
        want(
            lines=84,
            malformed=0,
            recovered=0,
            session_count=1,
            human_prompts=8,
            prompts={"typed": 7, "shell": 1, "queued": 1},
            responses={"main": 10},
            tools={"Bash": 3, "Write": 1},
            # Bash: the readme refused, the sleep stopped by Esc, which the client writes down as refused too.
            tool_errors={"Bash": 2},
            tool_rejected=2,
            tokens=tokens(30, 293, 131_184, 15_117, 11_342, 3_775),
            # 30 x 4,000 + 293 x 20,000 + 131,184 x 200 + 11,342 x 5,000 + 3,775 x 8,000
            cost_nano=119_126_800,
            sessions={"ae988d54-4a78-4c87-81d5-0033f5ba13dc": {"prompts": 8, "responses_own": 10, "automated": 0}},
        ),
    ),
    ClientCase(
        "client-2.1.329-commands",
        "Custom commands, skills and built-in commands in print mode and interactively, two skills run as forks, and a "
        "session begun by /clear.",
        ("B40", "B41", "V8", "V10", "V11"),
        want(
            lines=416,
            malformed=0,
            recovered=0,
            session_count=13,
            human_prompts=22,
            # Typed are also `/survey all` and `/no-such-command x`, which the client wrote as plain text.
            # None is queued: `/cost` stands in the queue, and in its user line under its other name, `/usage`.
            prompts={"typed": 7, "slash": 15, "queued": 0},
            responses={"main": 16, "delegated": 4},
            by_model={OPUS: 18, "claude-sonnet-5": 2},
            tools={"Bash": 2, "Skill": 3},
            tool_errors={"Skill": 1},
            subagent_spawns=0,
            agents=2,
            compactions=0,
            tokens=tokens(60, 317, 94_886, 155_894, 116_930, 38_964),
            tokens_delegated=tokens(12, 86, 13_330, 13_466, 10_102, 3_364),
            # main, two of them of claude-sonnet-5 (2,000, 2,500, 4,000, 200, 10,000), 767,934,700; delegated
            # 12 x 4,000 + 86 x 20,000 + 13,330 x 200 + 10,102 x 5,000 + 3,364 x 8,000 = 81,856,000
            cost_nano=849_790_700,
            cost_delegated_nano=81_856_000,
            sessions={
                "81cfbb64-1758-4776-8803-55100ea4c316": {"prompts": 9, "title": "new-name", "automated": 0},
                "6c1f4037-e54a-4599-bf59-b2c57ad08812": {"prompts": 2, "responses_own": 1, "automated": 0},
                "da071fe2-6161-4c3b-b727-31a2893daada": {"prompts": 1, "responses_own": 0, "automated": 1},
            },
        ),
    ),
    ClientCase(
        "client-2.1.329-compact",
        "Three sessions, each compacted once: by /compact with instructions, by /compact in print mode, and by itself.",
        ("A23", "B40", "V19"),
        want(
            lines=186,
            malformed=0,
            recovered=0,
            session_count=3,
            human_prompts=10,
            prompts={"typed": 8, "slash": 2},
            responses={"main": 10},
            compactions=3,
            tools={"Bash": 1, "Read": 1},
            tokens=tokens(965_027, 170, 94_969, 39_906, 29_932, 9_974),
            # 965,027 x 4,000 + 170 x 20,000 + 94,969 x 200 + 29,932 x 5,000 + 9,974 x 8,000; no long-context price
            cost_nano=4_111_953_800,
            sessions={
                "148dd17a-9aa6-4c91-898f-3f480e90f937": {"prompts": 3, "responses_own": 2, "automated": 1},
                "3ea0f800-2995-42d3-b7d3-d2911b573acc": {"prompts": 3, "responses_own": 4, "automated": 1},
                "e70eefec-6c57-47db-b339-e17822cc1eab": {"prompts": 4, "responses_own": 4, "automated": 0},
            },
        ),
    ),
    ClientCase(
        "client-2.1.329-resume",
        "A session resumed, continued, rewound, forked by --fork-session and by /branch; a client killed in a tool and "
        "resumed; others ended by signals.",
        ("A5", "A13", "B39", "V3", "V12"),
        want(
            lines=349,
            malformed=0,
            recovered=0,
            session_count=9,
            human_prompts=15,
            prompts={"typed": 15},
            responses={"main": 17, "synthetic": 1},
            tools={"Bash": 1, "Edit": 1, "Read": 2},
            tool_errors={"Bash": 1},
            tool_rejected=0,
            tokens=tokens(51, 271, 97_096, 138_468, 103_857, 34_611),
            # 51 x 4,000 + 271 x 20,000 + 97,096 x 200 + 103,857 x 5,000 + 34,611 x 8,000
            cost_nano=821_216_200,
            sessions={
                # Its first turns stand in both forks too, and are its own.
                "11111111-2222-4333-8444-555555555555": {"prompts": 6, "responses_own": 9},
                "1fd71218-b0cc-4b33-86c4-b224ad6254c7": {"prompts": 1, "responses_own": 1, "automated": 1},
                "3cc80b7f-0c37-452d-b553-a83f04171682": {"prompts": 1, "responses_own": 1, "title": "side-branch"},
                "1f5dcf61-fcbb-4f8c-8074-24ff7cd9d45e": {"prompts": 2, "responses_own": 2},
                "b2970383-b2ee-41b2-a4b0-8e0f1e77cc92": {"prompts": 1, "responses_own": 1},
                "f5f74126-86ac-466d-acb0-e35937f93fa9": {"prompts": 1, "responses_own": 0, "cost_own_nano": 0},
            },
        ),
    ),
    ClientCase(
        "client-2.1.329-plan",
        "Plan mode from the start with a plan rejected and then approved, plan mode entered by the model, and plan mode "
        "in print mode.",
        ("B40", "V9", "V14"),
        want(
            lines=164,
            malformed=0,
            recovered=0,
            session_count=3,
            human_prompts=4,
            prompts={"typed": 4},
            responses={"main": 18},
            plan_mode_files=3,
            tools={
                "AskUserQuestion": 1,
                "Edit": 2,
                "EnterPlanMode": 1,
                "ExitPlanMode": 4,
                "Read": 1,
                "ToolSearch": 3,
                "Write": 3,
            },
            tool_calls=15,
            tool_errors={"Edit": 1, "ExitPlanMode": 2},
            tool_rejected=1,
            tokens=tokens(54, 710, 208_228, 78_763, 59_081, 19_682),
            # 54 x 4,000 + 710 x 20,000 + 208,228 x 200 + 59,081 x 5,000 + 19,682 x 8,000
            cost_nano=508_922_600,
        ),
    ),
    ClientCase(
        "client-2.1.329-background",
        "Background commands, a monitor, timers and workflows, in print mode and interactively: notifications come as "
        "turns of their own.",
        ("A8", "B40", "V5", "V8"),
        want(
            lines=396,
            malformed=0,
            recovered=0,
            session_count=7,
            human_prompts=9,
            prompts={"typed": 9},
            responses={"main": 36, "delegated": 4},
            by_model={OPUS: 40},
            agents=4,
            subagent_spawns=0,
            tools={
                "Bash": 4,
                "CronCreate": 1,
                "CronDelete": 1,
                "CronList": 1,
                "Monitor": 2,
                "TaskStop": 1,
                "ToolSearch": 4,
                "Workflow": 2,
            },
            tool_calls=16,
            tool_errors={"CronDelete": 1},
            tokens=tokens(120, 1011, 385_217, 169_151, 126_876, 42_275),
            tokens_delegated=tokens(12, 28, 14_235, 14_229, 10_672, 3_557),
            # main 108 x 4,000 + 983 x 20,000 + 370,982 x 200 + 116,204 x 5,000 + 38,718 x 8,000 = 985,052,400
            # delegated 12 x 4,000 + 28 x 20,000 + 14,235 x 200 + 10,672 x 5,000 + 3,557 x 8,000 = 85,271,000
            cost_nano=1_070_323_400,
            cost_delegated_nano=85_271_000,
            sessions={"64c510e1-b5a0-43f7-bf69-495a3bd9b0d5": {"prompts": 3, "responses_own": 12, "automated": 0}},
        ),
    ),
    ClientCase(
        "client-2.1.329-teams",
        "An agent team, interactively and in print mode: teammates inside the lead's process, mail both ways, shared tasks.",
        ("B40", "V6", "V5"),
        want(
            lines=239,
            malformed=0,
            recovered=0,
            session_count=2,
            human_prompts=3,
            prompts={"typed": 3},
            responses={"main": 20, "delegated": 17},
            by_model={OPUS: 37},
            agents=4,
            subagent_spawns=4,
            tools={"Agent": 4, "Read": 3, "SendMessage": 8, "TaskCreate": 2, "TaskUpdate": 4, "ToolSearch": 4},
            tool_calls=25,
            tool_errors={"TaskUpdate": 2},
            tokens=tokens(111, 1322, 451_934, 111_802, 83_864, 27_938),
            tokens_delegated=tokens(51, 605, 147_623, 44_781, 33_590, 11_191),
            # main 60 x 4,000 + 717 x 20,000 + 304,311 x 200 + 50,274 x 5,000 + 16,747 x 8,000 = 460,788,200
            # delegated 51 x 4,000 + 605 x 20,000 + 147,623 x 200 + 33,590 x 5,000 + 11,191 x 8,000 = 299,306,600
            cost_nano=760_094_800,
            cost_delegated_nano=299_306_600,
            sessions={
                "86a5764e-8bac-4ff1-8487-d138370ea67e": {"prompts": 1, "automated": 1},
                "add03828-165c-4304-aa5e-bf9c7262c08c": {"prompts": 2, "automated": 0},
            },
        ),
    ),
    ClientCase(
        "client-2.1.329-gitpr",
        "A branch, a push and a pull request, whose link is written twice; then two looks at it.",
        ("V11", "V14"),
        want(
            lines=91,
            malformed=0,
            recovered=0,
            session_count=3,
            human_prompts=3,
            prompts={"typed": 3},
            responses={"main": 6},
            tools={"Bash": 3},
            tool_errors={},
            pull_request_links=1,
            tokens=tokens(18, 197, 38_472, 39_933, 29_952, 9_981),
            # 18 x 4,000 + 197 x 20,000 + 38,472 x 200 + 29,952 x 5,000 + 9,981 x 8,000
            cost_nano=241_314_400,
        ),
    ),
    ClientCase(
        "client-2.1.329-errors",
        "Overloads, limits, refusals and cuts: retries are system lines, nine last failures are <synthetic>; of fourteen "
        "answers two were empty and left no line.",
        ("A21", "A23", "V12"),
        want(
            lines=458,
            malformed=0,
            recovered=0,
            session_count=17,
            human_prompts=18,
            prompts={"typed": 18},
            responses={"main": 12, "synthetic": 9},
            by_model={OPUS: 12},
            api_errors=19,
            unpriced_responses=0,
            tool_calls=0,
            tokens=tokens(36, 134, 103_255, 51_101, 38_329, 12_772),
            # 36 x 4,000 + 134 x 20,000 + 103,255 x 200 + 38,329 x 5,000 + 12,772 x 8,000
            cost_nano=317_296_000,
        ),
    ),
)
