"""The application and its index of verbs: a verb's module, with what it needs, is imported when the verb is called. No verb lives here."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Annotated, Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

UsageError: Any = typer.BadParameter.__mro__[1]
"""Words that are no call of a verb: an unknown option, a missing argument."""
EVERY_VERB = "core.cli.verbs"
"""Module that imports the modules of all verbs."""


class Entry(NamedTuple):
    """One line of the help: where the verb lives, and the first line of what it says of itself."""

    module: str
    summary: str


INDEX: dict[str, Entry] = {
    "backtest": Entry("backtests", "Run code in the sandbox; every figure is recomputed from its orders."),
    "drive": Entry("runs", "Generate, backtest, analyze and improve, again and again; the hold-out is looked at once, at the end."),
    "sweep": Entry(
        "sweeps",
        "Try a workflow with other numbers, on several instruments and timeframes: every point is a try; the hold-out is not touched.",
    ),
    "carry": Entry("sweeps", "Save the workflow with the numbers of a sweep's point, to go on from it with drive."),
    "resume": Entry(
        "runs", "Go on with a run that was killed, failed or cancelled, or that ended by its loops, budget, time, patience or target."
    ),
    "generate": Entry("generation", "Ask a model for the code of a workflow, once."),
    "runs": Entry("runs", "List the newest runs."),
    "show": Entry("runs", "Show one run: its leaderboard with ranges, the best against baseline and benchmark, the hold-out, the verdict."),
    "cancel": Entry("runs", "Ask a run to stop, whichever process works on it; finished iterations are kept."),
    "steer": Entry("runs", "Pause a run, let it go on, note something for the model, pin a constraint, change budget or loops."),
    "confirm": Entry(
        "runs", "Run an iteration again bar by bar, unless that was done: only then it is sure that it does not read the future."
    ),
    "export": Entry(
        "exports",
        "Write an iteration as a program for plain Backtrader with its bars, or as a workbook; a run's report; or a run as a bundle (zip).",
    ),
    "replay": Entry(
        "exports", "Run everything in a bundle again, without keys or a network, and say whether it comes out the same, to the last bit."
    ),
    "open": Entry("exports", "Take a bundle into the history as a run of its own, to look at and compare."),
    "compare": Entry(
        "comparisons",
        "Set iterations side by side: what differs, what cannot be told apart, and how each stands against the workflow and the market.",
    ),
    "keep": Entry("library", "Keep an iteration as a strategy, beside the workflows in the library."),
    "strategies": Entry("library", "List the strategies that were kept, with the figures of training."),
    "remark": Entry("library", "Star a run, or give it a note and tags; what is not given stays as it is."),
    "doctor": Entry("machine", "Look at this machine: versions, where state lives, which isolation holds, whether the parts are there."),
    "search": Entry("markets", "Find instruments."),
    "bars": Entry(
        "markets",
        "Look at bars: how a file was understood, what was repaired, or why it is refused; what you correct is kept for later runs.",
    ),
    "people": Entry("people", "List who has signed in, with role, limits and what of them is used."),
    "limit": Entry("people", "Limit what a person may use on this server; what is not given stays, and 0 lifts it."),
    "share": Entry("people", "Show a run or a workflow to others, and say who sees it."),
    "models": Entry("models", "List the models that can be chosen, with prices in US dollars per million tokens."),
    "credits": Entry("models", "Show spending today, this month and by model, against the caps."),
    "verify": Entry(
        "verification",
        "Judge a run's winner: luck, worth, what to do, hold-out, neighbors, what paid, warm-up. Ctrl-C keeps what is found until then.",
    ),
    "check-forward": Entry(
        "verification",
        "Test a finished run's winner on the bars that came after its end, which nobody could know before: a look that is counted.",
    ),
    "check": Entry(
        "workflows", "Say what is wrong with a workflow, row by row, before anything is spent; on bars also how often each row is true."
    ),
    "explain": Entry("workflows", "Print a workflow in plain language."),
    "compile": Entry("workflows", "Translate a workflow into Backtrader code, without a model."),
    "describe": Entry(
        "workflows", "Propose rows for a strategy in plain English, each with the words it came from and what was not understood."
    ),
    "mcp": Entry(
        "agents",
        "Serve an agent of your own (Claude Code, Codex, Gemini CLI and others) over MCP: it drives sessions with the model it has.",
    ),
    "history": Entry("history", "Copies of the history, its check, and what was deleted."),
}
"""Every verb in the order of the help. A test holds it against the verbs themselves."""


class VerbGroup(TyperGroup):
    """All verbs by name: listed from the index, and imported one by one as they are called."""

    _listing = False
    _as_json = False

    def make_context(self, info_name: Any, args: list[str], parent: Any = None, **extra: Any) -> Any:
        """Read what stands before the verb."""
        self._as_json = "--json" in args
        with self._answer_usage():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: Any) -> Any:
        """Read the verb and what stands behind it, and do it."""
        with self._answer_usage():
            return super().invoke(ctx)

    @contextmanager
    def _answer_usage(self) -> Iterator[None]:
        """Answer words that are no call by the one document of `--json` too, where that was asked for."""
        try:
            yield
        except UsageError as error:
            if self._as_json:
                words = {"class": "UsageError", "message": error.format_message(), "hint": "Try --help."}
                typer.echo(json.dumps({"status": "error", "error": words}, indent=2))
                self._as_json = False
            raise

    def list_commands(self, ctx: Any) -> list[str]:
        """Names in the order of the help; verbs that registered themselves without a line in the index come last."""
        return [*INDEX, *(name for name in self.commands if name not in INDEX)]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        """Find a verb; while the help is written a line of the index stands for it."""
        if cmd_name == "help":
            return TyperCommand(name="help", callback=lambda: typer.echo(ctx.get_help()), hidden=True)
        if cmd_name in self.commands:
            return super().get_command(ctx, cmd_name)
        if self._listing:
            return TyperCommand(name=cmd_name, help=INDEX[cmd_name].summary)
        import_module(f"core.cli.{INDEX[cmd_name].module}" if cmd_name in INDEX else EVERY_VERB)
        self.commands.update(typer.main.get_group(app).commands)
        return super().get_command(ctx, cmd_name)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        """Write the help without importing a verb."""
        self._listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._listing = False


app = typer.Typer(
    name="stratloop",
    cls=VerbGroup,
    help="Describe a strategy as a workflow, let a model write Backtrader code for it, and get figures that are true.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


def _print_version(asked: bool) -> None:
    if asked:
        from core.domain.version import VERSION

        typer.echo(f"stratloop {VERSION}")
        raise typer.Exit


@app.callback()
def begin(
    version: Annotated[bool, typer.Option("--version", help="Show the version and exit.", callback=_print_version, is_eager=True)] = False,
) -> None:
    """Nothing happens before a verb: it makes the application one of verbs, however many were imported."""
