"""The guides of `docs/` as the screens show them: read from the files, split into sections, searched, with links that stay in the app."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "docs"
TOPICS = (
    "guide-code",
    "guide-driving",
    "workflow",
    "workflow-reference",
    "screens",
    "driving",
    "evidence",
    "metrics",
    "market-data",
    "models",
    "engine",
    "scripts",
    "settings",
    "sandbox",
    "live",
    "glossary",
)
"""Guides for people who use the product, in the order in which they are listed."""
SCREEN_TOPICS = {
    "home": "screens",
    "builder": "workflow",
    "code": "guide-code",
    "driving": "guide-driving",
    "compare": "evidence",
    "library": "screens",
    "market": "market-data",
    "credits": "models",
    "settings": "settings",
}
"""The guide that the question mark of each screen opens."""
LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
HEADING = re.compile(r"^(#{1,3}) (.+)$")
FENCE = "```"
EXCERPT = 180
MOST_FOUND = 12


@dataclass(frozen=True, slots=True)
class Guide:
    """One document."""

    topic: str
    title: str
    text: str
    """Markdown behind the title, with links that lead to the app's own pages."""


@dataclass(frozen=True, slots=True)
class Found:
    """A section that a search found."""

    topic: str
    title: str
    """Of the guide."""
    heading: str
    """Of the section; empty for what stands before the first one."""
    excerpt: str


@cache
def read_guide(topic: str) -> Guide | None:
    """Read a guide; None for a name that is none."""
    if topic not in TOPICS:
        return None
    first, _, rest = (FOLDER / f"{topic}.md").read_text(encoding="utf-8").partition("\n")
    return Guide(topic, first.removeprefix("# ").strip(), _lead_links_home(rest.strip()))


def list_guides() -> tuple[Guide, ...]:
    """Every guide, in the order of the list."""
    return tuple(guide for topic in TOPICS if (guide := read_guide(topic)) is not None)


def find_sections(query: str) -> tuple[Found, ...]:
    """Sections that hold every word of a query, those with the words in their heading first."""
    words = query.lower().split()
    if not words:
        return ()
    hits: list[tuple[int, Found]] = []
    for guide in list_guides():
        for heading, text in split_sections(guide.text):
            plain = f"{guide.title} {heading} {text}".lower()
            if all(word in plain for word in words):
                rank = sum(word in heading.lower() for word in words) * 2 + sum(word in guide.title.lower() for word in words)
                hits.append((-rank, Found(guide.topic, guide.title, heading, _cut_excerpt(text, words))))
    return tuple(found for _, found in sorted(hits, key=lambda hit: hit[0])[:MOST_FOUND])


def split_sections(text: str) -> Sequence[tuple[str, str]]:
    """Split a guide at its headings; lines of code that begin with a number sign are none.

    >>> split_sections("before\\n## One\\ntext")
    [('', 'before'), ('One', 'text')]
    """
    sections: list[tuple[str, list[str]]] = [("", [])]
    in_code = False
    for line in text.splitlines():
        in_code ^= line.startswith(FENCE)
        heading = None if in_code else HEADING.match(line)
        if heading:
            sections.append((heading.group(2), []))
        else:
            sections[-1][1].append(line)
    return [(heading, "\n".join(lines).strip()) for heading, lines in sections if heading or any(lines)]


def _lead_links_home(text: str) -> str:
    """Links to other guides open them here; what is not shown in the app is left as words."""

    def turn(link: re.Match[str]) -> str:
        words, target = link.groups()
        if "://" in target or target.startswith("#"):
            return link.group(0)
        name = target.partition("#")[0].removesuffix(".md")
        return f"[{words}](help?topic={name})" if name in TOPICS else words

    return LINK.sub(turn, text)


def _cut_excerpt(text: str, words: Sequence[str]) -> str:
    """The stretch around the first word that was looked for, as plain words."""
    plain = re.sub(r"[`*|#]|-{3,}", " ", LINK.sub(r"\1", text))
    plain = " ".join(plain.split())
    place = min((at for word in words if (at := plain.lower().find(word)) >= 0), default=0)
    start = max(place - EXCERPT // 3, 0)
    shown = plain[start : start + EXCERPT]
    return f"{'… ' if start else ''}{shown.strip()}{' …' if start + EXCERPT < len(plain) else ''}"
