"""Search finds words whatever stands beside them, alike on both engines, and says where and when
they stand."""

from __future__ import annotations

import json
import unicodedata
from typing import NamedTuple

import pytest

from accrete.database import Postgres, Sqlite
from accrete.derive.refresh import refresh
from accrete.ingest import ingest
from accrete.queries.scope import Scope
from accrete.queries.search import find, search, terms_of
from accrete.record import store
from accrete.record.readers import read_job
from accrete.text.terms import words
from accrete.transcript.discover import discover
from accrete.transcript.read import Job
from tests.patience import least, thread_s
from tests.records import called, rows
from tests.transcripts import START, Transcript, fork

pytestmark = pytest.mark.long

TEXTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "请重跑gen-itgc后再看日志": (("日志", "gen", "itgc", "gen-itgc", "重跑gen", "itgc后",
                          "gen 日志", "GEN*"), ("志日", "genitgc")),
    "已经在checkout.ts里修好了": (("checkout", "checkout.ts", "checkout.ts里", "在checkout",
                            "checkout.ts 里", "修好"), ("里checkout",)),
    "重さ5㎏と㌔、㌦建て": (("5kg", "5㎏", "㌔", "キロ", "ドル", "㌦建", "さ5kg"), ("kgキ",)),
    "用ｎｐｍ跑 ＴＥＳＴ": (("npm", "用npm跑", "ｎｐｍ", "test", "ｔｅｓｔ"), ("npmtest",)),
    "ログをdocker composeで確認": (("ログ", "docker", "docker compose", "composeで", "確認"),
                           ("グロ",)),
    "ﾛｸﾞをviteで消す": (("ログ", "ﾛｸﾞ", "vite", "viteで"), ("ロゴ",)),
    "캐시를redis로 옮겨줘": (("redis", "redis로", "캐시", "캐시를redis"), ("시캐",)),
    "รันpytestแล้วดูไม้": (("pytest", "pytestแล้ว", "รัน", "ไม้"), ("ไมั", "รนpytest")),
    "ແກ້webpackດຽວນີ້": (("webpack", "ແກ້webpack"), ("webpac",)),
    "ដំណើរការeslintឥឡូវ": (("eslint", "eslintឥឡូវ", "ដំណើរការ"), ("eslin",)),
    "terraformကိုစစ်ပါ": (("terraform", "terraformကို"), ("terra form",)),
    "файлrollup.config готов": (("rollup", "файл", "rollup.config"), ("файлы",)),
    "תריץ בpnpm עכשיו": (("pnpm", "בpnpm"), ("npm-run",)),
    "部署🚀prod完成✅": (("🚀", "prod", "部署🚀", "✅", "prod完成"), ("🎉",)),
    "升级到v1.2.3版本": (("v1.2.3", "v1.2.3版", "v1.2*", "升级"), ("v1.2.4",)),
    "修复snake_case_name和camelCaseName和kebab-case-name": (
        ("snake_case_name", "camelCaseName", "camelcasename", "kebab-case-name", "修复snake",
         "kebab"), ("snake_name", "casename"),
    ),
    "请@octocat看#123的C++代码": (("@octocat", "octocat", "#123", "123", "C++", "c++代码",
                              "#123的"), ("#12",)),
    "打开/srv/app/main.rs和https://example.test/a?b=1": (
        ("/srv/app/main.rs", "main.rs", "srv", "example.test", "打开/srv"), ('"srv main"',),
    ),
    "Cafe\u0301 nai\u0308ve résumé": (("café", "cafe", "naive", "resume", "RÉSUMÉ"), ("caf",)),
    "Ёлка растёт, самолет и йод": (("елка", "ёлка", "ЁЛКА", "растет", "самолёт", "йод",
                                   "е\u0308лка"), ("иод", "елк")),
    "ξέρω το πρωΐ ΟΔΌΣ": (("ξερω", "ΞΈΡΩ", "πρωι", "οδος", "οδός"), ("ξερ",)),
    "שָׁלוֹם וְגָדוֹל": (("שלום", "שָׁלוֹם", "וגדול"), ("שלו",)),
    "كَتَبَ مُحَمَّد مـــن": (("كتب", "محمد", "كَتَبَ", "من"), ("كت",)),
    "don’t “quote” it—here…ok": (("don't", "quote", "here", "it", "“quote”"), ("quotes",)),
    "नमस्ते npm को चलाओ": (("npm", "नमस्ते"), ("नमस",)),
}  # fmt: skip
"""Texts: what finds each, and what is not in it as written."""


@pytest.fixture
def both(settings, tmp_path, postgres_url):
    t = Transcript()
    for text in TEXTS:
        t.prompt(text)
    t.write(settings.roots[0] / "projects")
    dbs = (Sqlite(tmp_path / "one.db"), Postgres(postgres_url))
    for db in dbs:
        db.migrate()
        fill(db, settings)
    yield dbs
    for db in dbs:
        db.close()


def fill(db, settings) -> None:
    store.ensure_person(db, 1)
    for found in discover(settings.roots).files:
        for reading in read_job(
            Job(str(found.path), found.layout, found.session, found.agent, None, None), str
        ):
            with db.transaction():
                store.store_batch(db, reading.piece.batch, person=1, zone="UTC")
    refresh(db, 1, settings)


def plain(excerpt: str) -> str:
    return excerpt.translate({2: None, 3: None}).strip("…")


def texts(db, query: str) -> set[str]:
    hits = db.ask(search(Scope((1,)), query, dialect=db.dialect, limit=50))
    return {plain(hit.excerpt) for hit in hits}


@pytest.mark.long
def test_words_glued_to_scripts_without_spaces_are_found_on_both_engines(both):
    for text, (found, absent) in TEXTS.items():
        shown = unicodedata.normalize("NFC", text)
        for db in both:
            missed = [query for query in found if shown not in texts(db, query)]
            wrong = [query for query in absent if shown in texts(db, query)]
            assert (missed, wrong) == ([], []), (db.dialect, text)


@pytest.mark.long
def test_both_engines_find_the_same_places_for_every_query(both):
    queries = [query for found, absent in TEXTS.values() for query in (*found, *absent)]
    sqlite, postgres = both
    for query in queries:
        assert sqlite.ask(search(Scope((1,)), query, dialect="sqlite")) == postgres.ask(
            search(Scope((1,)), query, dialect="postgresql")
        ), query


@pytest.mark.long
def test_both_engines_find_the_same_forms_and_parts(both):
    sqlite, postgres = both
    queries = [query for found, absent in TEXTS.values() for query in (*found, *absent)]
    for query in (
        *queries,
        " ".join(queries[:9]),
        " ".join(queries[9:30]),
        *(f"{query}ing nosuchword" for query in queries),
    ):
        try:
            found = find(sqlite, Scope((1,)), query)
        except ValueError:
            continue
        assert found == find(postgres, Scope((1,)), query), query


ODD = (
    '"',
    '""',
    "*",
    "a*",
    "(",
    "NEAR(a b)",
    "a OR b",
    "^a",
    "a:b",
    "{a}",
    "-",
    "--",
    "a'b",
    "\\",
    "a\\",
    "%",
    "_",
    ";--",
    "\x01",
    "\ue000",
    "\u200b",
    "\ud7ff",
    "\udcff",
    "#\udcffa",
    "&|!",
    "a & !b",
    "<->",
    ":*",
    "'a':*",
    "ＡＮＤ",
    "🚀*",
    "日*志",
    "*日",
    "a\0b",
    "  ",
    "'",
    "$1",
    "?",
    "a" * 3000,
    "日" * 3000,
    " ".join(f"#{n}" for n in range(1500)),
)


@pytest.mark.long
def test_odd_characters_and_long_queries_break_no_search(both):
    for db in both:
        for query in ODD:
            try:
                find(db, Scope((1,)), query)
            except ValueError:
                assert not words(query), query


@pytest.mark.long
def test_deleted_and_changed_texts_leave_the_index_whatever_their_script(both):
    for db in both:
        rows = db.run("SELECT id, text FROM event WHERE kind = 'typed_prompt' ORDER BY id")
        with db.transaction():
            store.replace_event_texts(db, [("改写rewritten了", rows[0][0])])
            store.delete_events(db, [rows[1][0]])
        assert texts(db, "rewritten") == {"改写rewritten了"}
        assert not texts(db, "gen-itgc")
        assert not texts(db, "checkout")
        assert texts(db, "用npm跑")


def test_an_index_of_an_older_program_is_made_anew_from_the_stored_texts(settings):
    path = made(settings, "用npm跑", "请看日志")
    path.unlink()
    db = Sqlite(settings.database)
    db.run("INSERT INTO event_search (event_search) VALUES ('delete-all')")
    db.run("DELETE FROM fact WHERE name = 'search_index'")
    assert not texts(db, "npm")
    db.close()
    ingest(settings)
    db = Sqlite(settings.database)
    assert texts(db, "npm") == {"用npm跑"}
    assert texts(db, "日志") == {"请看日志"}
    store.rebuild_search(db)
    assert texts(db, "npm") == {"用npm跑"}
    db.close()


def made(settings, *prompts: str, **common):
    t = Transcript(**common)
    for n, text in enumerate(prompts):
        t.prompt(text)
        t.answer(f"msg_{n}", blocks=[{"type": "text", "text": f"Answered {n}"}])
    path = t.write(settings.roots[0] / "projects")
    ingest(settings)
    return path


class Printed(NamedTuple):
    """What a command left behind."""

    exit_code: int
    stdout: str
    stderr: str


@pytest.fixture
def cli(settings, monkeypatch, capsys):
    monkeypatch.setenv("ACCRETE_HOME", str(settings.home))
    monkeypatch.setenv("CLAUDE_CONFIG_DIR", str(settings.roots[0]))
    monkeypatch.setenv("TZ", "UTC")

    def run(*args: str) -> Printed:
        return Printed(*called(capsys, *args))

    return run


def hits(cli, *args: str):
    return json.loads(cli("search", "--json", *args).stdout)


def test_an_argument_with_spaces_is_a_phrase_and_several_are_words(settings, cli):
    made(settings, "please fix the cart now", "the cart needs a fix", "fix the\tCart*")
    assert len(hits(cli, "fix", "the", "cart")) == 3
    assert len(hits(cli, "fix the cart")) == 2
    assert len(hits(cli, "fix\u3000the cart")) == 2
    assert len(hits(cli, "fix the ca*")) == 2
    assert len(hits(cli, '"fix the cart"')) == 2


def test_a_phrase_that_nothing_has_falls_back_to_its_words_and_says_so(settings, cli):
    made(settings, "the cart needs a fix")
    found = cli("search", "fix the cart")
    assert "No exact match" in found.stdout
    assert "the cart needs a fix" in found.stdout
    assert "exactly" not in cli("search", "the cart").stdout
    assert "some of the words" in cli("search", "fix the car").stdout
    assert "Nothing found" in cli("search", "mend the car").stdout


def test_punctuation_that_belongs_to_a_word_is_looked_for_first(settings, cli):
    made(
        settings,
        "compile it with gcc -c",
        "port it to C++ please",
        "see #123",
        "123 lines",
        "ask @kim",
        "C# too",
    )
    assert [hit["prompt"] for hit in hits(cli, "C++")] == [2]
    assert [hit["prompt"] for hit in hits(cli, "c#")] == [6]
    assert [hit["prompt"] for hit in hits(cli, "#123")] == [3]
    assert [hit["prompt"] for hit in hits(cli, "@kim")] == [5]
    assert [hit["prompt"] for hit in hits(cli, "@123")] == [4, 3]


@pytest.mark.parametrize("query", ["!!!", "--", "。，！", '""', "***", "…", "(", "\u200b"])
def test_a_query_of_punctuation_alone_says_so(settings, cli, query):
    made(settings, "hello")
    found = cli("search", "--", query)
    assert found.exit_code == 2
    assert "Nothing to search for" in found.stderr


def test_a_hit_carries_its_prompt_and_its_time_and_show_opens_it(settings, cli):
    made(settings, "first thing", "second thing", "third needle")
    (hit,) = hits(cli, "needle")
    assert hit["prompt"] == 3
    assert hit["at"] == START + 5000
    assert [found["prompt"] for found in hits(cli, "answered 1")] == [2]
    assert cli("search", "needle").stdout.startswith(f"{hit['session'][:8]} 3  2026-09-21 14:13")
    opened = cli("show", hit["session"][:8], "3")
    assert "third needle" in opened.stdout
    assert "second thing" not in opened.stdout
    assert cli("show", hit["session"][:8], "3", "--range", "2").exit_code == 2


def test_what_a_subagent_did_belongs_to_the_prompt_that_started_it(settings, cli):
    t = Transcript()
    t.prompt("one")
    t.prompt("two")
    t.call("Agent", {"prompt": "look", "subagent_type": "Explore"}, use="toolu_a")
    t.result("done", use="toolu_a", told={"agentId": "abc123", "status": "completed"})
    t.prompt("three")
    path = t.write(settings.roots[0] / "projects")
    sub = Transcript(isSidechain=True, agentId="abc123", start=START + 3500)
    sub.answer("msg_sub", blocks=[{"type": "text", "text": "haystack in a subagent"}])
    folder = path.with_suffix("") / "subagents"
    folder.mkdir(parents=True)
    (folder / "agent-abc123.jsonl").write_bytes(sub.text())
    ingest(settings)
    (hit,) = hits(cli, "haystack")
    assert hit["prompt"] == 2


def test_moments_of_practices_and_thoughts_carry_their_prompt_and_time(settings, cli):
    t = Transcript()
    t.prompt("Look around")
    t.answer("msg_1")
    t.prompt("Fix it and test it")
    t.call(
        "Edit",
        {"file_path": "/home/dev/demo/a.py", "old_string": "a", "new_string": "b"},
        message_id="msg_2",
        use="u1",
    )
    t.result("ok", use="u1")
    t.call("Bash", {"command": "pytest -q"}, message_id="msg_3", use="u2")
    t.result("1 passed in 0.1s", use="u2")
    t.answer("msg_4", blocks=[{"type": "text", "text": "The needle is mended."}])
    t.write(settings.roots[0] / "projects")
    ingest(settings)
    (moment,) = json.loads(cli("practices", "verification", "--json").stdout)["moments"]
    assert (moment["prompt"], moment["at"]) == (2, START + 6000)
    shown = cli("practices", "verification").stdout
    assert f"2026-09-21 14:13  {t.session[:8]} 2" in shown
    assert f"{t.session[:8]} 2  2026-09-21 14:13" in cli("debug", "needle").stdout


def test_a_copied_place_is_shown_once_in_the_session_it_was_said_in(settings, cli):
    first = Transcript(1)
    for n in range(3):
        first.prompt(f"needle {n}")
        first.answer(f"msg_{n}")
    first.write(settings.roots[0] / "projects")
    for n in range(2, 14):
        fork(first, n, upto=len(first.lines)).write(settings.roots[0] / "projects")
    ingest(settings)
    found = hits(cli, "needle", "-n", "3")
    assert [hit["excerpt"] for hit in found] == ["**needle** 2", "**needle** 1", "**needle** 0"]
    assert {hit["session"] for hit in found} == {first.session}


@pytest.mark.long
def test_since_and_until_go_by_the_local_day_of_the_hit_in_its_sessions_zone(settings, cli):
    hour = 3_600_000
    midnight = START - START % (24 * hour)  # 2026-09-21 00:00 UTC
    for n, zone in enumerate(("Pacific/Kiritimati", "UTC", "Pacific/Pago_Pago"), 1):
        t = Transcript(n, start=midnight - 30 * hour)
        for step in range(60):
            t.prompt(f"needle {step}", after_ms=hour)
        t.write(settings.roots[0] / "projects")
        ingest(settings)
        db = Sqlite(settings.database)
        db.run(
            "UPDATE session SET zone = ?, zone_assumed = 0, stale = 1 WHERE id = ?",
            (zone, t.session),
        )
        db.close()
    ingest(settings)
    offsets = {f"{1:08x}": 14, f"{2:08x}": 0, f"{3:08x}": -11}
    for since, until in ((0, 0), (-1, 0), (0, 1), (None, 0), (0, None), (-1, -1)):
        days = [f"2026-09-{21 + day}" if day is not None else None for day in (since, until)]
        asked = [
            part
            for name, day in zip(("--since", "--until"), days, strict=True)
            if day
            for part in (name, day)
        ]
        expected = [
            (at, session)
            for session, offset in offsets.items()
            for at in (midnight - 29 * hour + step * hour for step in range(60))
            if (since is None or at + offset * hour >= midnight + since * 24 * hour)
            and (until is None or at + offset * hour < midnight + (until + 1) * 24 * hour)
        ]
        for limit in (5, 17, 1000):
            found = [
                (hit["at"], hit["session"][:8])
                for hit in hits(cli, "needle", *asked, "-n", str(limit))
            ]
            assert found == sorted(expected, key=lambda each: (-each[0], each[1]))[:limit], (
                since,
                until,
                limit,
            )


def test_terms_are_what_was_typed():
    assert [term.words for term in terms_of("fix the-cart 日志gen")] == [
        ("fix",),
        ("the", "cart"),
        ("日", "志", "gen"),
    ]
    assert terms_of('"a b*" c*') == terms_of('c* "a b*"')[::-1]


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        ("the migration failed", "migrate failing"),
        ("we run the tests", "running test"),
        ("deployed it", "deployment"),
        ("two queries", "query"),
        ("caching helps", "cache"),
        ("it crashes", "crashed"),
        ("stopped there", "stopping"),
        ("error handling", "errors handled"),
    ],
)
def test_other_forms_of_english_words_are_found_where_the_words_are_not(settings, cli, said, asked):
    made(settings, said, "something else")
    found = cli("search", *asked.split()).stdout
    assert "other forms of the words" in found
    assert "something else" not in found


def test_places_with_most_of_the_words_are_found_where_none_has_all(settings, cli):
    made(settings, "the login button is broken", "the logout button is blue", "nothing here")
    found = cli("search", "why", "is", "the", "login", "button", "on", "staging", "broken").stdout
    assert "some of the words" in found
    assert "login" in found
    assert "logout" not in found
    assert "nothing here" not in found
    assert "Nothing found" in cli("search", "zebra", "giraffe", "the").stdout
    assert "Nothing found" in cli("search", "猫犬鳥").stdout


@pytest.mark.long
@pytest.mark.parametrize(
    "asked", ["word{} ", '"word{} "', "word{}* ", "#word{} ", "wor-d{} ", "日{}"]
)
def test_a_pasted_page_is_looked_for_in_no_time(settings, cli, asked):
    made(settings, " ".join(f"word{n}" for n in range(3000)))
    page = "".join(asked.format(n) for n in range(4000))
    assert least(lambda: thread_s(lambda: cli("search", page)), 5) < 5
    terms = terms_of(page)
    assert sum(len(term.words) for term in terms) <= 24 * 24


def test_a_place_is_of_the_day_of_its_call_or_response_or_of_its_neighbours_if_misdated(
    settings, cli
):
    midnight = START - START % 86_400_000 + 86_400_000  # 2026-09-22 00:00 UTC
    t = Transcript(1, start=midnight - 90_000)
    t.prompt("go on", after_ms=0)
    t.answer("msg_1", blocks=[{"type": "text", "text": "first needle"}], after_ms=60_000, stop=None)
    t.answer("msg_1", blocks=[{"type": "text", "text": "second needle"}], after_ms=60_000)
    t.prompt("third needle", after_ms=60_000)
    t.lines[-1]["timestamp"] = "1970-01-01T00:00:00.000Z"
    t.answer("msg_2", after_ms=60_000)
    t.write(settings.roots[0] / "projects")
    ingest(settings)
    assert rows(settings, "SELECT at FROM event WHERE text = 'third needle'") == [(None,)]
    for day, texts in (
        ("2026-09-21", {"first", "second"}),
        ("2026-09-22", {"third"}),
        ("2026-09-23", set()),
    ):
        found = hits(cli, "needle", "--since", day, "--until", day)
        assert {hit["excerpt"].split()[0] for hit in found} == texts
        assert {hit["excerpt"].split()[0] for hit in hits(cli, "needle", "--until", day)} >= texts
