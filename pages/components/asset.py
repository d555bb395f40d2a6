"""The asset field: search by symbol or company name, pick a match, see what bars there are."""

import streamlit as st

from core.domain.instrument import Listing, Timeframe
from pages.components import cached_queries, formatting


def draw_asset_field(page: str) -> Listing | None:
    """Search field `<page>_symbol` with its matches; the chosen instrument, or None while the text names none."""
    key = f"{page}_symbol"
    text = st.text_input(
        "Asset", key=key, type="search", live="300ms", placeholder="Symbol or company, for example apple", icon=":material/search:"
    )
    typed = (text or "").strip()
    chosen = cached_queries.find_listing(typed) if typed else None
    if chosen is None:
        _matches(page, typed)
        return None
    st.caption(describe_listing(chosen))
    return chosen


def read_symbol(page: str, listing: Listing) -> str:
    """Read the symbol to ask for, with its source when the field names one (`yahoo:AAPL`)."""
    source, colon, _ = str(st.session_state.get(f"{page}_symbol") or "").strip().partition(":")
    named = colon and source.strip().lower() == listing.source
    return f"{listing.source}:{listing.instrument.symbol}" if named else listing.instrument.symbol


def describe_listing(listing: Listing) -> str:
    """One line on an instrument and the bars that are here; safe for Markdown."""
    instrument = listing.instrument
    parts = [formatting.escape(instrument.name) if instrument.name else "", instrument.asset_class.value, instrument.currency]
    if listing.first and listing.last:
        parts.append(f"{listing.first} to {listing.last}")
    parts.append(formatting.escape(listing.source) if listing.has_data else "bars are not here yet")
    return " · ".join(part for part in parts if part)


def list_timeframes(listing: Listing | None) -> tuple[Timeframe, ...]:
    """List the timeframes to choose from for an instrument; all of them while none is chosen."""
    return listing.timeframes if listing and listing.timeframes else tuple(Timeframe)


def _matches(page: str, typed: str) -> None:
    found = cached_queries.search(typed)
    if not found:
        st.error(
            f"Nothing is called “{formatting.escape(typed)}”. Try a symbol such as AAPL or part of a company's name.",
            icon=":material/search_off:",
        )
        return
    symbols = [match.instrument.symbol for match in found]

    def pick() -> None:
        picked = st.session_state.get(f"{page}_match")
        if picked:
            st.session_state[f"{page}_symbol"] = picked

    st.radio(
        "Matches" if typed else "Choose one",
        symbols,
        index=None,
        key=f"{page}_match",
        captions=[
            formatting.escape(match.instrument.name) + (f" · {formatting.escape(match.source)}" if match.has_data else " · no bars here")
            for match in found
        ],
        on_change=pick,
        format_func=formatting.escape,
    )
