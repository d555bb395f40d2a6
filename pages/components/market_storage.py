"""What is kept on this machine: bars that were fetched, and uploads; how much room they take, and how to be rid of them."""

from pathlib import Path

import pandas as pd
import streamlit as st

from core.domain.bars import CacheEntry
from core.domain.errors import StratloopError
from core.services import services
from pages.components import frame, market_data, words
from pages.components.market_upload import symbol_of


def storage_panel(page: str) -> None:
    """Both stores with their sizes."""
    if said := st.session_state.pop(f"{page}_storage_said", None):
        st.toast(words.escape(said), icon=":material/delete:")
    if failed := st.session_state.pop(f"{page}_storage_failed", None):
        st.error(words.escape(failed), icon=":material/error:")
    entries, uploads = services().market.cached(), services().uploads()
    with st.grid(2, min_column_width=220):
        st.metric(
            "Fetched bars",
            size(sum(entry.bytes for entry in entries)),
            border=True,
            help="Bars from sources on the network, kept as Parquet.",
        )
        st.metric("Uploads", size(sum(path.stat().st_size for path in uploads)), border=True, help="Your files, exactly as you gave them.")
    with st.container(border=True):
        _fetched(entries, page)
    with st.container(border=True):
        _uploads(uploads, page)
    st.caption(words.escape(f"Kept under {services().settings.home}. Bars that ship with the product are not counted."))


def size(count: int) -> str:
    """Bytes for people.

    >>> size(0), size(2048), size(5_300_000)
    ('0 kB', '2 kB', '5.3 MB')
    """
    return f"{round(count / 1000):,} kB" if count < 1_000_000 else f"{count / 1_000_000:,.1f} MB"


def _fetched(entries: tuple[CacheEntry, ...], page: str) -> None:
    st.subheader("Fetched bars", anchor=False)
    if not entries:
        st.caption("Nothing was fetched yet. Bars from Yahoo are kept here, so that the same question is asked once.")
        return
    frame_ = pd.DataFrame(
        {
            "Symbol": [entry.symbol for entry in entries],
            "Timeframe": [words.TIMEFRAME[entry.timeframe] for entry in entries],
            "Bars": [entry.bars for entry in entries],
            "From": [entry.first for entry in entries],
            "To": [entry.last for entry in entries],
            "Size": [size(entry.bytes) for entry in entries],
            "Source": [entry.source for entry in entries],
            "Asked": [words.ago(entry.fetched) for entry in entries],
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
            f"Remove {words.count(len(chosen), 'entry', 'entries')}" if chosen else "Remove ticked",
            key=f"{page}_cache_remove",
            icon=":material/delete:",
            disabled=not chosen,
            on_click=forget,
            args=(page, chosen),
        )
        with st.popover("Remove all", icon=":material/delete_sweep:", key=f"{page}_cache_all"):
            st.write(
                "Removes everything that was fetched. Asked for, it is fetched again; old minute bars may be gone at the source by then."
            )
            st.button("Remove all fetched bars", key=f"{page}_cache_clear", type="primary", on_click=forget, args=(page, list(entries)))
        st.caption("Removed bars are fetched again when they are asked for.", width="content")


def forget(page: str, entries: list[CacheEntry]) -> None:
    """Remove fetched bars."""
    try:
        for entry in entries:
            services().market.forget(entry)
    except OSError as error:
        st.session_state[f"{page}_storage_failed"] = f"The bars could not be removed: {error.strerror}."
    else:
        st.session_state[f"{page}_storage_said"] = f"Removed {words.count(len(entries), 'entry', 'entries')}."
    market_data.forget()


def _uploads(uploads: tuple[Path, ...], page: str) -> None:
    st.subheader("Uploads", anchor=False)
    if not uploads:
        st.caption("No file was uploaded yet.")
        return
    names = [path.name for path in uploads]
    frame_ = pd.DataFrame(
        {"Symbol": [symbol_of(path) for path in uploads], "File": names, "Size": [size(path.stat().st_size) for path in uploads]}
    )
    st.dataframe(frame_, hide_index=True, key=f"{page}_uploads", height="content" if len(names) <= 10 else 380, alt="Uploaded files")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("File", names, index=None, key=f"{page}_upload_chosen", placeholder="Choose one to remove")
        with st.popover("Remove", icon=":material/delete:", disabled=chosen is None, key=f"{page}_upload_removal"):
            st.write("Deletes the file from this machine. Runs that used it keep their results, but cannot be resumed or repeated.")
            st.button("Remove this file", key=f"{page}_upload_remove", type="primary", on_click=remove, args=(page, chosen or ""))


def remove(page: str, name: str) -> None:
    """Delete an upload."""
    try:
        services().remove_upload(name)
    except (StratloopError, OSError) as error:
        st.session_state[f"{page}_storage_failed"] = str(error)
    else:
        st.session_state[f"{page}_storage_said"] = f"Removed {name}."
        st.session_state[f"{page}_upload_chosen"] = None
    market_data.forget()


def not_here(symbol: str, page: str) -> bool:
    """For an instrument whose bars have to be fetched first; True when somebody asked for that just now."""
    actions = frame.empty_state(
        "These bars are not here yet",
        "They can be fetched from Yahoo Finance, for personal use, and are then kept here. Only the symbol and the range are sent.",
        icon=":material/cloud_download:",
    )
    return bool(
        actions.button("Fetch from Yahoo", key=f"{page}_fetch", type="primary", icon=":material/cloud_download:", help=words.escape(symbol))
    )
