"""The search field for further instruments of a run: symbols or company names, any number of them, beside the first one."""

from collections.abc import Sequence

import streamlit as st

from core.domain.instrument import Listing
from core.domain.plan_fields import find_field
from core.domain.run import BarsRequest, FurtherInstrument
from pages.components import cached_queries
from pages.components.asset import find_only_match, name_with_source
from pages.components.fields import draw_choices
from pages.components.plan_fields import get_label
from pages.components.plan_rules import PlanForm

OFFERED = 20
"""Symbols with bars here that are offered before anything is typed."""


def draw_further_instruments(page: str, form: PlanForm, first: Listing | None) -> tuple[FurtherInstrument, ...]:
    """Draw the field `<page>_others`; marks what names no instrument, or one that is chosen already."""
    key = f"{page}_others"
    here = [listing.instrument.symbol for listing in cached_queries.search("", OFFERED)]
    taken = "" if first is None else first.instrument.symbol
    typed = [str(text) for text in st.session_state.get(key) or ()]
    chosen = draw_choices(
        get_label(BarsRequest, "others"),
        list(dict.fromkeys([*(symbol for symbol in here if symbol != taken), *typed])),
        key=key,
        accept_new_options=True,
        placeholder="None; symbol or company",
        help=find_field(BarsRequest, "others").sentence,
    )
    return _resolve(key, form, [str(text).strip() for text in chosen if str(text).strip()], taken)


def _resolve(key: str, form: PlanForm, chosen: Sequence[str], taken: str) -> tuple[FurtherInstrument, ...]:
    found: dict[str, FurtherInstrument] = {}
    for text in chosen:
        listing = cached_queries.find_listing(text) or find_only_match(text, cached_queries.search(text))
        if listing is None:
            form.mark(key, f"“{text}” names no one instrument. Type its symbol, for example MSFT.")
        elif listing.instrument.symbol == taken or listing.instrument.symbol in found:
            form.mark(key, f"{listing.instrument.symbol} is chosen already: name each instrument once.")
        else:
            found[listing.instrument.symbol] = FurtherInstrument(symbol=name_with_source(text, listing))
    return tuple(found.values())
