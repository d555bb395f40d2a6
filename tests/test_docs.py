"""What the documents promise is there: settings, verbs, make targets, links, one number for each decision."""

import re
from pathlib import Path

import pytest

from core.cli.verbs import app
from tests.code_names import exists, list_code_names

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
SOURCES = [ROOT / "app.py", *(ROOT / "core").rglob("*.py"), *(ROOT / "pages").rglob("*.py")]
TESTS = [file for file in (ROOT / "tests").rglob("*.py") if file.name != "code_names.py"]
DECISIONS = sorted((ROOT / "docs" / "adr").glob("[0-9]*.md"))
INDEX = (ROOT / "docs" / "adr" / "README.md").read_text(encoding="utf-8")
DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")]


def test_every_setting_that_the_code_reads_is_in_its_guide() -> None:
    read = {name for file in SOURCES for name in re.findall(r"[\"'](STRATLOOP_[A-Z_]+)[\"']", file.read_text(encoding="utf-8"))}

    assert {name for name in read if name not in SETTINGS} == set()


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
    numbers = [file.name[:4] for file in DECISIONS]

    assert len(numbers) > 10
    assert sorted(numbers) == sorted(set(numbers))


@pytest.mark.parametrize("file", DECISIONS, ids=lambda file: file.name[:4])
def test_a_decision_stands_in_the_index_with_its_title_date_and_status(file: Path) -> None:
    number, title = file.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ").split(" ", 1)

    assert number == file.name[:4]
    assert re.search(
        rf"^\| \[{number}\]\({re.escape(file.name)}\) \| {re.escape(title)} \| \d{{4}}-\d\d-\d\d \| .+ \|$", INDEX, re.MULTILINE
    )


def test_the_index_of_decisions_is_in_order_and_names_nothing_else() -> None:
    assert re.findall(r"^\| \[(\d{4})\]", INDEX, re.MULTILINE) == sorted(file.name[:4] for file in DECISIONS)


def test_every_guide_stands_in_the_index_of_guides() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")

    assert [file.name for file in (ROOT / "docs").glob("*.md") if file.name != "README.md" and f"]({file.name})" not in index] == []


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


def test_the_glossary_gives_a_term_one_meaning() -> None:
    terms = re.findall(r"^\| ([^|`]+?) \| [^|]+ \| [^|]*\[?`?", (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE)
    words = [word for term in terms for word in term.split(", ") if term != "term"]

    assert len(words) > 80
    assert sorted(words) == sorted(set(words))
