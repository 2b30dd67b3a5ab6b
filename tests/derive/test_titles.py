"""No session is without a title where anything was said, and the title says what the work was.

Longer than a module should be because tables of prompts and their titles are read as one piece.
"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accrete.database import Sqlite
from accrete.derive.continuing import only_continues
from accrete.derive.refresh import _SUMMED_UP
from accrete.derive.title import (
    LONGEST,
    Said,
    answer_title,
    given_title,
    prompt_title,
    weak_title,
    written_title,
)
from accrete.ingest import ingest
from accrete.record.store import FEW_SUMMARIES
from accrete.text.terms import words
from tests.records import other, record
from tests.transcripts import START, Transcript


def command(name: str, args: str = "") -> Said:
    text = (
        f"<command-message>{name}</command-message>\n<command-name>/{name}</command-name>\n"
        f"<command-args>{args}</command-args>"
    )
    return Said("slash_command", text)


def shell(line: str) -> Said:
    return Said("shell_input", f"<bash-input>{line}</bash-input>")


def plan(text: str) -> Said:
    return Said("plan_handoff", f"Implement the following plan:\n\n{text}")


GOOD: list[tuple[list[Said | str], str]] = [
    (["Fix the login page"], "Fix the login page"),
    (["continue", "Fix the login page"], "Fix the login page"),
    (["go on", "yes", "ok, thanks!", "Fix the login page"], "Fix the login page"),
    (["Hello", "Hi Claude!", "Fix the login page"], "Fix the login page"),
    (["Hey Claude, fix the login page"], "fix the login page"),
    (["Hi - fix the login page"], "fix the login page"),
    (["Hello there: fix the login page"], "fix the login page"),
    (["1. Good morning! Fix the login page"], "Fix the login page"),
    (["Check how they work"], "Check how they work"),
    (["Port the Delphi component"], "Port the Delphi component"),
    (["Let the bot say hello to everybody"], "Let the bot say hello to everybody"),
    (["Hello world in Rust please"], "Hello world in Rust please"),
    (["Hi-fi player: mend its volume"], "Hi-fi player: mend its volume"),
    (["hi can you fix the login page"], "can you fix the login page"),
    (["Hi,fix the login page"], "fix the login page"),
    (["see [docs](https://example.test/a_(b) \"The docs\") now"], "see docs now"),
    (["これは**重要**です、直して"], "これは重要です、直して"),
    (["<task>Fix the login page</task>"], "Fix the login page"),
    (["<task> Fix the login page\nand the cart </task>"], "Fix the login page"),
    (["<a><b>Fix the login page</b></a>"], "Fix the login page"),
    (["<notes>\nold things\n</notes> Fix the login page now"], "old things"),
    (["Why is this red? [Image #1] [Image #2]"], "Why is this red?"),
    (["[WIP] mend the parser", "Use blue"], "[WIP] mend the parser"),
    (["The docs that I wrote are wrong:\n- one\n- two"], "The docs that I wrote are wrong: one"),
    (["Kim wrote:\n> the cart is red\n\nMake it blue please"], "Make it blue please"),
    (["Kim <kim@example.com> schrieb am 2.11.:\n> rot\n\nMach ihn bitte blau"],
     "Mach ihn bitte blau"),
    (["⏺ I have mended it\n\nclaude please look again"], "claude please look again"),
    (["✻ Done\n\n  Opus 4.5 (1M) · Claude Max\n\nwhy is it slow"], "why is it slow"),
    (["继续", "请修复登录页面"], "请修复登录页面"),
    (["続けて", "ログイン画面を直して"], "ログイン画面を直して"),
    (["weiter", "ja", "Die Anmeldung geht nicht"], "Die Anmeldung geht nicht"),
    (["[Image #1]", "Fix the login page"], "Fix the login page"),
    (["[Image #1] [Image #2] Fix the login page"], "Fix the login page"),
    (["'/tmp/a shot.png' Why is this red?"], "Why is this red?"),
    (["[Pasted text #1 +20 lines]\nWhy does it fail?"], "Why does it fail?"),
    (['<pasted_content id="1">\nERROR no space left\n</pasted_content>\nWhy does it fail?'],
     "Why does it fail?"),
    (["kim@host:~$ make test\nmake: *** [test] Error 1\n\nWhy does it fail?"], "Why does it fail?"),
    (["2026-11-01 10:00:00 ERROR no space left\n2026-11-01 10:00:01 INFO retry\n"
      "Make room for it please"], "Make room for it please"),
    (['Traceback (most recent call last):\n  File "a.py", line 1\nValueError: no such thing'],
     "ValueError: no such thing"),
    (["fix this:\nTypeError: x is not a function"], "TypeError: x is not a function"),
    (["```\nlet x = 1;\n```\nExplain this snippet to me"], "Explain this snippet to me"),
    (["# Task\n\nAdd **dark mode** to the _settings_ page"], "Add dark mode to the settings page"),
    (["- [ ] first thing\n- [ ] second thing"], "first thing"),
    (["> see [the docs](https://example.test/x) on `npm run` here\n\nUpdate the docs link"],
     "Update the docs link"),
    (["See [the docs](https://example.test/x) on `npm run`"], "See the docs on npm run"),
    (["Rename __init__.py and *.py in src/**/x, keep snake_case_name"],
     "Rename __init__.py and *.py in src/**/x, keep snake_case_name"),
    (["<task>\nFix the login page\n</task>"], "Fix the login page"),
    (["<div>not centered</div> fix it"], "not centered fix it"),
    (["<p>Center</p> the <b>header</b> please"], "Center the <b>header</b> please"),
    (["Take out the second </div> please"], "Take out the second </div> please"),
    (["Fix the <div> wrapper"], "Fix the <div> wrapper"),
    (["<system-reminder>be nice</system-reminder>\nFix the login page"], "Fix the login page"),
    (["commit", "Now write the changelog"], "Now write the changelog"),
    (["commit"], "commit"),
    (["https://example.test/issues/7"], "https://example.test/issues/7"),
    (["https://example.test/issues/7 please have a look"],
     "https://example.test/issues/7 please have a look"),
    ([command("review", "123")], "/review 123"),
    ([command("init")], "/init"),
    ([command("init"), "Mend the cart, it counts twice"], "Mend the cart, it counts twice"),
    ([command("gsd:check-todos"), "5 seems like a great one to tackle"],
     "5 seems like a great one to tackle"),
    ([command("deploy"), "yes", "go on"], "/deploy"),
    ([command("deploy", "staging"), "Mend the cart"], "/deploy staging"),
    (["/survey", "Mend the cart"], "Mend the cart"),
    ([command("init"), *["ok"] * 6, "Mend the cart"], "/init"),
    ([command("plan", "Mend the cart now"), "Mend the cart now"], "Mend the cart now"),
    ([command("plan", "I have added the logos, show"), "I have added the logos, show them first"],
     "I have added the logos, show them first"),
    ([command("plan", "Mend the cart"), "With tests, please"], "/plan Mend the cart"),
    ([command("plan", "Mend the cart"), "Mend the login"], "/plan Mend the cart"),
    ([command("plan"), "Mend the cart"], "Mend the cart"),
    ([command("clear"), command("model", "opus"), command("deploy", "staging now")],
     "/deploy staging now"),
    ([command("clear"), "Fix the login page"], "Fix the login page"),
    (["/survey all"], "/survey all"),
    (["/login page shows 404", "Mend the cart"], "/login page shows 404"),
    (["/help text of the tool is wrong", "Mend the cart"], "/help text of the tool is wrong"),
    (["/clear", "Mend the cart"], "Mend the cart"),
    ([command("login", "page"), "Mend the cart"], "Mend the cart"),
    (["/home/kim/shop/cart.ts"], "/home/kim/shop/cart.ts"),
    ([shell("make test")], "! make test"),
    ([shell("ls"), shell("git status"), "Fix the login page"], "Fix the login page"),
    ([plan("# Add dark mode\n\n## Context\n\nUsers ask.")], "Add dark mode"),
    ([plan("# Plan: Add dark mode\n\nText.")], "Add dark mode"),
    ([plan("## Context\n\nPeople want *dark mode*.")], "People want dark mode."),
    ([plan("1. Split the parser\n2. Test it")], "Split the parser"),
    (["✅ ship it today"], "✅ ship it today"),
    (["No, use the other cache"], "No, use the other cache"),
    (["╭─────╮\n│ ✻ Welcome to Claude Code! │\n│ /help for help │\n╰─────╯\n\n> fix the login\n\n"
      "⏺ I have mended it"], "fix the login"),
    ([" ▐▛███▜▌   Claude Code v2.1.0\n▝▜█████▛▘  Opus 4.5 · Claude Max\n  ▘▘ ▝▝    ~/proj\n\n"
      "why does this fail?"], "why does this fail?"),
    (["│ > fix the login │\n⏺ Reading the file\n  ⎿  Read 20 lines"], "fix the login"),
    (["❯ fix the login\n● Bash(make test)\n  ⎿  ok"], "fix the login"),
    (["⏺ I have mended the login page\n\nthat is not true, look again"],
     "that is not true, look again"),
    (["✻ Welcome to Claude Code!\n\n  /help for help, /status for your current setup\n\n"
      "  cwd: /w/shop\n\n> add a cart"], "add a cart"),
    (["┌──────┬──────┐\n│ name │ size │\n└──────┴──────┘\nMake the table wider"],
     "Make the table wider"),
    (["\x1b[31mfix red thing\x1b[0m now"], "fix red thing now"),
    (["\x1b]0;title\x07\x1b[1;32mfix\x1b[m the \x1b[4mlogin\x1b[24m"], "fix the login"),
    (["<title>Fix login</title>"], "Fix login"),
    ([plan("| a | b |\n|---|---|\n| c d e | f g h |"), "Fix the login page"], "Fix the login page"),
    (["| step | what |\n|---|---|\n| 1 | x |\n\nDo these steps in order"],
     "Do these steps in order"),
    (["<fork-boilerplate>\nSTOP. READ THIS FIRST.\nYou are a fork.\n</fork-boilerplate>\n"
      "Your directive: check the tests"], "check the tests"),
    (["STOP. READ THIS FIRST.", "Check the tests"], "Check the tests"),
    (["On Mon, X wrote:\n> please fix\n> login\nCan you answer her today?"],
     "Can you answer her today?"),
    (["On page 2 do the following:\nmake it blue"], "On page 2 do the following: make it blue"),
    (["● first thing to do\n● second thing", "Fix the rest"], "first thing to do"),
    (["src\n├── cart.ts\n└── login.ts\nExplain this layout to me"], "Explain this layout to me"),
    (["On Mon, Nov 2, 2026 at 9:14 AM Kim <kim@example.com> wrote:\n> the cart is red\n\n"
      "Make it blue please"], "Make it blue please"),
    (["Am 02.11.2026 um 09:14 schrieb Kim:\n> der Korb ist rot\n\nMach ihn bitte blau"],
     "Mach ihn bitte blau"),
    (["Le lun. 2 nov. 2026 à 09:14, Kim a écrit :\n> rouge\n\nRends le panier bleu"],
     "Rends le panier bleu"),
    (["Stop the server when it is idle"], "Stop the server when it is idle"),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "title"), GOOD)
def test_the_first_prompt_that_says_something_is_the_title(asked, title):
    found = prompt_title(
        [each if isinstance(each, Said) else Said("typed_prompt", each) for each in asked]
    )
    assert found is not None
    assert found[0] == title


WHOLE = (
    "hi.js is failing",
    "hey.com login integration",
    "hello.py crashes on start",
    "Hello, world! is printed twice, why?",
    "Hey Siri support for the app",
    "Hello Kitty themed login page",
    "Good morning America banner should be centered",
    "<Foo> component does not render when List<String> is empty",
    "<button> needs a hover color",
    "<Foo /> is not rendered",
    "<div> should be centered and the </div> is missing",
    "</script> tag breaks the parser",
    "there is one </div> too many in <b></b>",
    "Fix **kwargs and *args handling in def f(**kwargs)",
    "x**2 + y**2 is wrong",
    "**/*.test.ts and **/*.spec.ts are excluded",
    "Call handlers[name](event) only once",
    ">= comparison is broken",
    "~/.bashrc alias is gone",
    "~100 requests fail",
    "rm should take *.o and *",
    "replace 'old.png' with 'new.png' in the header",
    "'logo.svg' should be bigger than \"icon.png\"",
    "Compare [Image #1] with [Image #2] please",
    "make it look like [Image #1]",
    "The [Image gallery] component is broken",
    "from now on, use tabs (not spaces)",
    "let us add caching; it is slow",
    "let me know what this repo does:",
    "import users from CSV; then dedupe",
    "class names should be kebab-case: fix them",
    "using the new API (v2), fetch users",
    "public API needs docs: write them",
    "package the app for macOS: dmg",
    "var names are too short (one letter)",
    "at line 5 there is a bug (see foo.ts)",
    "at the moment the login fails",
    'File "x.py" is missing',
    "commit 1234567 broke the login, revert it",
    "=== operator everywhere please",
    "Exit code 1 should be 2 here",
    "TypeError in login page",
    "2026-01-05 release notes need an entry",
    "12:30 reminder does not fire",
    "% of users is wrong on the dashboard",
    "Anna wrote that the page is slow:",
    "Check the mail from <kim@example.com> and answer:",
    "हिन्दी में लॉगिन पृष्ठ की त्रुटि ठीक करो",
    "แก้ไขหน้าล็อกอินที่พังอยู่ที่นี่",
)


@pytest.mark.parametrize("text", WHOLE)
def test_a_sentence_is_a_title_as_it_stands(text):
    assert prompt_title(
        [Said("typed_prompt", text), Said("typed_prompt", "Use the other one")]
    ) == (
        text,
        "prompt",
    )


LOGS = (
    "[vite] connected to the server",
    "at Foo (bar.js:1)",
    "at async run (/w/bar.js:1:2)",
    "at shop.Cart.total(Cart.java:3)",
    "at /w/bar.js:1:2",
    'File "x.py", line 3, in total',
    "commit 1234567 (HEAD -> main)",
    "=== FAILURES ===",
    "12:30:01 server started again",
    "12:30 INFO server started again",
    "2026-01-05 10:00 server started again",
    "2026-01-05 INFO server started again",
    "shop.CartError: no such thing",
    "import { total } from './cart'",
    "import os.path as p",
    "from shop import cart, total",
    "async function total(cart) {",
    "class Cart extends Base {",
    "class Cart:",
    "const total = cart.sum()",
    "let { a, b } = cart",
    "public static void main(String[] args) {",
    "public int total() {",
    "SELECT a, b FROM cart",
    "<Cart items={items} />",
)


@pytest.mark.parametrize("line", LOGS)
def test_a_line_of_a_log_or_of_code_goes_behind_a_sentence(line):
    assert prompt_title([Said("typed_prompt", f"{line}\n\nWhy does it fail?")]) == (
        "Why does it fail?",
        "prompt",
    )


BESIDE = (
    "*args", "**kwargs", "x**2", "<b>", "</div>", "'a.png'", "[Image #1]", "f[0](x)", "hi.js",
    "~/x", "__init__", "*", "$5", "%", ">=", "->", "~~", "`", "&&", "<T>", "{a}", "a_b_", "#42",
    "e.g.", "C:\\x", "@a/b", "hello,", "[x]", "- a", "1.", "wrote:", "|", "ERROR", "»", "—",
)  # fmt: skip


@given(st.lists(st.sampled_from([*BESIDE, "cart", "login", "page"]), min_size=1, max_size=9))
def test_no_word_is_lost_and_none_added_whatever_stands_between(said):
    text = " ".join(["Mend", *said, "now"])
    found = prompt_title([Said("typed_prompt", text)])
    assert found is not None
    assert words(found[0]) == words(text)


HOLD_GREETINGS = ("they", "the", "Delphi", "Gandhi", "hello", "hi", "hey", "say", "whey", "sushi")


@given(
    st.lists(st.sampled_from([*HOLD_GREETINGS, "how", "this", "works"]), min_size=3, max_size=12)
)
def test_a_title_is_made_of_whole_words_of_the_prompt(said):
    found = prompt_title([Said("prompt", " ".join(["Fix", *said]))])
    assert found is not None
    assert found[0] == " ".join(["Fix", *said])


NOTHING = (
    "continue",
    "Continue.",
    "go on!",
    "yes please",
    "ok thanks",
    "hi",
    "Hello Claude",
    "👍 ok",
    "fix this",
    "please fix these errors",
    "please continue from where you left off",
    "Continue from where you left off.",
    "mach bitte weiter",
    "继续吧",
    "続けてください",
    "계속 진행해줘",
    "continúa",
    "continue s'il te plaît",
    "ok, continue with the next step",
    "请继续刚才的工作",
    "そのまま続きをお願いします",
    "продолжай с того места, где остановился",
    "ga maar door",
    "devam et lütfen",
    "kontynuuj proszę",
    "اكمل من فضلك",
    "ทำต่อเลยครับ",
    "繼續",
    "keep going please",
    "vas-y, continue",
    "bitte fahre fort",
    "continue por favor de donde lo dejaste",
    "STOP. READ THIS FIRST.",
    " ▐▛███▜▌   Claude Code v2.1.0\n▝▜█████▛▘  Opus 4.5 · Claude Max",
    "│ ✻ Welcome to Claude Code! │",
    "| a | b |\n|---|---|\n| c | d |",
    "继续",
    "好的。",
    "はい",
    "네",
    "да",
    "oui merci",
    "???",
    "",
    "[Image #1]",
    "<local-command-caveat>Caveat: x</local-command-caveat>",
)


@pytest.mark.parametrize("text", NOTHING)
def test_what_says_nothing_gives_no_title_of_its_own(text):
    assert prompt_title([Said("typed_prompt", text)]) is None


@pytest.mark.parametrize(
    "unit",
    [
        "continue ",
        "continue, ",
        "yes ",
        "ok go on ",
        "では",
        "으로이어",
        "continue 続けて",
        "mach weiter ",
    ],
)
def test_a_prompt_that_says_the_same_again_and_again_is_read_at_once(unit):
    for ending in ("", "x", "with the plan"):
        found = prompt_title([Said("typed_prompt", unit * 60 + ending)])
        assert found is None or len(found[0]) <= LONGEST
    for times in range(1, 40):
        only_continues(f"続{unit * times}X")
    assert prompt_title([Said("typed_prompt", "continue " * 50)]) is None


def test_a_title_is_one_line_of_bounded_length_cut_between_words():
    title, _ = prompt_title([Said("typed_prompt", "please mend " + "the cart and " * 40)])
    assert len(title) <= LONGEST
    assert title.endswith(("cart…", "the…", "and…"))
    for text in (
        "x" * 10_000,
        "看" * 5_000,
        "a\tb\r\nc",
        "**" * 9_000 + "a b",
        "[" * 9_000 + " ab cd",
        "<a " * 9_000,
        "`" * 9_999 + "x y",
        "\n" * 19_000 + " " * 900 + "x y",
        ("│ " + " wrote " * 70 + "\n") * 200,
        "\x1b]" * 9_000 + "x y",
    ):
        found = prompt_title([Said("typed_prompt", text)])
        assert found is None or (len(found[0]) <= LONGEST and "\n" not in found[0])


def test_an_answers_first_sentence_stands_in_for_prompts_that_say_nothing():
    assert (
        answer_title(["Sure!", "Great! I'll mend the **parser** first. Then the rest."])
        == "I'll mend the parser first."
    )
    assert answer_title(["API Error: 500 something broke", "No response requested."]) is None
    assert answer_title(["API error handling is in one place now."]) is not None
    assert (
        answer_title(["Greatest common divisor, e.g. of 4 and 6, is done. Then more."])
        == "Greatest common divisor, e.g. of 4 and 6, is done."
    )
    assert answer_title(["我来修复登录页面。然后测试。"]) == "我来修复登录页面。"


def test_titles_that_somebody_gave_stay_but_for_lines_and_mark_up():
    assert given_title("  My *own*\nname ") == "My *own* name"
    assert given_title("<command-name>/clear</command-name>") is None
    assert given_title(" ") is None
    assert (
        weak_title([Said("typed_prompt", ""), Said("typed_prompt", "hi"), command("model")]) == "hi"
    )


@pytest.mark.parametrize(
    "text",
    [
        "continue with the parser",
        "keep the tests green",
        "go to the login page",
        "resume parser",
        "继续修复登录页面",
        "続けてログインを直して",
        "계속 로그인 고쳐줘",
        "weiter mit der Anmeldung",
        "продолжай писать тесты",
        "next release notes",
        "continúa con la página",
        "where were we",
        "do the task",
        "次の画面を直して",
        "",
    ],
)
def test_what_names_the_work_does_not_only_ask_to_go_on(text):
    assert not only_continues(text)


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("<title>Fix login</title>", "Fix login"),
        ("**Fix** `login`", "Fix login"),
        ("\x1b[31mRed\x1b[0m title", "Red title"),
        ("# Fix login", "Fix login"),
        ("Fix <b>the login</b> page", "Fix the login page"),
        ("<title></title>", None),
        ("\x1b[0m", None),
        ("Fix the <div> wrapper", "Fix the <div> wrapper"),
        ("<Cart> shows its total", "<Cart> shows its total"),
        ("Rename snake_case_name", "Rename snake_case_name"),
    ],
)
def test_a_title_that_a_model_wrote_has_no_mark_up(written, title):
    assert written_title(written) == title


def test_a_summary_alone_or_an_image_alone_is_a_title(settings):
    made = [Transcript(n, start=START + n * 1000) for n in range(1, 4)]
    made[0].lines.append(
        {
            "type": "summary",
            "summary": "**Cart** totals",
            "leafUuid": "x",
            "sessionId": made[0].session,
        }
    )
    made[1].prompt(
        [{"type": "image", "source": {"type": "base64", "data": "x", "media_type": "image/png"}}]
    )
    made[2].prompt("Fix the login page")
    made[2].lines.append(
        {"type": "summary", "summary": "Of another", "leafUuid": "x", "sessionId": made[2].session}
    )
    found = titled(settings, *made)
    assert [found[each.session] for each in made] == [
        ("Cart totals", "summary"), ("[Image]", "prompt"), ("Fix the login page", "prompt"),
    ]  # fmt: skip


@pytest.mark.long
@pytest.mark.parametrize("others", [0, FEW_SUMMARIES])
def test_one_of_few_or_of_many_summaries_in_another_file_names_its_session(settings, others):
    one, later = Transcript(1), Transcript(2)
    leaf = one.prompt("Fix the login page")
    assert titled(settings, one)[one.session] == ("Fix the login page", "prompt")
    for n in range(others):
        later.lines.append(
            {"type": "summary", "summary": f"Of another {n}", "leafUuid": f"leaf-{n}"}
        )
    later.lines.append(
        {"type": "summary", "summary": "The login page works again", "leafUuid": leaf}
    )
    later.prompt("Go on")
    assert titled(settings, one, later)[one.session] == ("The login page works again", "summary")
    clean = other(settings, "clean")
    ingest(clean)
    assert record(settings) == record(clean)
    later.lines.insert(0, {"type": "summary", "summary": "Nobody's", "leafUuid": "nowhere"})
    assert titled(settings, one, later)[one.session] == ("The login page works again", "summary")


def test_the_session_of_a_new_summary_is_looked_up_in_indexes(settings):
    one = Transcript(1)
    one.prompt("Fix the login page")
    titled(settings, one)
    db = Sqlite(settings.database, readonly=True)
    plan = [row[3] for row in db.run(f"EXPLAIN QUERY PLAN {_SUMMED_UP}", (1, "leaf"))]
    db.close()
    assert any(
        step.startswith("SEARCH t USING INDEX event_summary (person=? AND parent=?)")
        for step in plan
    ), plan
    assert any(
        step.startswith("SEARCH l ") and "(person=? AND session=? AND agent=? AND uuid=?)" in step
        for step in plan
    ), plan


def titled(settings, *made: Transcript) -> dict[str, tuple[str | None, str | None]]:
    for each in made:
        each.write(settings.roots[0] / "projects")
    ingest(settings)
    db = Sqlite(settings.database)
    found = {
        row[0]: (row[1], row[2]) for row in db.run("SELECT id, title, title_source FROM session")
    }
    db.close()
    return found


def test_no_session_is_untitled_where_anything_was_said(settings):
    made = [Transcript(n, start=START + n * 1000) for n in range(1, 10)]
    made[0].prompt(
        [{"type": "image", "source": {"type": "base64", "data": "x", "media_type": "image/png"}}]
    )
    made[0].answer("msg_1", blocks=[{"type": "text", "text": "This screen shows a broken cart."}])
    made[1].prompt("continue")
    made[1].answer("msg_2", blocks=[{"type": "text", "text": "Done."}])
    made[2].prompt("<command-name>/model</command-name>\n<command-args></command-args>")
    made[3].answer("msg_3", blocks=[{"type": "text", "text": "Great!"}])
    made[4].call("Bash", {"command": "make\ntest"}, message_id="msg_4")
    made[5].prompt(
        "Implement the following plan:\n\n# Add dark mode", planContent="# Add dark mode"
    )
    made[6].add("queue-operation", operation="enqueue", content="Look at the queue first")
    made[7].prompt("<bash-input>make test</bash-input>")
    made[8].add(
        "user",
        message={"role": "user", "content": "Map the loader"},
        isSidechain=True,
        agentId="abc",
    )
    found = titled(settings, *made)
    assert [found[each.session] for each in made] == [
        ("This screen shows a broken cart.", "answer"),
        ("continue", "prompt"),
        ("/model", "prompt"),
        ("Great!", "answer"),
        (None, None),
        ("Add dark mode", "plan"),
        ("Look at the queue first", "prompt"),
        ("! make test", "prompt"),
        ("Map the loader", "subagent"),
    ]


@pytest.mark.parametrize("said", ["?", "[Image #1]", "👍", "…", "!!!", "?\n\n?"])
def test_a_prompt_without_words_is_a_title_where_nothing_else_was_said(settings, said):
    alone, then = Transcript(1), Transcript(2)
    alone.prompt(said)
    then.prompt(said)
    then.prompt("Fix the login page")
    found = titled(settings, alone, then)
    assert found[alone.session] == (" ".join(said.split()), "prompt")
    assert found[then.session] == ("Fix the login page", "prompt")


def test_a_given_title_goes_before_every_prompt(settings):
    own, client = Transcript(1), Transcript(2)
    for t in (own, client):
        t.prompt("Fix the login page")
        t.answer(f"msg_{t.session[:8]}")
        t.lines.append(
            {"type": "ai-title", "aiTitle": "Login **page**\nmended", "sessionId": t.session}
        )
    own.lines.append({"type": "custom-title", "customTitle": "**Mine**", "sessionId": own.session})
    found = titled(settings, own, client)
    assert found[own.session] == ("**Mine**", "custom_title")
    assert found[client.session] == ("Login page mended", "ai_title")
