"""Yahoo's answers as they come over the wire, served to the real yfinance by an adapter on a requests Session: no network."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import requests
from requests.adapters import BaseAdapter

Answer = Callable[[dict[str, str]], tuple[int, str]]


class Recording(BaseAdapter):
    """Answers every request from `chart`; remembers what was asked of the chart address."""

    def __init__(self, chart: Answer) -> None:
        super().__init__()
        self.chart = chart
        self.asked: list[dict[str, str]] = []

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:
        parts = urlsplit(str(request.url))
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        status, text = 200, ""
        if "/v8/finance/chart/" in parts.path:
            self.asked.append(query)
            status, text = self.chart(query)
        elif "getcrumb" in parts.path:
            text = "crumb"
        elif "/v1/finance/search" in parts.path:
            status, text = self.chart(query)
        elif "quoteSummary" in parts.path or "/v7/finance/quote" in parts.path:
            name = "quoteSummary" if "quoteSummary" in parts.path else "quoteResponse"
            status, text = 404, json.dumps({name: {"result": None, "error": {"code": "Not Found", "description": "Quote not found"}}})
        response = requests.Response()
        response.status_code, response.url, response.request = status, str(request.url), request
        response._content = text.encode()
        response.encoding = "utf-8"
        return response

    def close(self) -> None:
        """Nothing is open."""

    @property
    def history_calls(self) -> list[dict[str, str]]:
        """Requests for bars, without the small ones by which yfinance learns the time zone."""
        return [query for query in self.asked if "period1" in query]


def session_with(recording: Recording) -> requests.Session:
    """A session that talks to the recording alone."""
    session = requests.Session()
    session.mount("https://", recording)
    session.mount("http://", recording)
    return session


def failing(problem: Exception) -> Answer:
    """An answer that never comes."""

    def answer(_: dict[str, str]) -> tuple[int, str]:
        raise problem

    return answer


def always(status: int, text: str) -> Answer:
    """The same answer to everything."""
    return lambda _: (status, text)


def chart_of(
    rows: list[tuple[str, float, float, float, float, float]],
    *,
    zone: str = "America/New_York",
    kind: str = "EQUITY",
    adjusted: list[float] | None = None,
    dividends: dict[str, float] | None = None,
    splits: dict[str, tuple[int, int]] | None = None,
    granularity: str = "1d",
) -> Answer:
    """A chart answer of bars given as (wall time, open, high, low, close, volume), cut to the range that is asked for."""

    def answer(query: dict[str, str]) -> tuple[int, str]:
        first, last = float(query.get("period1", 0)), float(query.get("period2", 4e9))
        kept = [(stamp(row[0], zone), *row[1:], place) for place, row in enumerate(rows)]
        kept = [row for row in kept if first <= row[0] < last]
        closes = [row[4] for row in kept]
        day = stamp(rows[-1][0], zone) if rows else 0
        period = {"timezone": "X", "start": day, "end": day + 23_400, "gmtoffset": 0}
        quote = {name: [row[place] for row in kept] for place, name in enumerate(("open", "high", "low", "close", "volume"), 1)}
        events: dict[str, Any] = {
            "dividends": {
                str(stamp(when, zone)): {"amount": value, "date": stamp(when, zone)} for when, value in (dividends or {}).items()
            },
            "splits": {
                str(stamp(when, zone)): {"date": stamp(when, zone), "numerator": new, "denominator": old, "splitRatio": f"{new}:{old}"}
                for when, (new, old) in (splits or {}).items()
            },
        }
        result = {
            "meta": {
                "currency": "USD",
                "symbol": "X",
                "exchangeName": "NMS",
                "instrumentType": kind,
                "exchangeTimezoneName": zone,
                "timezone": "X",
                "gmtoffset": 0,
                "priceHint": 2,
                "dataGranularity": granularity,
                "regularMarketTime": day,
                "range": "",
                "validRanges": ["1d", "5d", "1mo", "max"],
                "currentTradingPeriod": {"pre": period, "regular": period, "post": period},
                "tradingPeriods": [[{**period, "start": stamp(row[0], zone), "end": stamp(row[0], zone) + 86_400}] for row in rows[:1]],
            },
            "timestamp": [row[0] for row in kept],
            "events": {name: value for name, value in events.items() if value},
            "indicators": {"quote": [quote], "adjclose": [{"adjclose": [adjusted[row[-1]] for row in kept] if adjusted else closes}]},
        }
        if granularity != "1d" and kept:
            del result["indicators"]["adjclose"]
        if not kept:
            del result["timestamp"]
            result["indicators"] = {"quote": [{}], "adjclose": [{}]}
        return 200, json.dumps({"chart": {"result": [result], "error": None}})

    return answer


def chart_error(code: str, description: str) -> str:
    """How Yahoo says no."""
    return json.dumps({"chart": {"result": None, "error": {"code": code, "description": description}}})


def stamp(wall: str, zone: str) -> int:
    """Unix seconds of a wall time; a date alone is half past nine, as Yahoo stamps daily bars with the open."""
    text = wall if "T" in wall else f"{wall}T09:30"
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC).timestamp())
