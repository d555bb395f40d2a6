"""What the Market screen reads, kept for a while: bars with their remarks, and the reports on them."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.domain.bars import Loaded, Preview
from core.domain.quality import Coverage, Quality
from core.domain.run import BarsRequest
from core.domain.seasonality import Seasonality, seasonality
from core.domain.sessions import SessionBounds
from core.evidence import Profile, Returns, profile, returns_of
from core.services import services
from pages.components import loaded


@dataclass(frozen=True, slots=True)
class Character:
    """How an instrument moves."""

    profile: Profile | None
    seasons: Seasonality
    returns: Returns


@st.cache_resource(ttl=600, max_entries=8, show_spinner=False)
def bars(request_json: str) -> Loaded:
    """Bars of a request, with what was repaired. Raises MarketDataError."""
    found: Loaded = services().market.load(BarsRequest.model_validate_json(request_json))
    return found


@st.cache_resource(ttl=600, max_entries=8, show_spinner=False)
def sessions(request_json: str) -> SessionBounds:
    """Where each bar stands in its trading day. Raises MarketDataError."""
    found: SessionBounds = services().market.sessions(bars(request_json).bars)
    return found


@st.cache_resource(ttl=600, max_entries=8, show_spinner=False)
def quality(request_json: str) -> tuple[Quality, Coverage]:
    """The report on the bars of a request, and which days are there. Raises MarketDataError."""
    market, found = services().market, bars(request_json).bars
    return market.quality(found), market.coverage(found)


@st.cache_resource(ttl=600, max_entries=8, show_spinner=False)
def character(request_json: str) -> Character:
    """How the bars of a request move. Raises MarketDataError."""
    found = bars(request_json).bars
    return Character(profile(found), seasonality(found), returns_of(found))


@st.cache_resource(ttl=600, max_entries=8, show_spinner=False)
def actions(request_json: str) -> tuple[Any, ...]:
    """Splits and dividends in the range of a request: each with `day`, `kind` and `value`. Raises MarketDataError."""
    found: tuple[Any, ...] = services().market.actions(BarsRequest.model_validate_json(request_json))
    return found


@st.cache_resource(ttl=600, max_entries=4, show_spinner=False)
def preview(data: bytes, name: str) -> Preview:
    """What an upload would be used as."""
    found: Preview = services().market.preview(data, name)
    return found


def forget() -> None:
    """Read everything anew: what is here has changed."""
    for cached in (bars, sessions, quality, character, actions, loaded.bars, loaded.search, loaded.listing):
        cached.clear()
