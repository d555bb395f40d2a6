"""Bars and uploads kept on this machine: their sizes, and a way to remove them."""

from pathlib import Path

import pandas as pd
import streamlit as st

from core.domain.bars import CacheEntry
from core.domain.errors import StratloopError
from core.report import labels
from core.report.number_format import format_count
from core.services import services
from pages.components import formatting, frame, market_data
from pages.components.fields import draw_choice
from pages.components.market_upload import derive_symbol


def draw_storage_panel(page: str) -> None:
    """Both stores with their sizes."""
    if said := st.session_state.pop(f"{page}_storage_said", None):
        st.toast(formatting.escape(said), icon=":material/delete:")
    if failed := st.session_state.pop(f"{page}_storage_failed", None):
        st.error(formatting.escape(failed), icon=":material/error:")
    entries, uploads = services().market.cached(), services().workbench.measure_uploads()
    with st.grid(2, min_column_width=220):
        st.metric(
            "Fetched bars",
            format_size(sum(entry.bytes for entry in entries)),
            border=True,
            help="Bars from sources on the network, kept as Parquet.",
        )
        st.metric("Uploads", format_size(sum(uploads.values())), border=True, help="Your files, exactly as you gave them.")
    with st.container(border=True):
        _fetched(entries, page)
    with st.container(border=True):
        _uploads(uploads, page)
    st.caption(formatting.escape(f"Kept under {services().settings.home}. Bars that ship with the product are not counted."))


def format_size(count: int) -> str:
    """Format a number of bytes for people.

    >>> format_size(0), format_size(2048), format_size(5_300_000)
    ('0 kB', '2 kB', '5.3 MB')
    """
    return f"{round(count / 1000):,} kB" if count < 1_000_000 else f"{count / 1_000_000:,.1f} MB"


def _fetched(entries: tuple[CacheEntry, ...], page: str) -> None:
    st.header("Fetched bars", anchor=False)
    if not entries:
        st.caption("Nothing was fetched yet. Bars from Yahoo are kept here, so that the same question is asked once.")
        return
    frame_ = pd.DataFrame(
        {
            "Symbol": [entry.symbol for entry in entries],
            "Timeframe": [labels.TIMEFRAME[entry.timeframe] for entry in entries],
            "Bars": [entry.bars for entry in entries],
            "From": [entry.first for entry in entries],
            "To": [entry.last for entry in entries],
            "Size": [format_size(entry.bytes) for entry in entries],
            "Source": [entry.source for entry in entries],
            "Asked": [formatting.format_age(entry.fetched) for entry in entries],
        }
    )
    event = st.dataframe(
        frame_,
        hide_index=True,
        key=f"{page}_cache",
        on_select="rerun",
        selection_mode="multi-row",
        height="content" if len(entries) <= 10 else 380,
        alt="Fetched bars",
    )
    chosen = [entries[row] for row in event.selection.rows if row < len(entries)]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            f"Remove {format_count(len(chosen), 'entry', 'entries')}" if chosen else "Remove ticked",
            key=f"{page}_cache_remove",
            icon=":material/delete:",
            disabled=not chosen,
            on_click=remove_fetched,
            args=(page, chosen),
        )
        with st.popover("Remove all", icon=":material/delete_sweep:", key=f"{page}_cache_all"):
            st.write(
                "Removes everything that was fetched. Asked for, it is fetched again; old minute bars may be gone at the source by then."
            )
            st.button(
                "Remove all fetched bars", key=f"{page}_cache_clear", type="primary", on_click=remove_fetched, args=(page, list(entries))
            )
        st.caption("Removed bars are fetched again when they are asked for.", width="content")


def remove_fetched(page: str, entries: list[CacheEntry]) -> None:
    """Remove fetched bars."""
    try:
        for entry in entries:
            services().market.forget(entry)
    except OSError as error:
        st.session_state[f"{page}_storage_failed"] = f"The bars could not be removed: {error.strerror}."
    else:
        st.session_state[f"{page}_storage_said"] = f"Removed {format_count(len(entries), 'entry', 'entries')}."
    market_data.clear_caches()


def _uploads(uploads: dict[Path, int], page: str) -> None:
    st.header("Uploads", anchor=False)
    if not uploads:
        st.caption("No file was uploaded yet.")
        return
    names = [path.name for path in uploads]
    sizes = [format_size(size) for size in uploads.values()]
    frame_ = pd.DataFrame({"Symbol": [derive_symbol(path) for path in uploads], "File": names, "Size": sizes})
    st.dataframe(frame_, hide_index=True, key=f"{page}_uploads", height="content" if len(names) <= 10 else 380, alt="Uploaded files")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = draw_choice("File", names, index=None, key=f"{page}_upload_chosen", placeholder="Choose one to remove")
        with st.popover("Remove", icon=":material/delete:", disabled=chosen is None, key=f"{page}_upload_removal"):
            st.write("Deletes the file from this machine. Runs that used it keep their results, but cannot be resumed or repeated.")
            st.button("Remove this file", key=f"{page}_upload_remove", type="primary", on_click=remove_upload, args=(page, chosen or ""))


def remove_upload(page: str, name: str) -> None:
    """Delete an upload."""
    try:
        services().workbench.remove_upload(name)
    except (StratloopError, OSError) as error:
        st.session_state[f"{page}_storage_failed"] = str(error)
    else:
        st.session_state[f"{page}_storage_said"] = f"Removed {name}."
        st.session_state[f"{page}_upload_chosen"] = None
    market_data.clear_caches()


def draw_fetch_offer(symbol: str, page: str) -> bool:
    """Draw the offer to fetch an instrument's bars; True when somebody asked for that just now."""
    actions = frame.draw_empty_state(
        "These bars are not here yet",
        "They can be fetched from Yahoo Finance, for personal use, and are then kept here. Only the symbol and the range are sent.",
        icon=":material/cloud_download:",
    )
    return bool(
        actions.button(
            "Fetch from Yahoo", key=f"{page}_fetch", type="primary", icon=":material/cloud_download:", help=formatting.escape(symbol)
        )
    )
