"""Cached queries of the Market screen: bars with their remarks, and the reports on them."""

from dataclasses import dataclass
from typing import Any

from core.domain.bars import LoadedBars, Preview
from core.domain.bars_request import BarsRequest
from core.domain.quality import Coverage, Quality
from core.domain.seasonality import Seasonality, compute_seasonality
from core.domain.sessions import SessionBounds
from core.evidence import Profile, Returns, compute_log_returns, profile_bars
from core.services import services
from pages.components import cached_queries
from pages.components.person_cache import cache_resource


@dataclass(frozen=True, slots=True)
class Character:
    """The way an instrument moves."""

    profile: Profile | None
    seasons: Seasonality
    returns: Returns


@cache_resource(ttl=600, max_entries=8, show_spinner=False)
def load_bars(request_json: str) -> LoadedBars:
    """Load the bars of a request, with what was repaired. Raises MarketDataError."""
    found: LoadedBars = services().market.load(BarsRequest.model_validate_json(request_json))
    return found


@cache_resource(ttl=600, max_entries=8, show_spinner=False)
def load_sessions(request_json: str) -> SessionBounds:
    """Load the place of each bar in its trading day. Raises MarketDataError."""
    found: SessionBounds = services().market.compute_session_bounds(load_bars(request_json).bars)
    return found


@cache_resource(ttl=600, max_entries=8, show_spinner=False)
def load_quality(request_json: str) -> tuple[Quality, Coverage]:
    """Load the report on the bars of a request, and the days that are there. Raises MarketDataError."""
    market, found = services().market, load_bars(request_json).bars
    return market.assess_quality(found), market.measure_coverage(found)


@cache_resource(ttl=600, max_entries=8, show_spinner=False)
def compute_character(request_json: str) -> Character:
    """Compute the way the bars of a request move. Raises MarketDataError."""
    found = load_bars(request_json).bars
    return Character(profile_bars(found), compute_seasonality(found), compute_log_returns(found))


@cache_resource(ttl=600, max_entries=8, show_spinner=False)
def load_actions(request_json: str) -> tuple[Any, ...]:
    """Load splits and dividends in the range of a request: each with `day`, `kind` and `value`. Raises MarketDataError."""
    found: tuple[Any, ...] = services().market.find_corporate_actions(BarsRequest.model_validate_json(request_json))
    return found


@cache_resource(ttl=600, max_entries=4, show_spinner=False)
def preview_upload(data: bytes, name: str) -> Preview:
    """Preview an upload as it would be used."""
    found: Preview = services().market.preview(data, name)
    return found


def clear_caches() -> None:
    """Clear every cache: what is here has changed."""
    for cached in (
        preview_upload,
        load_bars,
        load_sessions,
        load_quality,
        compute_character,
        load_actions,
        cached_queries.load_bars,
        cached_queries.search,
        cached_queries.find_listing,
    ):
        cached.clear()
