"""Checks through task runners, scripts and whatever prints a test runner's last lines."""

from __future__ import annotations

import pytest

from accrete.outcomes.checks import checks_of
from accrete.outcomes.runners import runner_of
from accrete.outcomes.shell import commands
from tests.practices.examples import session
from tests.records import kept, rows

PYTEST = "==== 3 passed in 0.10s ===="
RED = "1 failed, 2 passed in 0.10s\n</output>"


def of(
    command: str, output: str = "", status: str = "ok", **more: bool
) -> list[tuple[str, str, str]]:
    """(kind, runner, verdict) of each check of a call."""
    return [
        check[:3] for check in checks_of(commands(command), status=status, output=output, **more)
    ]


@pytest.mark.parametrize(
    ("command", "kind", "runner"),
    [
        ("mise run test", "test", "mise"),
        ("mise r lint", "lint", "mise"),
        ("mise run //apps/web:typecheck", "lint", "mise"),
        ("make test-unit", "test", "make"),
        ("make -j8 VERBOSE=1 ci", "test", "make"),
        ("gmake check", "test", "make"),
        ("make lint test", "test", "make"),
        ("just test-all", "test", "just"),
        ("just typecheck", "lint", "just"),
        ("just build-release", "build", "just"),
        ("task ci", "test", "task"),
        ("task lint:go", "lint", "task"),
        ("npm run test:unit -- --run", "test", "npm"),
        ("npm run -s verify", "test", "npm"),
        ("npm run lint-fix", "lint", "npm"),
        ("npm run format:check", "lint", "npm"),
        ("npm run check-types", "lint", "npm"),
        ("npm -w web run e2e", "test", "npm"),
        ("pnpm -r test", "test", "npm"),
        ("pnpm verify", "test", "npm"),
        ("pnpm --filter web run typecheck", "lint", "npm"),
        ("yarn workspace web test:integration", "test", "npm"),
        ("yarn lint", "lint", "npm"),
        ("bun run verify", "test", "bun"),
        ("npx turbo run lint test", "test", "turbo"),
        ("turbo build --filter=web", "build", "turbo"),
        ("npx nx run web:test", "test", "nx"),
        ("nx run-many -t lint", "lint", "nx"),
        ("nx affected --target=test", "test", "nx"),
        ("moon run web:typecheck", "lint", "moon"),
        ("moon ci", "test", "moon"),
        ("deno task test", "test", "deno"),
        ("composer run-script phpstan", "lint", "composer"),
        ("poe test", "test", "poe"),
        ("uv run poe check", "test", "poe"),
        ("poetry run poe lint", "lint", "poe"),
        ("nox", "test", "nox"),
        ("nox -s lint", "lint", "nox"),
        ("uvx nox -s tests-3.12", "test", "nox"),
        ("tox -e py312", "test", "tox"),
        ("tox run -e mypy", "lint", "tox"),
        ("hatch run test", "test", "hatch"),
        ("hatch run lint:typing", "lint", "hatch"),
        ("hatch test", "test", "hatch"),
        ("pdm run lint", "lint", "pdm"),
        ("pixi run test", "test", "pixi"),
        ("uv run mypy src", "lint", "mypy"),
        ("inv test", "test", "inv"),
        ("bundle exec rake spec", "test", "rake"),
        ("bin/rails test:system", "test", "rails"),
        ("./gradlew :app:testDebugUnitTest", "test", "gradle"),
        ("./gradlew ktlintCheck", "lint", "gradle"),
        ("gradle clean build -x test", "build", "gradle"),
        ("mvn -B clean verify", "test", "maven"),
        ("mvn -DskipTests package", "build", "maven"),
        ("mvn spotless:check", "lint", "maven"),
        ("bazel test //...", "test", "bazel"),
        ("bazelisk build //app", "build", "bazel"),
        ("sbt clean test", "test", "sbt"),
        ("cargo xtask ci", "test", "cargo"),
        ("cargo make lint", "lint", "cargo"),
        ("pre-commit run --all-files", "lint", "pre-commit"),
        ("ng test --watch=false", "test", "ng"),
        ("./scripts/test.sh", "test", "script"),
        ("bash scripts/run-tests.sh --fast", "test", "script"),
        ("bin/check", "test", "script"),
        ("./dev test", "test", "script"),
        ("./x.py build", "build", "script"),
        ("script/cibuild", "test", "script"),
        ("python scripts/run_tests.py", "test", "script"),
        ("node scripts/verify.mjs", "test", "script"),
        ("pwsh -File build/lint.ps1", "lint", "script"),
        ("wsl -e bash -lc 'make test'", "test", "make"),
        ("docker compose run --rm app make lint", "lint", "make"),
        ("timeout 600 mise run test 2>&1 | tail -20", "test", "mise"),
        ("actionlint", "lint", "actionlint"),
        ("bash <<'EOF'\nset -e\nmake test\nEOF", "test", "make"),
        ("docker run --rm -v $PWD:/app -w /app img make lint", "lint", "make"),
        ("php vendor/bin/phpunit", "test", "phpunit"),
        ("nix develop --command make check", "test", "make"),
        ("tox -e lint,py312", "test", "tox"),
    ],
)  # fmt: skip
def test_a_target_is_a_check_by_its_name(command, kind, runner):
    assert [check[:2] for check in of(command)] == [(kind, runner)]


@pytest.mark.parametrize(
    "command",
    [
        "mise install", "mise run dev", "mise tasks", "make deploy", "make install", "make help",
        "just --list", "just release", "task --list-all",
        "npm run dev", "npm run test:watch", "npm start", "npm ci", "pnpm install", "pnpm dev",
        "yarn add vitest", "bun run server.ts",
        "bun install", "turbo run dev", "nx serve web", "nx run web:serve", "nx test-data",
        "poe serve", "nox --list", "tox -l", "hatch env create",
        "rake db:migrate", "rails generate model Test", "rails server", "gradle tasks",
        "gradle testClasses", "mvn clean", "mvn dependency:tree",
        "deno task start", "composer install", "./scripts/deploy.sh test",
        "./scripts/test-data.sh", "bash scripts/latest.sh", "bin/contest",
        "python scripts/make_testdata.py", "python manage.py migrate",
        "python -c 'run(tests/check)'", "cat scripts/test.sh", "chmod +x test-local.sh",
        "./scripts/check-pr-comments.sh", "uv run app", "poetry run serve", "docker compose up",
        "vim tests/check.sh", "cp bin/check bin/check2",
        "node test-connection.js", "bash -n test.sh", "cat <<EOF > run.sh\nmake test\nEOF",
        "docker run --rm img serve",
        "make -n test", "make install-test-deps", "make install-tests", "npm run 2",
    ],
)  # fmt: skip
def test_a_target_that_promises_no_check_is_none(command):
    assert [
        runner_of(simple.words) for simple in commands(command) if runner_of(simple.words)
    ] == []


@pytest.mark.parametrize(
    ("command", "output", "expected"),
    [
        ("./run.sh all", PYTEST, ("test", "pytest", "passed")),
        ("make everything", "Tests:       1 failed, 5 passed, 6 total", ("test", "jest", "failed")),
        ("npm run ship-it", " Tests  2 failed | 6 passed (8)", ("test", "vitest", "failed")),
        ("docker compose up --exit-code-from t",
         "building\ntest result: ok. 2 passed; 0 failed; 0 ignored",
         ("test", "cargo", "passed")),
        ("./all", "ok  \tacme/x\t0.21s\nFAIL\tacme/y\t0.10s", ("test", "go", "failed")),
        ("python tests/test_parser.py", "....\nRan 4 tests in 0.001s\n\nOK",
         ("test", "unittest", "passed")),
        ("./gow", "7 examples, 2 failures", ("test", "rspec", "failed")),
        ("npm run check", "Tests:       1 failed, 5 passed, 6 total", ("test", "npm", "failed")),
        ("pnpm e2e | tail", "  1 failed\n  12 passed (3.2s)", ("test", "npm", "failed")),
        ("deno task test | tail", "ok | 5 passed (2 steps) | 0 failed (10ms)",
         ("test", "deno", "passed")),
        ("bazel test //... | tail",
         "Executed 2 out of 2 tests: 1 test passes and 1 fails locally.",
         ("test", "bazel", "failed")),
        ("tox | tail", "  py312: OK (1.2 seconds)\n  congratulations :) (3 seconds)",
         ("test", "tox", "passed")),
        ("tools/all.py", "Success: no issues found in 12 source files", ("lint", "mypy", "passed")),
    ],
)  # fmt: skip
def test_a_command_of_any_name_is_a_check_by_what_it_prints(command, output, expected):
    assert of(command, output) == [expected]


@pytest.mark.parametrize(
    ("command", "output"),
    [
        ("cat test.log", PYTEST),
        ("tail -20 /tmp/out.txt", "Tests:       5 passed, 5 total"),
        ("gh run view 7 --log-failed", PYTEST),
        ("grep -r 'test result' .", "test result: ok. 2 passed; 0 failed"),
        ("git log -3", PYTEST),
        ("./run.sh", "we had 3 passed and 1 failed yesterday"),
        ("./serve", "Tests are in tests/"),
    ],
)
def test_what_shows_a_summary_of_another_time_is_no_check(command, output):
    assert of(command, output) == []


@pytest.mark.parametrize(
    ("command", "output", "status", "verdicts"),
    [
        ("make test | tail -3; echo $?", "0", "ok", ["unknown"]),
        ("make test; echo $?", "2", "ok", ["failed"]),
        ("make test; echo \"exit: $?\"", "...\nexit: 0", "ok", ["passed"]),
        ("make test > log 2>&1; echo \"rc=$?\"; tail log", "rc=1\nlast line", "ok", ["failed"]),
        ("make test 2>&1 | tail -5; echo ${PIPESTATUS[0]}", "2", "ok", ["failed"]),
        ("set -o pipefail; make test | tee log", "", "ok", ["passed"]),
        ("make test | tee log", "", "ok", ["unknown"]),
        ("make lint >/dev/null 2>&1 && echo PASS || echo FAIL", "FAIL", "ok", ["failed"]),
        ("make lint && echo PASS || echo FAIL", "PASS", "ok", ["passed"]),
        ("make lint || echo FAIL", "", "ok", ["unknown"]),
        ("if make lint; then echo good; fi", "good", "ok", ["unknown"]),
        ("[ -f Makefile ] && make test; echo done", "done", "ok", []),
        ("ls || make test", "a.py", "ok", []),
        ("if [ -f x ]; then make test; else pytest -q; fi", PYTEST, "ok", ["passed"]),
        ("for i in 1 2 3; do make test; done", "", "ok", ["passed"]),
        ("make lint && make test", "", "ok", ["passed", "passed"]),
        ("npm run test:unit", "npm error Missing script: \"test:unit\"", "error", []),
        ("just test", "error: Justfile does not contain recipe `test`", "error", []),
        ("mise run test", "mise ERROR no task test found", "error", []),
        ("check() { make test; }\nls", "a.py", "ok", []),
        ("check() { make test; }; check", "", "ok", ["passed"]),
    ],
)  # fmt: skip
def test_a_check_is_counted_once_with_the_verdict_that_can_be_known(
    command, output, status, verdicts
):
    assert [check[2] for check in of(command, output, status)] == verdicts


def in_the_background(*later: tuple) -> list[tuple]:
    """(verdict, passed, failed) of a check that went on in the background, given what came
    later."""
    t = session(("say", "Run it"))
    t.call(
        "Bash",
        {"command": "make test", "run_in_background": True},
        message_id="msg_b",
        use="toolu_b",
    )
    t.result(
        "Command running in background with ID: bq12",
        use="toolu_b",
        told={"stdout": "", "backgroundTaskId": "bq12"},
    )
    for number, (tool, given, said) in enumerate(later):
        t.call(tool, given, message_id=f"msg_l{number}", use=f"toolu_l{number}")
        t.result(said, use=f"toolu_l{number}")
    t.answer("msg_z")
    return t


@pytest.mark.parametrize(
    ("later", "found"),
    [
        ([], ("unknown", None, None)),
        ([("BashOutput", {"bash_id": "bq12"}, "<status>running</status>\n\n<stdout>..</stdout>")],
         ("unknown", None, None)),
        ([("BashOutput", {"bash_id": "bq12"},
           f"<status>completed</status>\n\n<exit_code>0</exit_code>\n\n<stdout>\n{PYTEST}\n"
           "</stdout>")], ("passed", 3, 0)),
        ([("TaskOutput", {"task_id": "bq12"},
           "<status>failed</status>\n\n<exit_code>2</exit_code>\n\n<output>\n" + RED)],
           ("failed", 2, 1)),
        ([("TaskOutput", {"task_id": "bq12"},
           "<status>completed</status>\n\n<exit_code>1</exit_code>")], ("failed", None, None)),
        ([("Read", {"file_path": "/tmp/claude-501/tasks/bq12.output"},
           f"     1\tx\n     2\t{PYTEST}")], ("passed", 3, 0)),
        ([("BashOutput", {"bash_id": "other"},
           f"<status>completed</status>\n<exit_code>0</exit_code>\n{PYTEST}")],
           ("unknown", None, None)),
    ],
)  # fmt: skip
def test_a_check_in_the_background_has_the_verdict_of_its_end(settings, later, found):
    kept(settings, in_the_background(*later))
    assert rows(settings, "SELECT verdict, passed, failed FROM check_run") == [found]


@pytest.mark.parametrize(("code", "verdict"), [(0, "passed"), (1, "failed")])
def test_the_notification_of_its_end_tells_a_background_checks_verdict(settings, code, verdict):
    t = in_the_background()
    words = f'Background command "Run" {"completed" if code == 0 else "failed"} (exit code {code})'
    t.prompt(
        "<task-notification>\n<task-id>bq12</task-id>\n<status>completed</status>\n"
        f"<summary>{words}</summary>\n</task-notification>",
        origin={"kind": "task-notification"},
    )
    t.answer("msg_y")
    kept(settings, t)
    assert rows(settings, "SELECT verdict FROM check_run") == [(verdict,)]
