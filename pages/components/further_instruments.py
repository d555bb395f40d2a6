"""The search fields for further instruments of a run: those of its basket, and those that its program reads beside the first one."""

from collections.abc import Sequence

import streamlit as st

from core.domain.bars_request import LARGEST_BASKET, BarsRequest, FurtherInstrument
from core.domain.instrument import Listing
from core.domain.instrument_result import Across, CurrencyRate
from core.domain.plan_fields import find_field
from core.domain.run import RunPlan
from pages.components import cached_queries
from pages.components.asset import find_only_match, name_with_source
from pages.components.fields import draw_choice, draw_choices, draw_number
from pages.components.plan_fields import get_label
from pages.components.plan_rules import PlanForm

ACROSS_LABELS = {"mean": "Mean", "median": "Median", "worst": "The worst one"}
OFFERED = 20
"""Symbols with bars here that are offered before anything is typed."""


def draw_further_instruments(page: str, form: PlanForm, first: Listing | None) -> tuple[FurtherInstrument, ...]:
    """Draw the field `<page>_others`; marks what names no instrument, or one that is chosen already."""
    return _to_instruments(_draw(page, "others", form, first))


def draw_basket(page: str, form: PlanForm, first: Listing | None) -> tuple[tuple[FurtherInstrument, ...], tuple[CurrencyRate, ...]]:
    """Draw the field `<page>_basket`, with what belongs to several instruments: the way to one score, and rates of currencies."""
    chosen = _draw(page, "basket", form, first)
    key = f"{page}_basket"
    if len(chosen) >= LARGEST_BASKET:
        form.mark(key, f"A basket takes {LARGEST_BASKET} instruments at most, the first one included; these are {len(chosen) + 1}.")
        chosen = dict(list(chosen.items())[: LARGEST_BASKET - 1])
    if not chosen:
        return (), ()
    form.loop["across"] = Across(
        draw_choice(
            get_label(RunPlan, "across"),
            [one.value for one in Across],
            key=f"{page}_across",
            format_func=ACROSS_LABELS.__getitem__,
            help=find_field(RunPlan, "across").sentence,
        )
    )
    account = first.instrument.currency if first is not None else ""
    foreign = sorted({listing.instrument.currency for listing, _ in chosen.values()} - {account}) if account else []
    return _to_instruments(chosen), _draw_rates(page, form, account, foreign)


def _draw_rates(page: str, form: PlanForm, account: str, foreign: Sequence[str]) -> tuple[CurrencyRate, ...]:
    """Ask for what one unit of each other currency is worth; a basket without that is refused."""
    rates = []
    for currency in foreign:
        key = f"{page}_rate_{currency}"
        rate = draw_number(f"One {currency} in {account}", 0.0, 1e6, key=key, help=find_field(BarsRequest, "rates").sentence)
        if rate:
            rates.append(CurrencyRate(currency=currency, rate=rate))
        else:
            form.mark(key, f"State what one {currency} is worth in {account}, or choose instruments of one currency.")
    return tuple(rates)


def _draw(page: str, name: str, form: PlanForm, first: Listing | None) -> dict[str, tuple[Listing, str]]:
    """Draw one of the fields; gives what was chosen, by symbol, as it was typed."""
    key = f"{page}_{name}"
    here = [listing.instrument.symbol for listing in cached_queries.search("", OFFERED)]
    taken = "" if first is None else first.instrument.symbol
    typed = [str(text) for text in st.session_state.get(key) or ()]
    chosen = draw_choices(
        get_label(BarsRequest, name),
        list(dict.fromkeys([*(symbol for symbol in here if symbol != taken), *typed])),
        key=key,
        accept_new_options=True,
        placeholder="None; symbol or company",
        help=find_field(BarsRequest, name).sentence,
    )
    return _resolve(key, form, [str(text).strip() for text in chosen if str(text).strip()], taken)


def _to_instruments(chosen: dict[str, tuple[Listing, str]]) -> tuple[FurtherInstrument, ...]:
    return tuple(FurtherInstrument(symbol=name_with_source(text, listing)) for listing, text in chosen.values())


def _resolve(key: str, form: PlanForm, chosen: Sequence[str], taken: str) -> dict[str, tuple[Listing, str]]:
    found: dict[str, tuple[Listing, str]] = {}
    for text in chosen:
        listing = cached_queries.find_listing(text) or find_only_match(text, cached_queries.search(text))
        if listing is None:
            form.mark(key, f"“{text}” names no one instrument. Type its symbol, for example MSFT.")
        elif listing.instrument.symbol == taken or listing.instrument.symbol in found:
            form.mark(key, f"{listing.instrument.symbol} is chosen already: name each instrument once.")
        else:
            found[listing.instrument.symbol] = (listing, text)
    return found
