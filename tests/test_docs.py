"""What the documents promise is there: settings, verbs, make targets, links, one number for each decision."""

import re
from pathlib import Path

import pytest

from core.cli.verbs import app
from tests.code_names import exists, list_code_names

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SOURCES = [ROOT / "app.py", *(ROOT / "core").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
TESTS = [file for file in (ROOT / "tests").rglob("*.py") if file.name != "code_names.py"]
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")]


def test_every_setting_that_the_code_reads_is_in_the_readme() -> None:
    read = {name for file in SOURCES for name in re.findall(r"[\"'](STRATLOOP_[A-Z_]+)[\"']", file.read_text(encoding="utf-8"))}

    assert {name for name in read if name not in README} == set()


def test_every_verb_is_in_the_readme() -> None:
    verbs = [command.name or (command.callback.__name__ if command.callback else "") for command in app.registered_commands]

    assert len(verbs) > 10
    assert [verb for verb in verbs if f"`{verb}" not in README and f"{verb}`" not in README] == []


def test_every_make_target_that_the_readme_names_exists() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")

    targets = re.findall(r"\bmake ([a-z-]+)", README)

    assert {"run", "test"} <= set(targets)
    assert [target for target in targets if not re.search(rf"^{target}:", makefile, re.MULTILINE)] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+?)(?:#[^)]*)?\)", document.read_text(encoding="utf-8"))

    assert [link for link in links if not (document.parent / link).exists()] == []


def test_each_decision_has_a_number_of_its_own() -> None:
    numbers = [file.name[:4] for file in (ROOT / "docs" / "adr").glob("*.md")]

    assert len(numbers) > 10
    assert sorted(numbers) == sorted(set(numbers))


def test_the_product_speaks_of_itself_alone() -> None:
    files = [*DOCUMENTS, *SOURCES, ROOT / "Makefile", ROOT / ".ci" / "run"]

    assert [file.name for file in files if re.search(r"/work/|/root/|/opt/venv|\bshared/design\b", file.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: file.name)
def test_names_of_code_in_a_document_exist(document: Path) -> None:
    assert [name for name in list_code_names(document.read_text(encoding="utf-8")) if not exists(name)] == []


def test_names_of_code_in_docstrings_and_comments_exist() -> None:
    named = {
        (str(file.relative_to(ROOT)), name) for file in [*SOURCES, *TESTS] for name in list_code_names(file.read_text(encoding="utf-8"))
    }

    assert len(named) > 10
    assert [f"{file}: {name}" for file, name in sorted(named) if not exists(name)] == []
