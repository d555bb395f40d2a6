"""American spelling in code, documents, tests and the workflows that ship; everything that people read on a screen comes from there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
FOLDERS = {"core": "py", "pages": "py js css html", "docs": "md", "tests": "py", "data/workflows": "json", "data/instruments": "py"}
FILES = [
    *(
        file
        for folder, endings in FOLDERS.items()
        for ending in endings.split()
        for file in sorted((ROOT / folder).rglob(f"*.{ending}"))
        if file != Path(__file__)
    ),
    *(ROOT / name for name in ("app.py", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "Makefile") if (ROOT / name).exists()),
]
VERBS = """
    annual author capital categor character critic custom emphas equal final formal general initial local material maxim memor minim
    normal optim organ parallel penal priorit quant random real recogn sanit serial special stabil standard summar symbol synchron token
    util vector visual
"""
"""Beginnings of verbs that Americans write with a z: a verb in `-ise` of one of them, and what is made from it, is British."""
OTHER = (
    r"colour\w*|behaviour\w*|favour\w*|neighbour\w*|honour\w*|labour\w*|rumour\w*|centre(?:s|d)?|centring|metres?|fibres?|"
    r"analys(?:e|ed|er|ers|ing)|labell(?:ed|ing|er)|modell(?:ed|ing|er)|travell(?:ed|ing|er)|signall(?:ed|ing)|levell\w+|totall(?:ed|ing)|"
    r"grey\w*|licences?|defences?|offences?|"
    r"programmes?|judgements?|whilst|amongst|learnt|artefacts?|fulfils?|skilful|dialogues?|cheques?"
)
BRITISH = re.compile(
    rf"(?<![A-Za-z])(?:(?:{'|'.join(VERBS.split())})is(?:e|ed|es|er|ers|ing|ation|ations)|{OTHER})(?![A-Za-z])",
    re.IGNORECASE,
)
KEPT = {
    "core/language/catalogue/statistics.py": {"realised"},  # the stored name of an indicator, and its phrase in compiled code
    "core/language/catalogue/trend.py": {"neighbouring"},  # the same: a comment in a class that compiled code carries
    "core/language/spoken/relations.py": {"realised"},  # the same indicator
    "core/language/phrases/finishing.py": {"realised"},
    "core/language/phrases/plain_orders.py": {"realised"},
    "core/language/spoken/vocabulary.py": {"realised"},
    "core/language/syntax/synonyms.py": {"realised", "centre"},  # what a person may type
    "docs/workflow.md": {"realised"},
    "docs/workflow-reference.md": {"realised"},
    "docs/adr/0090-rooms-and-names.md": {"realised"},
    "docs/adr/0331-an-average-that-is-called-by-its-length.md": {"realised"},
    "tests/language/test_indicator_values.py": {"realised"},
    "tests/language/test_plain_orders.py": {"realised"},
    "tests/language/test_spoken_clauses.py": {"realised"},
}
"""Stored names, text of compiled code (which stays as it is, byte for byte), and what people may type."""


def spell_british(text: str) -> set[str]:
    """British words in a text; names are read word by word, at underscores."""
    return {found.group().lower() for found in BRITISH.finditer(text.replace("_", " "))}


@pytest.mark.parametrize("folder", [*FOLDERS, "."])
def test_everything_is_spelled_the_american_way(folder: str) -> None:
    files = [file for file in FILES if (file.is_relative_to(ROOT / folder) if folder != "." else file.parent == ROOT)]

    found = {str(file.relative_to(ROOT)): spell_british(file.read_text(encoding="utf-8")) for file in files}

    assert {name: words for name, said in found.items() if (words := said - KEPT.get(name, set()))} == {}


def test_british_words_are_told_from_american_ones() -> None:
    assert spell_british("the optimiser's colour_scale, normalised; Centre and labelled") == {
        "optimiser",
        "colour",
        "normalised",
        "centre",
        "labelled",
    }
    assert spell_british("optimizer color exercise premise otherwise likewise analysis centered cancelled catalogue promise") == set()
