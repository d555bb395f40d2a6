"""Shared by every verb: its options, its exit codes and its printing. No verb lives here."""

import json
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from core.cli.application import app
from core.domain.backtest import BacktestPlan
from core.domain.bars_request import LARGEST_BASKET, BarsRequest, FurtherInstrument
from core.domain.cost_words import EXAMPLE, apply_usual_costs, parse_costs
from core.domain.costs import suggest_costs
from core.domain.errors import InputError, MarketDataError, ProviderError, StratloopError, WorkflowError
from core.domain.history import ReadableRows
from core.domain.instrument import Instrument, Timeframe
from core.domain.instrument_result import CurrencyRate
from core.domain.metric_values import Metrics
from core.domain.plan_fields import FieldUnit, find_field
from core.domain.readings import ENDINGS
from core.domain.value import Value
from core.services import services, shut_down

__all__ = ["app"]

DONE, FAILED, BAD_INPUT = 0, 1, 2

PIPE_WIDTH = 160
"""Columns of a table that goes to a file or a pipe."""

out = Console(width=None if sys.stdout.isatty() else PIPE_WIDTH)
err = Console(stderr=True, width=None if sys.stderr.isatty() else PIPE_WIDTH)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
WorkflowName = Annotated[
    str, typer.Argument(help="A JSON file, a starter such as sma_cross, a saved name, or - for standard input.", show_default=False)
]

UNIT_NOTES = {FieldUnit.FRACTION: "As a fraction.", FieldUnit.SECONDS: "In minutes.", FieldUnit.DOLLARS: "In US dollars."}
"""Units in which commands take a plan's fields, said where a number alone would not tell."""
DAY_FORM = "As YYYY-MM-DD."
BASKET_NOTE = "Several with commas between make a basket, as in AAPL,MSFT,IBM."


def describe_option(owner: type[Value], name: str, note: str = "") -> str:
    """Describe an option that fills in a plan's field: the field's own sentence, its unit, and a note on the command's default."""
    field = find_field(owner, name)
    return " ".join(part for part in (field.sentence, UNIT_NOTES.get(field.unit, ""), note) if part)


def read_default(owner: type[Value], name: str) -> Any:
    """Read the default of an option that fills in a plan's field: the plan's own value."""
    return find_field(owner, name).option_default


Asset = Annotated[str, typer.Option("--asset", "--symbol", help=describe_option(BarsRequest, "symbol", "Or a file of bars."))]
Assets = Annotated[
    str,
    typer.Option("--asset", "--symbol", help=describe_option(BarsRequest, "symbol", f"Or a file of bars. {BASKET_NOTE}")),
]
BarsFile = Annotated[str, typer.Option("--bars", help=describe_option(BarsRequest, "path"))]
With = Annotated[
    list[str] | None,
    typer.Option("--with", help=describe_option(BarsRequest, "others", "A symbol or a file of bars; may be given several times.")),
]
Rate = Annotated[list[str] | None, typer.Option("--rate", help=describe_option(BarsRequest, "rates", "May be given several times."))]
Start = Annotated[str, typer.Option(help=describe_option(BarsRequest, "start", DAY_FORM))]
End = Annotated[str, typer.Option(help=describe_option(BarsRequest, "end", DAY_FORM))]
Frame = Annotated[
    str, typer.Option("--timeframe", help=describe_option(BarsRequest, "timeframe", "1m .. 1w; by default 1d, or the file's own."))
]
Cash = Annotated[float, typer.Option(help=describe_option(BacktestPlan, "cash"))]
Commission = Annotated[float | None, typer.Option(help=describe_option(BacktestPlan, "commission", "By default what is usual."))]
Slippage = Annotated[float | None, typer.Option(help=describe_option(BacktestPlan, "slippage", "By default what is usual."))]
CostsInWords = Annotated[
    str,
    typer.Option("--costs", help=f"{describe_option(BacktestPlan, 'costs_said')} As your broker says them, for example '{EXAMPLE}'."),
]
Leverage = Annotated[float, typer.Option(help=describe_option(BacktestPlan, "leverage"))]


def command(function: Callable[..., int | None]) -> Callable[..., None]:
    """Turn the outcome of a verb into an exit code, and an expected error into words (or into the JSON document)."""

    @wraps(function)
    def run(*arguments: Any, **options: Any) -> None:
        as_json = bool(options.get("as_json", False))
        try:
            raise typer.Exit(function(*arguments, **options) or DONE)
        except StratloopError as error:
            if as_json:
                print_json({"status": "error", "error": _error_document(error)})
            print_remark(str(error), style="red")
            raise typer.Exit(FAILED if isinstance(error, ProviderError) else BAD_INPUT) from error
        except ValidationError as error:
            words = "; ".join(f"{'.'.join(map(str, item['loc']))}: {item['msg']}" for item in error.errors())
            if as_json:
                print_json({"status": "error", "error": {"message": words, "hint": ""}})
            print_remark(words, style="red")
            raise typer.Exit(BAD_INPUT) from error
        except KeyboardInterrupt as error:  # else the exit code would be a third one, and nothing be said
            if as_json:
                print_json({"status": "error", "error": {"class": "Interrupted", "message": "Stopped.", "hint": ""}})
            print_remark("Stopped.")
            raise typer.Exit(FAILED) from error
        except BrokenPipeError as error:  # the reader of our output has gone, as with `| head`
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(FAILED) from error
        except Exception as error:
            if isinstance(error, typer.Exit | typer.Abort):
                raise
            number = services().record_bug(error)
            message = f"Something unexpected happened; it is in the log as {number}."
            if as_json:
                print_json({"status": "error", "error": {"class": "Bug", "message": message, "hint": "Please report it with the log."}})
            print_remark(f"{message} Please report it with {services().settings.home / 'logs' / 'errors.log'}.", style="red")
            raise typer.Exit(FAILED) from error
        finally:
            shut_down()

    return run


def print_line(text: str) -> None:
    """Print a line of the result."""
    out.print(Text(text), soft_wrap=True)


def print_wrapped(text: str, *, mark: str = "") -> None:
    """Print sentences, broken between words at the width of the terminal; `mark` stands before the first line."""
    if not mark:
        out.print(Text(text))
        return
    table = Table.grid(Column(no_wrap=True), Column())
    table.add_row(f"  {mark}", Text(text))
    out.print(table)


def print_remark(text: str, style: str = "") -> None:
    """Print a line beside the result; never part of it."""
    err.print(Text(text, style=style), soft_wrap=True)


def print_left_out(*lists: ReadableRows[Any]) -> None:
    """Say beside the result what lists could not show; nothing when they show everything."""
    from core.report.left_out import describe_left_out

    if words := describe_left_out([row for rows in lists for row in rows.left_out]):
        print_remark(words, style="yellow")


def print_json(document: object) -> None:
    """Write the one document of a `--json` call."""
    sys.stdout.write(json.dumps(document, indent=2, allow_nan=False, default=str) + "\n")
    sys.stdout.flush()


def _error_document(error: StratloopError) -> dict[str, object]:
    document: dict[str, object] = {"class": type(error).__name__, "message": error.message, "hint": error.hint}
    if isinstance(error, WorkflowError):
        document["problems"] = [problem.model_dump(mode="json") for problem in error.problems]
    if isinstance(error, ProviderError):
        document |= {"class": error.name, "reason": error.reason.value, "action": error.action.value}
    return document


def write(path: Path, text: str) -> None:
    """Write a file the user named. Raises InputError when that is impossible."""
    if str(path) == "-":
        raise InputError("A file is written here, and - is none.", hint="Give the path of a file.")
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error


def write_bytes(path: Path, data: bytes) -> None:
    """Write a file the user named. Raises InputError when that is impossible."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error


def build_bars_request(
    asset: str,
    path: str,
    start: str,
    end: str,
    timeframe: str,
    others: Sequence[str] | None = None,
    *,
    basket: bool = False,
    rates: Sequence[str] | None = None,
) -> BarsRequest:
    """Build the request for bars that the options describe; with `basket`, several symbols with commas between. Raises InputError."""
    if bool(asset) == bool(path):
        raise InputError(
            "Name an instrument behind the file, such as AAPL, or with --asset; or give --bars FILE, and not both.",
            hint="--asset takes a file as well.",
        )
    if "-" in (asset, path):
        raise InputError("Bars are read from a file and not from standard input.", hint="Save them, and give the file's path.")
    members = [FurtherInstrument(path=_make_absolute(path))] if path else _read_members(asset)
    if len(members) > 1 and not basket:
        raise InputError(f"{asset} are {len(members)} instruments, and one is taken here.", hint="`drive` and `backtest` take several.")
    if len(members) > LARGEST_BASKET:
        raise InputError(f"A basket takes {LARGEST_BASKET} instruments at most; these are {len(members)}.")
    first, *rest = members
    request = BarsRequest(
        symbol=first.symbol,
        path=first.path,
        start=parse_day(start),
        end=parse_day(end),
        timeframe=_read_timeframe(timeframe, first.path),
        others=tuple(_read_member(text) for text in others or ()),
        basket=tuple(rest),
        rates=tuple(_read_rate(text) for text in rates or ()),
    )
    request.require_distinct()
    return request


def _read_timeframe(timeframe: str, path: str) -> Timeframe:
    if not timeframe:
        return services().workbench.detect_timeframe(Path(path)) if path else Timeframe.D1
    try:
        return Timeframe(timeframe)
    except ValueError as error:
        raise InputError(f"{timeframe!r} is not a timeframe.", hint=f"Use one of {', '.join(Timeframe)}.") from error


def split_assets(asset: str) -> list[str]:
    """Split what --asset names at its commas, those in the name of a file that is there left alone; known symbols also at spaces.

    >>> split_assets("AAPL, bars/mine.csv,"), split_assets("AAPL;MSFT"), split_assets(" ")
    (['AAPL', 'bars/mine.csv'], ['AAPL', 'MSFT'], [])
    """
    if _is_file(asset):
        return [asset]
    return [word for text in asset.replace(";", ",").split(",") if text.strip() for word in _split_words(text.strip())]


def _split_words(text: str) -> list[str]:
    """The words, where each is a symbol and the whole is none; names of uploads may have spaces."""
    words = text.split()
    if len(words) == 1 or names_file(text):
        return [text]
    find = services().market.find_listing
    return words if find(text) is None and all(map(find, words)) else [text]


def names_file(text: str) -> bool:
    """Decide whether a text names a file of bars and no symbol: by its ending, by how it begins, or because the file is there.

    >>> [names_file(text) for text in ("bars/gone.csv", "./AAPL", "~/eurusd.csv.gz", "BRK.B", "BTC/USDT", "AAPL")]
    [True, True, True, False, False, False]
    """
    return bool(ENDINGS.search(text)) or text.startswith(("./", "../", "/", "~/", ".\\", "..\\")) or _is_file(text)


def _is_file(text: str) -> bool:
    """A bare word is a symbol, even where a file happens to be called the same."""
    with suppress(OSError):
        path = _find_path(text)
        return (path.suffix != "" or len(path.parts) > 1) and path.is_file()
    return False


def _read_members(asset: str) -> list[FurtherInstrument]:
    found = [_read_member(text) for text in split_assets(asset)]
    if not found:
        raise InputError(
            f"--asset {asset!r} names no instrument.", hint="Give symbols or files with commas between, such as AAPL,MSFT,bars/mine.csv."
        )
    return found


def _read_member(text: str) -> FurtherInstrument:
    return FurtherInstrument(path=_make_absolute(text)) if names_file(text) else FurtherInstrument(symbol=text)


def _find_path(text: str) -> Path:
    """The path that is meant: between commas the shell puts no home folder in the place of ~."""
    return Path(text).expanduser() if text.startswith("~/") else Path(text)


def _make_absolute(path: str) -> str:
    """The path from the root: a run is read again by programs that were started in other folders."""
    return str(_find_path(path).absolute())


def _read_rate(text: str) -> CurrencyRate:
    currency, _, rate = text.partition("=")
    try:
        return CurrencyRate(currency=currency.strip(), rate=float(rate))
    except ValueError as error:
        raise InputError(
            f"{text!r} is not a rate.", hint="Write it as EUR=1.08: what one unit is worth in the account's currency."
        ) from error


def build_backtest_plan(
    request: BarsRequest, cash: float, commission: float | None, slippage: float | None, costs: str, leverage: float
) -> BacktestPlan:
    """Build the account of a run: costs as they were said, else as they are usual for the instrument's class. Raises InputError.

    What is not certain about the instrument of a file is said on the way.
    """
    plan = BacktestPlan(cash=cash, leverage=leverage)
    instrument, questions = _find_first_instrument(request)
    for question in questions:
        print_remark(question, style="yellow")
    if costs and (commission is not None or slippage is not None):
        raise InputError("Costs are given twice.", hint="Use --costs alone, or --commission and --slippage.")
    if costs:
        return parse_costs(costs, instrument, plan)
    given = {name: value for name, value in (("commission", commission), ("slippage", slippage)) if value is not None}
    usual = apply_usual_costs(plan, instrument)
    if len(given) < 2 and usual != plan:
        print_remark(f"Costs: {suggest_costs(instrument).basis}")
    return usual.changed(**given)


def _find_first_instrument(request: BarsRequest) -> tuple[Instrument, tuple[str, ...]]:
    """The instrument of a request, of a basket the first that is known, and what is asked about each of its files.

    Those that are not known are named when the run begins. Raises MarketDataError where none is.
    """
    found: list[Instrument] = []
    asked: dict[str, None] = {}
    unknown: MarketDataError | None = None
    members = request.members
    for one in (*members, *request.each[1:]):
        try:
            instrument, questions = services().market.find_instrument(one)
        except MarketDataError as error:
            unknown = unknown or error
            continue
        found += [instrument] if one in members else []
        asked |= dict.fromkeys(questions)
    if unknown and not found:
        raise unknown
    return found[0], tuple(asked)


def parse_day(text: str) -> date | None:
    """Parse a date; None for an empty text. Raises InputError."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InputError(f"{text!r} is not a date.", hint="Write it as YYYY-MM-DD, for example 2003-01-02.") from error


def build_metrics_table(columns: dict[str, Metrics], *, currency: str = "USD", with_money: bool = True) -> Table:
    """Build a table of figures side by side; without money where the accounts did not begin with the same sum."""
    from core.report.figures import FIGURES, Form, choose_figures

    table = Table("", *(Column(name, justify="right") for name in columns))
    for figure in choose_figures(FIGURES, columns.values()):
        if figure.form is Form.MONEY and not with_money:
            continue
        table.add_row(figure.label, *(figure.format_from(metrics, currency=currency, missing="-") for metrics in columns.values()))
    return table
