"""Words are found in paths, hosts, and scripts without spaces, on both engines alike."""

from __future__ import annotations

import pytest

from accrete.database import Postgres, Sqlite
from accrete.queries.scope import Scope
from accrete.queries.search import search
from tests.people import fill
from tests.transcripts import Transcript

SAID = {
    "path": "Look at /home/dev/src/report.ts",
    "fix": "Fix the log-in dialogue, 100% of it",
    "host": "See www.example.com/log-in",
    "snake": "The under_score",
    "cjk": "请修复登录错误，在 login页面",
    "kana": "ユーザーログインを直して",
    "accents": "Fahr über die Straße",
    "hindi": "मुझे हिन्दी में लिखो",
    "school": "ÉCOLE, 学校",
}


@pytest.fixture(scope="module")
def talked(shared_settings, shared_postgres_url):
    """A record of each engine with a prompt for each of these texts; tests only read it."""
    for n, text in enumerate(SAID.values()):
        t = Transcript(n + 1)
        t.prompt(text)
        t.answer(f"msg_{n}", text="Done")
        t.write(shared_settings.roots[0] / "projects")
    shared_settings.home.mkdir(parents=True)
    dbs = Sqlite(shared_settings.home / "one.db"), Postgres(shared_postgres_url)
    for db in dbs:
        db.migrate()
        fill(db, shared_settings)
    yield dbs
    for db in dbs:
        db.close()


@pytest.mark.long
@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("report", {"path"}), ("src report.ts", {"path"}), ("repo*", {"path"}),
        ("log-in", {"fix", "host"}), ("log-i*", {"fix", "host"}),
        ('"in dialogue"', {"fix"}), ("example", {"host"}), ("under", {"snake"}), ("修复", {"cjk"}),
        ("登录 修复", {"cjk"}), ("错误 login", {"cjk"}),
        ("über", {"accents"}), ("straße", {"accents"}), ("हिन्दी", {"hindi"}),
        ("ÉCOLE 学校", {"school"}), ("école", {"school"}),
        ("login页", {"cjk"}), ("LOGIN页", {"cjk"}),
        ("ログイン", {"kana"}), ("修*", {"cjk"}), ('"登录错误"', {"cjk"}), ("错登", set()),
        ("100%", {"fix"}),
    ],
)  # fmt: skip
def test_words_are_found_in_paths_hosts_and_scripts_without_spaces(talked, words, found):
    for db in talked:
        hits = db.ask(search(Scope((1,)), words, dialect=db.dialect))
        names = [
            name
            for hit in hits
            for name, text in SAID.items()
            if _plain(hit.excerpt) in text or text in _plain(hit.excerpt)
        ]
        assert set(names) == found
        assert all("\x02" in hit.excerpt for hit in hits)
        assert len(hits) == len(found)


def _plain(excerpt: str) -> str:
    return excerpt.translate({2: None, 3: None}).strip("…")
