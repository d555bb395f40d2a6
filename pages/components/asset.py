"""The asset field: search by symbol or company name, pick a match, see what bars there are."""

import streamlit as st

from core.domain.instrument import Listing, Timeframe
from pages.components import loaded, words


def asset_field(page: str) -> Listing | None:
    """Search field `<page>_symbol` with its matches; the chosen instrument, or None while the text names none."""
    key = f"{page}_symbol"
    text = st.text_input(
        "Asset", key=key, type="search", live="300ms", placeholder="Symbol or company, for example apple", icon=":material/search:"
    )
    typed = (text or "").strip()
    chosen = loaded.listing(typed) if typed else None
    if chosen is None:
        _matches(page, typed)
        return None
    st.caption(about(chosen))
    return chosen


def symbol_of(page: str, listing: Listing) -> str:
    """What to ask for: the symbol, with its source when the field names one (`yahoo:AAPL`)."""
    source, colon, _ = str(st.session_state.get(f"{page}_symbol") or "").strip().partition(":")
    named = colon and source.strip().lower() == listing.source
    return f"{listing.source}:{listing.instrument.symbol}" if named else listing.instrument.symbol


def about(listing: Listing) -> str:
    """One line on an instrument and the bars that are here; safe for Markdown."""
    instrument = listing.instrument
    parts = [words.escape(instrument.name) if instrument.name else "", instrument.asset_class.value, instrument.currency]
    if listing.first and listing.last:
        parts.append(f"{listing.first} to {listing.last}")
    parts.append(words.escape(listing.source) if listing.has_data else "bars are not here yet")
    return " · ".join(part for part in parts if part)


def timeframes(listing: Listing | None) -> tuple[Timeframe, ...]:
    """What can be chosen for an instrument; everything while none is chosen."""
    return listing.timeframes if listing and listing.timeframes else tuple(Timeframe)


def _matches(page: str, typed: str) -> None:
    found = loaded.search(typed)
    if not found:
        st.error(
            f"Nothing is called “{words.escape(typed)}”. Try a symbol such as AAPL or part of a company's name.",
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
            words.escape(match.instrument.name) + (f" · {words.escape(match.source)}" if match.has_data else " · no bars here")
            for match in found
        ],
        on_change=pick,
        format_func=words.escape,
    )
