"""What a session served, by the files that were edited: names and folders of the project only."""

from __future__ import annotations

import pytest

from accrete.database import Sqlite
from accrete.ingest import ingest
from accrete.outcomes.story import is_test, within
from tests.transcripts import Transcript


def category(settings, cwd: str, *files: str) -> tuple[str | None, str | None]:
    t = Transcript(1, cwd=cwd)
    t.prompt("Go through the totals of the cart, please")
    for n, file in enumerate(files):
        t.call(
            "Edit",
            {"file_path": f"{cwd}/{file}", "old_string": "a", "new_string": "b"},
            message_id=f"msg_{n}",
            use=f"toolu_{n}",
        )
        t.result("The file has been updated.", use=f"toolu_{n}")
    t.answer("msg_end", blocks=[{"type": "text", "text": "Done."}])
    t.write(settings.roots[0] / "projects")
    ingest(settings)
    db = Sqlite(settings.database)
    ((value, reason),) = db.run("SELECT category, category_reason FROM session")
    db.close()
    return value, reason


@pytest.mark.parametrize("above", ["test", "tests", "testing", "spec", "e2e"])
def test_the_folder_in_which_a_project_lies_makes_no_tests_of_it(settings, above):
    value, reason = category(settings, f"/home/kim/{above}/shop", "src/cart.ts", "src/total.ts")
    assert (value, reason) != ("test", "only tests were edited")


@pytest.mark.parametrize("above", ["helm", "terraform", "k8s"])
def test_the_folder_in_which_a_project_lies_makes_no_operations_of_it(settings, above):
    value, _ = category(settings, f"/home/kim/{above}/shop", "chart/values.yaml", "src/cart.go")
    assert value != "operate"


@pytest.mark.parametrize(
    "file",
    ["terraform/parser.go", "src/dockerfile_lint.py", "src/DockerfileEditor.tsx",
     "src/compose.yaml.ts", "helm/render.rs"],
)  # fmt: skip
def test_code_about_the_surroundings_is_none_of_them(settings, file):
    assert category(settings, "/w/shop", file)[0] != "operate"


@pytest.mark.parametrize(
    "file",
    ["Dockerfile", "docker/Dockerfile.prod", "compose.yml", "docker-compose.override.yml",
     "Jenkinsfile", "terraform/main.tf", "helm/shop/values.yaml", "k8s/shop.yaml",
     ".github/workflows/ci.yml"],
)  # fmt: skip
def test_files_of_the_surroundings_are_operations(settings, file):
    assert category(settings, "/w/shop", file)[0] == "operate"


@pytest.mark.parametrize(
    "path",
    ["src/latest.py", "fetchLatest.ts", "contest.rb", "src/fastest.go", "greatest.js", "attest.rs",
     "src/protests.py", "inspect.py", "src/testimony.py", "", None],
)  # fmt: skip
def test_a_word_that_ends_like_a_test_is_none(path):
    assert not is_test(path)


@pytest.mark.parametrize(
    "path",
    ["test_cart.py", "src/cart_test.go", "cart_spec.rb", "cart-test.js", "cart.test.ts",
     "cart.spec.tsx", "CartTest.java", "CartTests.cs", "CartTests.swift", "tests.py", "test.js",
     "tests/cart.py", "src/__tests__/cart.js", "e2e/cart.ts", "Tests/Cart.swift",
     "test_cart.data.py", "src\\test\\java\\Cart.java", "cart.e2e.spec.ts", "Cart2Test.kt"],
)  # fmt: skip
def test_what_holds_tests_is_known_by_its_name_or_folder(path):
    assert is_test(path)


def test_a_path_is_told_from_the_outermost_folder_that_the_session_worked_in():
    trees = ("/home/kim/test/shop/src", "/home/kim/test/shop", "/home/kim/test/shopping")
    assert within("/home/kim/test/shop/src/cart.py", trees) == "src/cart.py"
    assert within("/home/kim/test/other/cart.py", trees) == "/home/kim/test/other/cart.py"
    assert within("c:\\test\\shop\\src\\cart.py", ("C:\\test\\shop",)) == "src/cart.py"
