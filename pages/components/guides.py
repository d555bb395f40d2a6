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
    "sweeps",
    "evidence",
    "metrics",
    "market-data",
    "models",
    "engine",
    "scripts",
    "settings",
    "sandbox",
    "live",
    "mcp",
    "team",
    "scale",
    "performance",
    "glossary",
)
"""Guides for people who use the product, in the order in which they are listed."""


@dataclass(frozen=True, slots=True)
class GuidePlace:
    """A place in the guides: a document, and one of its sections."""

    topic: str
    section: str = ""
    """Heading of the section; empty for the beginning."""

    @property
    def address(self) -> dict[str, str]:
        """Query of the help screen that opens it."""
        return {"topic": self.topic} | ({"section": name_section(self.section)} if self.section else {})


SCREEN_GUIDES = {
    "home": GuidePlace("screens"),
    "builder": GuidePlace("screens", "Builder"),
    "code": GuidePlace("guide-code", "Steps"),
    "driving": GuidePlace("guide-driving", "Steps"),
    "sweep": GuidePlace("sweeps"),
    "compare": GuidePlace("screens", "Compare"),
    "library": GuidePlace("screens", "Library"),
    "market": GuidePlace("market-data", "Where bars come from"),
    "credits": GuidePlace("models", "Money"),
    "settings": GuidePlace("models", "Keys"),
}
"""The place that **Guide** on each screen opens."""
TAB_GUIDES = {
    ("market", "Upload"): GuidePlace("market-data", "Files"),
    ("market", "Kept here"): GuidePlace("market-data", "What is kept"),
    ("library", "Strategies"): GuidePlace("screens", "Library"),
    ("library", "Workflows"): GuidePlace("workflow", "A workflow"),
    ("settings", "Models"): GuidePlace("models", "Which models there are"),
    ("settings", "Credits"): GuidePlace("models", "Money"),
    ("settings", "Agents"): GuidePlace("mcp"),
    ("settings", "Sandbox"): GuidePlace("sandbox", "What is promised"),
    ("settings", "Installation"): GuidePlace("settings"),
}
"""The place for a tab of a screen, where it is another one than the screen's own."""
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

    @property
    def place(self) -> GuidePlace:
        """The place to open."""
        return GuidePlace(self.topic, self.heading)


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


def find_guide_place(screen: str, tab: str | None = None) -> GuidePlace | None:
    """Find the place that belongs to a screen, or to the tab of it that is open."""
    return TAB_GUIDES.get((screen, tab or "")) or SCREEN_GUIDES.get(screen)


def name_section(heading: str) -> str:
    """Name a section in an address.

    >>> name_section("The hold-out, in words")
    'the-hold-out-in-words'
    """
    return "-".join(re.findall(r"[a-z0-9]+", heading.lower()))


def _lead_links_home(text: str) -> str:
    """Links to other guides open them in this tab of the browser; what is not shown in the app is left as words."""

    def turn(link: re.Match[str]) -> str:
        words, target = link.groups()
        if "://" in target or target.startswith("#"):
            return link.group(0)
        path, _, section = target.partition("#")
        name = path.removesuffix(".md")
        place = f"help?topic={name}" + (f"&section={section}" if section else "")
        return f'<a href="{place}" target="_self">{words}</a>' if name in TOPICS else words

    return LINK.sub(turn, text)


def _cut_excerpt(text: str, words: Sequence[str]) -> str:
    """The stretch around the first word that was looked for, as plain words."""
    plain = re.sub(r"[`*|#]|-{3,}", " ", LINK.sub(r"\1", text))
    plain = " ".join(plain.split())
    place = min((at for word in words if (at := plain.lower().find(word)) >= 0), default=0)
    start = max(place - EXCERPT // 3, 0)
    shown = plain[start : start + EXCERPT]
    return f"{'… ' if start else ''}{shown.strip()}{' …' if start + EXCERPT < len(plain) else ''}"
