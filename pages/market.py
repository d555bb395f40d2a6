"""Bars before anything is built on them: what there is, how complete it is, how it moves, and files of one's own."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest
from core.domain.errors import MarketDataError, StratloopError
from core.domain.instrument import Listing, Timeframe
from core.report import labels
from core.report.number_format import format_count, format_percent
from core.services import services
from pages.components import asset, form_state, formatting, frame, market_candles, market_character, market_data, market_quality
from pages.components.fields import draw_segments, draw_switch
from pages.components.figures import point_change
from pages.components.market_storage import draw_fetch_offer, draw_storage_panel
from pages.components.market_upload import draw_upload_panel
from pages.components.navigation import screen

DEFAULTS: dict[str, Any] = {
    "symbol": "AAPL",
    "start": None,
    "end": None,
    "timeframe": Timeframe.D1.value,
    "prices": "Adjusted",
}
TABS = ["Bars", "Upload", "Kept here"]
MEANING = {
    "Adjusted": "Splits and dividends are taken out of earlier prices, so that they never look like signals. Strategies trade on these.",
    "Raw": "As they were quoted on the day. A split looks like a crash and a dividend like a fall, although nobody lost anything.",
}


def apply_requested_symbol() -> None:
    """Take over an instrument that the address names, once."""
    asked = st.query_params.get("symbol")
    if asked and st.session_state.get("market__asked") != asked:
        st.session_state["market__asked"] = asked
        st.session_state["market_symbol"] = asked


def draw_form() -> tuple[Listing | None, BarsRequest | None]:
    """Draw the fields on the left and read the request for bars from them."""
    chosen = asset.draw_asset_field("market")
    typed = (st.session_state.get("market_symbol") or "").strip()
    if chosen is None and typed:
        st.button(
            "Search Yahoo", key="market_online", icon=":material/travel_explore:", on_click=search_online, args=(typed,), width="stretch"
        )
    if failure := st.session_state.pop("market_online_failure", None):
        st.error(formatting.escape(failure), icon=":material/error:")
    if chosen is not None:
        draw_sources(chosen)
    span = asset.draw_range("market", chosen)
    prices = draw_segments("Prices", list(MEANING), key="market_prices", required=True, width="stretch")
    st.caption(MEANING[prices or "Adjusted"])
    if span.reversed:
        st.error("“From” lies after “To”. Swap the two dates.", icon=":material/event_busy:")
        return chosen, None
    if chosen is None:
        return None, None
    _draw_earliest(chosen, span.timeframe)
    return chosen, BarsRequest(
        symbol=asset.read_symbol("market", chosen), start=span.start, end=span.end, timeframe=span.timeframe, adjusted=prices != "Raw"
    )


def draw_sources(chosen: Listing) -> None:
    """Draw the choice of a source, when several sources have the instrument."""
    offers = {offer.source: offer for offer in services().market.offers(chosen.instrument.symbol)}
    if len(offers) < 2:
        return
    st.session_state["market_source"] = chosen.source
    draw_segments(
        "Source",
        list(offers),
        key="market_source",
        required=True,
        width="stretch",
        format_func=lambda name: name.capitalize(),
        on_change=choose_source,
        args=(chosen.instrument.symbol,),
    )


def choose_source(symbol: str) -> None:
    """Name the source in the field, which every form understands."""
    st.session_state["market_symbol"] = f"{st.session_state['market_source']}:{symbol}"


def search_online(text: str) -> None:
    """Ask Yahoo's own search; what it finds is known from then on."""
    try:
        services().market.search(text, online=True)
    except StratloopError as error:
        st.session_state["market_online_failure"] = str(error)
    else:
        market_data.clear_caches()


def _draw_earliest(chosen: Listing, timeframe: Timeframe) -> None:
    earliest = services().market.earliest(asset.read_symbol("market", chosen), timeframe)
    if earliest and not chosen.first:
        st.caption(f"{labels.TIMEFRAME[timeframe]} bars can be had from {earliest} on.")


def draw_headline(bars: Bars, request_json: str) -> None:
    """Four figures that are read first."""
    quality, _ = market_data.load_quality(request_json)
    figures = market_character.format_profile_figures(market_data.compute_character(request_json))
    change = float(bars.close[-1] / bars.close[0] - 1)
    with st.grid(4, min_column_width=150):
        st.metric(
            "Last close",
            f"{format_price(float(bars.close[-1]))} {bars.instrument.currency}",
            **point_change(format_percent(change, sign=True)),
            delta_description="over the range",
            border=True,
            height="stretch",
        )
        st.metric(
            "Bars",
            f"{len(bars):,}",
            delta=f"{quality.completeness:.1%} of the expected",
            delta_color="off",
            delta_arrow="off",
            border=True,
            height="stretch",
        )
        for label, value, remark in figures:
            st.metric(label, value, delta=remark, delta_color="off", delta_arrow="off", border=True, height="stretch")


def format_price(value: float) -> str:
    """A price with as many digits as tell it apart.

    >>> format_price(56.1374), format_price(1.08532)
    ('56.14', '1.0853')
    """
    return f"{value:,.2f}" if value >= 10 else f"{value:.5g}"


@st.fragment
def draw_chart(request_json: str) -> None:
    """Candles of the range, or of the stretch that is marked below them."""
    bars = market_data.load_bars(request_json).bars
    request = BarsRequest.model_validate_json(request_json)
    key = f"market_chart_{hash(request_json) & 0xFFFFFFFF:x}"
    with st.container(border=True, gap="xsmall"):
        head = st.container(horizontal=True, vertical_alignment="center")
        place = st.container()
        stretch = market_candles.draw_overview(bars, key=f"{key}_overview")
        st.caption("Drag to move, Ctrl and scroll to zoom. Move the handles below the small curve to see a stretch in finer candles.")
        first, last = stretch or (0, len(bars) - 1)
        shown = bars.slice(first, last + 1)
        bounds = services().market.compute_session_bounds(shown)
        title = head.empty()
        head.space("stretch")
        log = draw_switch("Logarithmic", key="market_log", place=head)
        with place:
            found = market_candles.draw_candles(shown, bounds, key=f"{key}_{first}_{last}_{log}", marks=_marks(request_json), log=log)
            span = f"{shown.first:%Y-%m-%d} to {shown.last:%Y-%m-%d}"
        title.markdown(f"**{found.name} candles** · {span} · {_describe_candles(found, shown, request)}", width="content")


def _describe_candles(found: market_candles.Candles, bars: Bars, request: BarsRequest) -> str:
    parts = ["adjusted" if request.adjusted else "raw"]
    if len(found) < len(bars):
        parts.append(f"{len(bars):,} bars in {len(found)} candles")
    return " · ".join(parts)


def _marks(request_json: str) -> list[market_candles.Mark]:
    return [
        market_candles.Mark(np.datetime64(action.day, "D"), "S" if action.is_split else "D", str(action))
        for action in market_data.load_actions(request_json)
    ]


def draw_actions(request_json: str) -> None:
    """Splits and dividends in the range."""
    found = market_data.load_actions(request_json)
    if not found:
        st.caption("No split and no dividend is known in this range.")
        return
    splits = sum(action.is_split for action in found)
    st.caption(
        f"{format_count(splits, 'split')} and {format_count(len(found) - splits, 'dividend')}, "
        "read out of the difference between raw and adjusted closes. The day is the first one without the right to it."
    )
    table = pd.DataFrame(
        {
            "Day": [action.day for action in found[::-1]],
            "What": ["split" if action.is_split else "dividend" for action in found[::-1]],
            "Detail": [str(action) for action in found[::-1]],
        }
    )
    st.dataframe(table, hide_index=True, key="market_actions", height="content" if len(table) <= 10 else 380, alt="Splits and dividends")


def draw_details(bars: Bars, request_json: str) -> None:
    """Quality, character, company actions and facts, each computed when it is opened."""
    quality_tab, character_tab, actions_tab, facts_tab = st.tabs(
        ["Quality", "Character", "Splits and dividends", "Instrument"], key="market_details", on_change="rerun"
    )
    if quality_tab.open:
        with quality_tab, frame.show_errors():
            market_quality.draw_report(market_data.load_bars(request_json), *market_data.load_quality(request_json), key="market_quality")
    if character_tab.open:
        with character_tab, frame.show_errors():
            market_character.draw_character_panel(market_data.compute_character(request_json), key="market_character")
    if actions_tab.open:
        with actions_tab, frame.show_errors():
            draw_actions(request_json)
    if facts_tab.open:
        with facts_tab:
            st.table(
                market_quality.describe_instrument(bars.instrument), border="horizontal", width="content", alt="Facts about the instrument"
            )
            st.caption("Costs are starting values for a run; the form of LLM driving and of Code lets you change them.")


def fetch(chosen: Listing, request: BarsRequest) -> None:
    """Fetch bars over the network because somebody asked."""
    try:
        with st.spinner(f"Asking Yahoo for {formatting.escape(chosen.instrument.symbol)}", show_time=True):
            services().market.load(request)
    except MarketDataError as error:
        frame.show_problem(error)
        return
    market_data.clear_caches()
    st.rerun()


def draw_bars(chosen: Listing | None, request: BarsRequest | None) -> None:
    """Draw the right side: the bars that were asked for."""
    if chosen is None or request is None:
        frame.draw_empty_state("No instrument is chosen", "Type a symbol or a company's name.", icon=":material/candlestick_chart:")
        return
    if not chosen.has_data:
        if draw_fetch_offer(chosen.instrument.symbol, "market"):
            fetch(chosen, request)
        return
    document = request.model_dump_json()
    with frame.show_errors():
        with st.spinner("Reading the bars"):
            bars = market_data.load_bars(document).bars
        draw_headline(bars, document)
        draw_chart(document)
        draw_details(bars, document)


def show_kept(kept: dict[str, Any]) -> None:
    """Choose an upload that was just kept, here or on LLM driving."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="market_kept_card"):
        name = formatting.escape(kept["symbol"])
        st.markdown(f":material/check_circle: Kept as **{name}**. Every search finds it under this symbol.", width="stretch")
        st.button("Look at it", key="market_look", icon=":material/candlestick_chart:", on_click=open_upload, args=(kept,))
        if st.button("Use it in LLM driving", key="market_use", icon=":material/autorenew:"):
            form_state.store_fields("driving", kept)
            st.session_state["driving_said"] = "The form holds these bars."
            st.session_state.pop("market_kept", None)
            st.switch_page(screen("driving"))


def open_upload(kept: dict[str, Any]) -> None:
    """Open the first tab with an upload."""
    form_state.store_fields("market", {**kept, "start": None, "end": None})
    st.session_state["market_tab"] = TABS[0]
    st.session_state.pop("market_kept", None)


apply_requested_symbol()
frame.draw_header("Market", ":material/candlestick_chart:")
bars_tab, upload_tab, kept_tab = st.tabs(TABS, key="market_tab", on_change="rerun")
if bars_tab.open:
    with bars_tab:
        left, main = st.columns([3, 9], gap="medium")
        with left, st.container(border=True, key="market_form"):
            form_state.restore("market", DEFAULTS)
            chosen, request = draw_form()
            form_state.store("market", DEFAULTS)
        with main:
            draw_bars(chosen, request)
if upload_tab.open:
    with upload_tab:
        if kept := st.session_state.get("market_kept"):
            show_kept(kept)
        draw_upload_panel("market")
if kept_tab.open:
    with kept_tab:
        draw_storage_panel("market")
