"""The asset field: search by symbol or company name, pick a match, see what bars there are, choose a stretch of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from core.domain.bars_request import BarsRequest
from core.domain.instrument import Listing, Timeframe
from core.report import labels
from pages.components import cached_queries, formatting
from pages.components.fields import draw_choice, draw_date, draw_text
from pages.components.plan_fields import get_label

EARLIEST, LATEST = date(1900, 1, 1), date(2100, 12, 31)


@dataclass(frozen=True, slots=True)
class ChosenRange:
    """A stretch of bars as the fields say it; a day that is None leaves that end open."""

    start: date | None
    end: date | None
    timeframe: Timeframe

    @property
    def reversed(self) -> bool:
        """True when it would end before it begins."""
        return self.start is not None and self.end is not None and self.start > self.end


def draw_asset_field(page: str) -> Listing | None:
    """Search field `<page>_symbol` with its matches; the chosen instrument, or None while the text names none.

    A text that fits one instrument only chooses it: nobody has to tick the only line of a list.
    """
    typed = draw_text(
        get_label(BarsRequest, "symbol"),
        key=f"{page}_symbol",
        type="search",
        live="300ms",
        placeholder="Symbol or company, for example apple",
        icon=":material/search:",
    ).strip()
    chosen = cached_queries.find_listing(typed) if typed else None
    if chosen is None:
        found = cached_queries.search(typed)
        chosen = find_only_match(typed, found)
        if chosen is None:
            _matches(page, typed, found)
            return None
        st.caption(f":material/check: **{formatting.escape(chosen.instrument.symbol)}** · {describe_listing(chosen)}")
        return chosen
    st.caption(describe_listing(chosen))
    return chosen


def find_only_match(typed: str, found: Sequence[Listing]) -> Listing | None:
    """The instrument that a text can only mean: the sole match of a search, or the only one of that very name."""
    if not typed:
        return None
    if len(found) == 1:
        return found[0]
    named = [listing for listing in found if listing.instrument.name and listing.instrument.name.casefold() == typed.casefold()]
    return named[0] if len(named) == 1 else None


def draw_range(page: str, chosen: Listing | None) -> ChosenRange:
    """Fields `<page>_start`, `<page>_end` and `<page>_timeframe`, with all bars of the chosen instrument in one click."""
    left, right = st.columns(2)
    bounds = {"min_value": EARLIEST, "max_value": LATEST, "format": "YYYY-MM-DD"}
    start = draw_date(get_label(BarsRequest, "start"), key=f"{page}_start", place=left, **bounds)
    end = draw_date(get_label(BarsRequest, "end"), key=f"{page}_end", place=right, **bounds)
    if chosen is not None:
        _offer_all_bars(page, chosen, start, end)
    offered = [timeframe.value for timeframe in list_timeframes(chosen)]
    key = f"{page}_timeframe"
    if st.session_state.get(key) not in offered:
        st.session_state[key] = Timeframe.D1.value if Timeframe.D1.value in offered else offered[0]
    timeframe = draw_choice(
        get_label(BarsRequest, "timeframe"), offered, key=key, format_func=lambda value: labels.TIMEFRAME[Timeframe(value)]
    )
    return ChosenRange(start, end, Timeframe(timeframe or offered[0]))


def _offer_all_bars(page: str, chosen: Listing, start: date | None, end: date | None) -> None:
    """Say when the range does not lie within the bars that are here, and take all of them in one click."""
    first, last = chosen.first, chosen.last
    if start == first and end == last:
        return

    def take() -> None:
        st.session_state[f"{page}_start"], st.session_state[f"{page}_end"] = first, last

    with st.container(horizontal=True, vertical_alignment="center"):
        if first and last and _lies_outside(start, end, first, last):
            st.markdown(f":orange[:material/event_note: Bars are here from {first} to {last}; the range reaches beyond that.]")
        st.button("All bars", key=f"{page}_all_bars", type="tertiary", icon=":material/date_range:", on_click=take)


def _lies_outside(start: date | None, end: date | None, first: date, last: date) -> bool:
    return bool((start and (first - start).days > 4) or (end and (end - last).days > 4))


def read_symbol(page: str, listing: Listing) -> str:
    """Read the symbol to ask for, with its source when the field names one (`yahoo:AAPL`)."""
    return name_with_source(str(st.session_state.get(f"{page}_symbol") or ""), listing)


def name_with_source(typed: str, listing: Listing) -> str:
    """The symbol to ask for, with its source when what was typed names it."""
    source, colon, _ = typed.strip().partition(":")
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


def _matches(page: str, typed: str, found: Sequence[Listing]) -> None:
    if not found:
        st.error(
            f"Nothing is called “{formatting.escape(typed)}”. Try a symbol such as AAPL or part of a company's name.",
            icon=":material/search_off:",
        )
        return
    with st.container(gap="xsmall", key=f"{page}_matches"):
        st.caption(_introduce_matches(typed, found))
        for place, match in enumerate(found):
            symbol, name = match.instrument.symbol, match.instrument.name
            known = match.source if match.has_data else "no bars here"
            st.button(
                " · ".join([f"**{formatting.escape(symbol)}**", *(formatting.escape(part) for part in (name, known) if part)]),
                key=f"{page}_match_{place}",
                type="tertiary",
                on_click=_pick,
                args=(page, symbol),
            )


def _introduce_matches(typed: str, found: Sequence[Listing]) -> str:
    """Introduce what a search found, and say so when nothing of it is called what was typed."""
    if not typed:
        return "Choose one"
    words = typed.casefold().split()
    names = [f"{listing.instrument.symbol} {listing.instrument.name}".casefold() for listing in found]
    if any(all(word in name for word in words) for name in names):
        return "Matches"
    return f":material/search_off: Nothing is called “{formatting.escape(typed)}”. These come near:"


def _pick(page: str, symbol: str) -> None:
    st.session_state[f"{page}_symbol"] = symbol
