"""Which commands may have changed files."""

from __future__ import annotations

import pytest

from accrete.outcomes.writing import may_write, renamed, renames


@pytest.mark.parametrize(
    "text",
    [
        "sed -i 's/a/b/' src/a.py",
        "cd src && sed -i.bak -e s/a/b/ a.py",
        "echo hi > a.txt",
        "echo hi >> 'a.txt'",
        "cat > a.py <<'EOF'\nprint(1)\nEOF",
        "git checkout -- a.py",
        "git -C repo stash",
        "rm -rf build",
        "git mv a b",
        "mv a.py b.py",
        "npx prettier --write .",
        "uv run ruff check --fix .",
        "ruff format",
        "make fmt",
        "npm run lint:fix",
        "python3 - <<'EOF'\nopen('a', 'w').write('x')\nEOF",
        "python -c \"import pathlib; pathlib.Path('a').write_text('')\"",
        "go mod tidy",
        "pytest 2>&1 | tee log.txt",
        "bash -c 'rm a.py'",
        "cp /tmp/a.py src/a.py",
        "grep x <<< words\nrm a.py > out.txt",
    ],
)
def test_a_command_that_may_have_changed_files_is_said(text):
    assert may_write(text)


@pytest.mark.parametrize(
    "text",
    [
        "pytest -q",
        "ls -la > /dev/null 2>&1",
        "pytest 2>/dev/null",
        "grep -rn 'a > b' src",
        "git status && git diff > /tmp/x.diff",
        "git stash list",
        "echo 'rm -rf /'",
        "sed -n 1,20p a.py",
        "rm -rf /tmp/work",
        "cat <<'EOF'\nx > y\nEOF",
        "node -e 'const f = (a) => a'",
        "ruff check .",
        "test 1 -gt 0",
        "",
        "awk '$1 > 3' a.txt",
        "git log --format='%h -> %s'",
        "git commit -m 'a => b'",
    ],
)
def test_a_command_that_only_looks_changes_nothing(text):
    assert not may_write(text)


def test_renames_are_read_from_mv_and_git_mv():
    assert renames("git mv a.py b.py && mv c.py d/") == [("a.py", "b.py"), ("c.py", "d/c.py")]
    assert renames("mv *.py d/ ; mv a b c; echo mv a b") == []
    assert renamed("/home/dev/demo/src/a.py", "src/a.py", "src/b.py") == "/home/dev/demo/src/b.py"
    assert renamed("/home/dev/a.py", "/home/dev/a.py", "/home/dev/b.py") == "/home/dev/b.py"
    assert renamed("/home/dev/aa.py", "a.py", "b.py") is None
    assert renamed("/home/dev/a.py", "../a.py", "b.py") is None
