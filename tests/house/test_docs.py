"""The documents are true."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from accrete.commands import COMMANDS
from tools import cli_doc, practices_doc, readme_screen, redaction_doc, works_council_doc
from tools.module_map import PAGE, SOURCES, module_map
from tools.prose import fill, too_wide

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def modules() -> str:
    """The map, for which all modules are read."""
    return module_map()


@pytest.mark.long
def test_the_architecture_page_has_every_module_and_its_line(modules):
    page = PAGE.read_text("utf-8")
    assert modules in page, "run: python -m tools.module_map --write"


@pytest.mark.long
def test_every_module_says_in_one_paragraph_what_it_is_for(modules):
    for row in modules.splitlines()[2:]:
        assert re.search(r"\| \S.*[.:]? \|$", row), row


@pytest.mark.parametrize(("name", "most"), [("README.md", 190), ("AGENTS.md", 120)])
def test_the_first_pages_are_short(name, most):
    assert len((ROOT / name).read_text("utf-8").splitlines()) <= most


def test_the_readme_names_every_command():
    page = (ROOT / "README.md").read_text("utf-8")
    for command in COMMANDS:
        assert f"accrete {command}" in page or f"`{command}`" in page, command


@pytest.mark.long
def test_the_page_of_the_command_line_is_what_the_program_prints():
    assert cli_doc.PAGE.read_text("utf-8") == cli_doc.text(), "run: python -m tools.cli_doc --write"


def test_the_page_of_practices_is_what_they_say():
    assert (ROOT / "docs" / "practices.md").read_text("utf-8") == practices_doc.text(), (
        "run: python -m tools.practices_doc --write"
    )


def test_the_page_of_redaction_is_what_the_patterns_say():
    assert redaction_doc.PAGE.read_text("utf-8") == redaction_doc.text(), (
        "run: python -m tools.redaction_doc --write"
    )


def test_the_page_for_a_works_council_is_what_the_contract_says():
    assert works_council_doc.PAGE.read_text("utf-8") == works_council_doc.text(), (
        "run: python -m tools.works_council_doc --write"
    )


def test_links_between_documents_lead_somewhere():
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")]:
        for target in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8")):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_no_line_of_prose_is_wider_than_100_columns():
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("benchmarks/*.md")]:
        assert too_wide(page.read_text("utf-8")) == [], f"{page.name}: run python -m tools.prose"


def test_prose_is_laid_out_and_all_else_stays():
    word = "wide " * 22
    kept = f"# {word}\n\n| {word} |\n\n    {word}\n\n```\n{word}\n```\n\n[a]: {word}\n"
    assert fill(kept) == kept
    laid = fill(f"- {word}- 1. # end\n  more\n- next\n")
    assert too_wide(laid) == []
    assert laid.split() == f"- {word}- 1. # end more - next".split()
    assert [line[:2] for line in laid.splitlines()] == ["- ", "  ", "- "]


def test_the_architecture_page_has_the_layers_of_the_contract():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]
    (layers,) = (each["layers"] for each in contracts["contracts"] if each["id"] == "layers")
    page = " ".join((ROOT / "docs/architecture.md").read_text("utf-8").split())
    assert " > ".join(f"`{layer}`" for layer in layers) in page


def test_modules_over_500_lines_say_why():
    for path in (path for root in SOURCES for path in (ROOT / root).rglob("*.py")):
        text = path.read_text("utf-8")
        if text.count("\n") > 500:
            assert "Longer than a module should be because" in text[:600], path


def test_nothing_of_the_building_site_stands_in_the_tree():
    listed = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    for name in listed:
        path = ROOT / name
        if (
            path.suffix in (".py", ".md", ".toml", ".sh", ".sql")
            and path.exists()
            and path.name != Path(__file__).name
        ):
            text = path.read_text("utf-8")
            assert f"/{'work'}/main" not in text, name
            assert f"/{'work'}/shared" not in text, name


@pytest.mark.long
def test_the_screens_in_the_readme_are_what_the_program_prints():
    for path, text in readme_screen.files().items():
        assert path.read_text("utf-8") == text, (
            f"{path.name}: run python -m tools.readme_screen --write"
        )


def test_the_screens_in_the_readme_fetch_nothing_and_are_named_for_light_and_dark_pages():
    page = (ROOT / "README.md").read_text("utf-8")
    pictures = sorted((ROOT / "docs" / "screens").glob("*.svg"))
    assert len(pictures) == len(readme_screen.SCREENS) * len(readme_screen.THEMES)
    for picture in pictures:
        assert picture.relative_to(ROOT).as_posix() in page, picture.name
        addresses = re.findall(r"https?://[^\"'\s)]+", picture.read_text("utf-8"))
        assert addresses == ["http://www.w3.org/2000/svg"], picture.name
