"""Arguments of the tools. What is not named here is refused, never ignored."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from core.domain.instrument import Timeframe

LONGEST_WAIT = 50
"""Seconds that a call waits at most: clients give up after 60."""
USUAL_WAIT = 25


class Arguments(BaseModel):
    """Base of all."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


Wait = Annotated[float, Field(ge=0, le=LONGEST_WAIT)]
Session = Annotated[str, Field(min_length=1, max_length=64)]
AnyWorkflow = Annotated[
    dict[str, Any] | str, Field(description="document, or name of a starter or saved one; form: list_catalogue(kind='example')")
]
Day = Annotated[date | None, Field(description="YYYY-MM-DD")]
Iteration = Annotated[int | None, Field(ge=0, le=1_000_000)]


class FindInstruments(Arguments):
    """A search."""

    query: str = Field("", max_length=100)
    limit: int = Field(10, ge=1, le=25)


class BarsArguments(Arguments):
    """Bars by symbol or file; shared by several tools."""

    asset: str = Field("", max_length=100, description="symbol")
    file: str = Field("", max_length=1000, description="file of bars instead")
    start: Day = None
    end: Day = None
    timeframe: Timeframe | None = None


class DescribeBars(BarsArguments):
    """Bars to describe up to their split, or the training bars of a session."""

    hold_out: float = Field(0.3, ge=0.1, le=0.8)
    session: str = Field("", max_length=64, description="describes its training bars")


class ListCatalogue(Arguments):
    """A kind of entries, or one of them."""

    kind: Literal["indicators", "rules", "operators", "functions", "example", "starters", "backtrader"] = "indicators"
    name: str = Field("", max_length=60, description="one entry in full")


class WorkflowArguments(Arguments):
    """A workflow."""

    workflow: AnyWorkflow


class CompileWorkflow(WorkflowArguments):
    """A workflow, and the page of its code."""

    after: int = Field(0, ge=0, description="character to go on from")


class StartSession(BarsArguments):
    """The plan of a session."""

    workflow: AnyWorkflow
    hold_out: float = Field(0.3, ge=0.1, le=0.8)
    objective: Literal["sharpe", "sortino", "calmar", "total_return"] = "sharpe"
    minimum_trades: int = Field(5, ge=0, le=10_000)
    cash: float = Field(100_000, gt=0, le=1e12)
    submissions: int = Field(100, ge=1, le=1000, description="at most")
    author: str = Field("", max_length=60, description="your name")


class SubmitIteration(Arguments):
    """One version."""

    session: Session
    submission: str = Field(min_length=1, max_length=64, description="your id; the same id is the same submission")
    code: str = Field(min_length=1, max_length=100_000, description="whole file with one bt.Strategy")
    change: str = Field("", max_length=300, description="the one change")
    hypothesis: str = Field("", max_length=600, description="why it should help")
    parent: Iteration = Field(None, description="made from; default best")
    wait_seconds: Wait = USUAL_WAIT


class GetStatus(Arguments):
    """A session, or none for the list of them."""

    session: str = Field("", max_length=64, description="empty lists sessions")
    wait_seconds: Wait = 0


class ListIterations(Arguments):
    """A page of iterations."""

    session: Session
    after: int = Field(-1, ge=-1)
    limit: int = Field(15, ge=1, le=20)


class OfIteration(Arguments):
    """An iteration of a session."""

    session: Session
    iteration: Iteration = Field(None, description="default best")


class CompareIterations(Arguments):
    """Iterations of a session, side by side."""

    session: Session
    iterations: list[Annotated[int, Field(ge=0)]] = Field(min_length=1, max_length=5)


class FinishSession(Arguments):
    """The session to end."""

    session: Session
    wait_seconds: Wait = USUAL_WAIT


class ExportStrategy(OfIteration):
    """An iteration, and the page of its code."""

    after: int = Field(0, ge=0)


class OfSession(Arguments):
    """A session."""

    session: Session


def build_schema(arguments: type[Arguments]) -> dict[str, Any]:
    """Build the schema of a tool's arguments in as few tokens as it can be said in.

    >>> build_schema(OfSession)["properties"]
    {'session': {'maxLength': 64, 'minLength': 1, 'type': 'string'}}
    """
    raw = arguments.model_json_schema()
    found: dict[str, Any] = _strip(raw, raw.get("$defs", {}))
    return {key: value for key, value in found.items() if key != "$defs"}


_NOISE = frozenset({"title"})


def _strip(node: Any, definitions: Mapping[str, Any]) -> Any:
    """Leave out titles, null and defaults of null, and put definitions where they are used."""
    if isinstance(node, list):
        return [_strip(each, definitions) for each in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in node:
        return _strip(
            {key: value for key, value in definitions[node["$ref"].rpartition("/")[2]].items() if key != "description"}, definitions
        )
    choices = [each for each in node.get("anyOf", ()) if each != {"type": "null"}]
    if "anyOf" in node and len(choices) == 1:
        node = {key: value for key, value in node.items() if key not in ("anyOf", "default")} | _strip(choices[0], definitions)
    kept = {key: value for key, value in node.items() if key not in _NOISE or not isinstance(value, str)}
    if kept.get("default") in ("", None):
        kept.pop("default", None)
    if kept.get("properties") is not None:
        kept["properties"] = {name: _strip(each, definitions) for name, each in kept["properties"].items()}
        return {key: value for key, value in kept.items() if key not in ("$defs", "description")}
    return {key: _strip(value, definitions) for key, value in kept.items()}
