"""Reference for the cells: every indicator, function and operand of the language, to search while the table stays in view."""

import streamlit as st

from core import language
from core.language.catalogue.functions import FUNCTIONS
from core.language.syntax.nodes import BAR_BLENDS, BAR_FIELDS, CLOCK_OPERANDS, POSITION_OPERANDS
from pages.components.fields import draw_text

EXAMPLES = (
    ("close[1]", "one bar ago; the future cannot be written"),
    ("sma(rsi(14), 5)", "indicators nest"),
    ("bbands(20, 2).lower", "an output line"),
    ("highest(high, 20)[1] * 0.98", "arithmetic"),
    ("crosses_above(close, sma(50)) and volume > sma(volume, 20)", "a formula"),
)


@st.dialog("What can be written", width="large", position="right")
def show_reference_dialog() -> None:
    """A drawer with the whole language."""
    asked = draw_text(
        "Search",
        key="builder_reference",
        type="search",
        live=True,
        placeholder="Name or purpose, for example volatility",
        icon=":material/search:",
    )
    words = (asked or "").lower().split()
    entries = [entry for entry in _entries() if all(word in " ".join(entry.values()).lower() for word in words)]
    if not words:
        st.table(dict(EXAMPLES), border="horizontal")
    if not entries:
        st.caption("Nothing in the language fits that.")
        return
    st.dataframe(
        entries,
        hide_index=True,
        key="builder_reference_table",
        height="content" if len(entries) <= 16 else 560,
        column_config={
            "Write": st.column_config.TextColumn(pinned=True, width="medium"),
            "What it is": st.column_config.TextColumn(width="large"),
        },
        alt="Indicators, functions and operands",
    )


@st.cache_data(ttl=3600, max_entries=1, show_spinner=False)
def _entries() -> list[dict[str, str]]:
    found = []
    for name, entry in language.CATALOGUE.items():
        numbers = ", ".join(f"{param.default:g}" for param in entry.params)
        lines = "" if len(entry.lines) == 1 else " Lines: " + ", ".join(line.name for line in entry.lines) + "."
        limits = " ".join(f"{param.name} {param.low:g} to {param.high:g}." for param in entry.params)
        found.append(
            {
                "Write": f"{name}({numbers})",
                "What it is": f"{entry.title}. {entry.explanation}{lines}",
                "Kind": entry.group,
                "Limits": limits,
            }
        )
    found += [{"Write": each.example, "What it is": each.explanation, "Kind": "function", "Limits": ""} for each in FUNCTIONS.values()]
    found += [{"Write": name, "What it is": f"the bar's {meaning}", "Kind": "bar", "Limits": ""} for name, meaning in BAR_FIELDS.items()]
    found += [
        {"Write": name, "What it is": f"average of {', '.join(parts)}", "Kind": "bar", "Limits": ""} for name, parts in BAR_BLENDS.items()
    ]
    found += [{"Write": name, "What it is": meaning, "Kind": "time", "Limits": ""} for name, meaning in CLOCK_OPERANDS.items()]
    found += [
        {"Write": name, "What it is": meaning, "Kind": "open position", "Limits": "exit and risk rows only"}
        for name, meaning in POSITION_OPERANDS.items()
    ]
    return found
