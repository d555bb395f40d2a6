"""Bars of one's own: a file is shown as it would be used, and kept only when somebody says so. Nothing is ever half imported."""

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core.domain.bars import Bars, Preview
from core.domain.errors import StratloopError
from core.domain.readings import strip_endings
from core.services import services
from pages.components import formatting, frame, market_candles, market_data, market_quality, market_reading
from pages.components.market_quality import draw_bullets

ROWS = 5


def draw_upload_panel(page: str) -> None:
    """Uploader, preview and the button that keeps; what was kept is in the session as `<page>_kept`, ready for a form."""
    if failure := st.session_state.pop(f"{page}_keep_failure", None):
        st.error(formatting.escape(failure), icon=":material/error:")
    st.caption(
        "CSV, JSON, Excel, Parquet or Feather, or one of them in a ZIP: date, open, high, low and close (or one price a day), perhaps "
        "volume and an adjusted close. Delimiter, header, date format, time zone and column order are recognized. "
        "The file stays on this machine."
    )
    count = st.session_state.setdefault(f"{page}_upload_count", 0)
    file = st.file_uploader("File of bars", key=f"{page}_upload_{count}")  # of any name: what stands in it tells what it is
    if file is None:
        return
    data = file.getvalue()
    with st.spinner("Reading the file"):
        found = market_data.preview_upload(data, file.name)
    draw_preview(found, data, page)


def draw_preview(found: Preview, data: bytes, page: str) -> None:
    """Draw a file as it was understood."""
    with st.container(border=True, key=f"{page}_preview", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center"):
            if found.usable:
                st.badge("Can be used", icon=":material/check:", color="green")
            else:
                st.badge("Cannot be used", icon=":material/block:", color="red")
            st.markdown(f"**{formatting.escape(found.name)}**", width="content")
            st.space("stretch")
            if found.usable:
                st.button(
                    "Keep these bars",
                    key=f"{page}_keep",
                    type="primary",
                    icon=":material/save:",
                    on_click=store_upload,
                    args=(page, data, found),
                )
        if found.refused:
            st.markdown("**Why not**")
            draw_bullets(found.refused)
            st.caption("Repairing this would be guessing, so nothing was imported. Correct the reading below, or the file.")
        market_reading.draw_reading(found, data, page)
        _remarks(found)
        if found.bars is not None:
            _bars(found.bars, page)


def store_upload(page: str, data: bytes, found: Preview) -> None:
    """Store the file; from then on its bars can be chosen everywhere."""
    try:
        path: Path = services().workbench.keep_upload(data, found.name)
    except StratloopError as error:
        st.session_state[f"{page}_keep_failure"] = str(error)
        return
    market_data.clear_caches()
    st.session_state[f"{page}_upload_count"] = st.session_state.get(f"{page}_upload_count", 0) + 1
    bars = found.bars
    facts = {} if bars is None else {"start": bars.first.date(), "end": bars.last.date(), "timeframe": bars.timeframe.value}
    st.session_state[f"{page}_kept"] = {"symbol": derive_symbol(path), **facts}


def derive_symbol(path: Path) -> str:
    """Derive the symbol under which every search finds a kept file.

    >>> derive_symbol(Path("my-bars.csv.gz"))
    'MY-BARS'
    """
    return strip_endings(path.name).upper()


def _remarks(found: Preview) -> None:
    remarks = tuple(line for line in found.warnings if line not in found.reading.questions)
    parts = [("Understood", found.understood), ("Repaired", found.repaired), ("Worth knowing", remarks)]
    shown = [(title, lines) for title, lines in parts if lines]
    if not shown:
        return
    for column, (title, lines) in zip(st.columns(len(shown), gap="medium"), shown, strict=True):
        with column:
            st.markdown(f"**{title}**")
            draw_bullets(lines)


def _bars(bars: Bars, page: str) -> None:
    with frame.show_errors():
        quality = services().market.assess_quality(bars)
        st.markdown("**The bars as they would be used**")
        draw_bullets(market_quality.summarize_quality(quality))
        market_candles.draw_candles(bars, services().market.compute_session_bounds(bars), key=f"{page}_preview_chart", height=260)
    st.dataframe(_ends(bars), hide_index=True, key=f"{page}_preview_rows", height="content", alt="First and last bars of the file")


def _ends(bars: Bars) -> pd.DataFrame:
    """The first and the last rows."""
    places = sorted({*range(min(ROWS, len(bars))), *range(max(len(bars) - ROWS, 0), len(bars))})
    stamp = "datetime64[m]" if bars.timeframe.intraday else "datetime64[D]"
    columns: dict[str, Any] = {"Time": [str(moment).replace("T", " ") for moment in bars.time[places].astype(stamp)]}
    columns |= {name.capitalize(): getattr(bars, name)[places] for name in ("open", "high", "low", "close", "volume")}
    return pd.DataFrame(columns)
