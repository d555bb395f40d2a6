"""The tools' work, each in the calling thread: arguments in, a small object out. Nothing here knows the protocol."""

from typing import Any

from core import language
from core.domain.backtest import BacktestPlan
from core.domain.bars import Bars
from core.domain.bars_request import BarsRequest
from core.domain.cost_words import apply_usual_costs
from core.domain.errors import InputError, Severity, StratloopError, WorkflowError
from core.domain.instrument import Timeframe
from core.domain.iteration import Iteration
from core.domain.run import Objective, Run, RunPlan
from core.domain.seasonality import compute_seasonality, describe_seasonality
from core.domain.workflow import Workflow
from core.driving.session import Submission
from core.evidence import describe_profile, profile_bars
from core.mcp.answers import (
    MOST_FINDINGS,
    describe_comparison,
    describe_evidence,
    describe_fault,
    describe_finding,
    describe_iteration,
    describe_session,
    page,
    pick_figures,
    shorten,
    tidy,
)
from core.mcp.arguments import (
    BarsArguments,
    CompareIterations,
    CompileWorkflow,
    DescribeBars,
    ExportStrategy,
    FindInstruments,
    ListCatalogue,
    ListIterations,
    OfIteration,
    OfSession,
    StartSession,
    SubmitIteration,
    WorkflowArguments,
)
from core.mcp.catalogue_pages import describe_catalogue
from core.mcp.tool_errors import ErrorCode, ToolError, translate
from core.report.sentences import describe_training_held_elsewhere
from core.services import Services
from core.services.sessions import SessionStep

Answer = dict[str, Any]


class Desk:
    """The verbs of the tools over the services of this process."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.sessions = services.sessions

    def translate(self, error: BaseException) -> ToolError:
        """Translate a failure: an expected one into its words, any other into the number under which the log has it."""
        if isinstance(error, StratloopError):
            return translate(error)
        number = self.services.record_bug(error)
        return ToolError(
            ErrorCode.BUG, f"Something unexpected happened; it is in the log as {number}.", "Try something else, and report it."
        )

    def find_instruments(self, asked: FindInstruments) -> Answer:
        """Instruments by symbol or name, those with bars here first."""
        found = self.services.market.search(asked.query, limit=asked.limit)
        return {
            "instruments": [
                tidy(
                    {
                        "symbol": one.instrument.symbol,
                        "name": shorten(one.instrument.name, 60),
                        "class": one.instrument.asset_class.value,
                        "exchange": one.instrument.exchange,
                        "bars_here": one.has_data,
                        "source": one.source,
                    }
                )
                for one in found
            ]
        }

    def describe_bars(self, asked: DescribeBars) -> Answer:
        """Bars up to the split. What they are like is told of a session's training bars alone: anything else would be a look ahead."""
        if asked.session:
            run = self.sessions.read(asked.session)
            training = self.services.workbench.load_training_bars(run.plan)
            profile = profile_bars(training)
            told = (*(describe_profile(profile) if profile else ()), *describe_seasonality(compute_seasonality(training)))
            return _describe_training(training) | {
                "character": [shorten(line) for line in told],
                "buy_and_hold": pick_figures(run.benchmark),
            }
        whole = self.services.market.bars(self.build_request(asked))
        training, held = whole.split(asked.hold_out)
        return _describe_training(training) | {"held_out_bars": len(held), "more": "A session tells the character of its training bars."}

    def list_catalogue(self, asked: ListCatalogue) -> Answer:
        """The entries of the language."""
        return describe_catalogue(self.services, asked.kind, asked.name)

    def check_workflow(self, asked: WorkflowArguments) -> Answer:
        """Problems of a workflow, row by row."""
        try:
            table = self.find_workflow(asked.workflow)
        except WorkflowError as error:
            return {"valid": False, "problems": [str(problem) for problem in error.problems[:20]]}
        problems = language.check(table)
        errors = [problem for problem in problems if problem.severity is Severity.ERROR]
        told = [f"{problem.severity.value}: {problem}" for problem in problems[:20]]
        return {"valid": not errors, "completeness": language.completeness(table), "problems": told}

    def explain_workflow(self, asked: WorkflowArguments) -> Answer:
        """A workflow in sentences, and its free numbers."""
        table = self.find_workflow(asked.workflow)
        language.require_valid(table)
        numbers = [f"{one.name}={one.default:g} ({one.low:g}..{one.high:g})" for one in language.parameters(table)]
        return tidy({"text": language.explain_text(table)[:5000], "free_numbers": numbers[:40]})

    def compile_workflow(self, asked: CompileWorkflow) -> Answer:
        """A workflow as Backtrader code, made without a model."""
        table = self.find_workflow(asked.workflow)
        language.require_valid(table)
        return page(language.compile_workflow(table), asked.after)

    def start_session(self, asked: StartSession, client: str) -> tuple[Run, SessionStep]:
        """Begin a session on a plan."""
        table, request = self.find_workflow(asked.workflow), self.build_request(asked)
        request = request.add_others(language.list_other_instruments(table))
        instrument, _ = self.services.market.find_instrument(request)
        plan = RunPlan(
            workflow=table,
            bars=request,
            backtest=apply_usual_costs(BacktestPlan(cash=asked.cash), instrument),
            loops=asked.submissions,
            objective=Objective(asked.objective),
            minimum_trades=asked.minimum_trades,
            hold_out=asked.hold_out,
        )
        return self.sessions.start(plan, asked.author or client)

    def describe_start(self, run: Run) -> Answer:
        """A session that has begun: how it stands, what it is trained on, and iteration 0."""
        run = self.sessions.read(run.id)
        done = self.sessions.list_done(run.id)
        found = self.describe_status(run) | _describe_training(self.services.workbench.load_training_bars(run.plan))
        baseline = describe_iteration(run, done[0]) if done else {}
        return tidy(
            found
            | {
                "iteration_0": baseline,
                "buy_and_hold": pick_figures(run.benchmark),
                "held_elsewhere": describe_training_held_elsewhere(run),
                "next": "export_strategy(iteration=0) gives the code to start from; then submit_iteration, one change each.",
            }
        )

    def submit(self, asked: SubmitIteration) -> SessionStep:
        """Take a submission."""
        said = Submission(asked.submission, asked.code, shorten(asked.change, 300), shorten(asked.hypothesis, 600), asked.parent)
        return self.sessions.submit(asked.session, said)

    def describe_status(self, run: Run) -> Answer:
        """A session as it stands."""
        return describe_session(run, self.sessions.read_steering(run.id), busy=self.sessions.is_busy(run.id))

    def list_sessions(self) -> Answer:
        """The newest sessions, briefly."""
        names = ("session", "status", "asset", "workflow", "iterations", "best")
        found = [self.describe_status(run) for run in self.sessions.list_sessions()]
        return {"sessions": [{name: one[name] for name in names if name in one} for one in found]}

    def list_iterations(self, asked: ListIterations) -> Answer:
        """A page of iterations, briefly."""
        run = self.sessions.read(asked.session)
        left = [one for one in self.sessions.list_done(run.id) if one.number > asked.after]
        shown = left[: asked.limit]
        found: Answer = {"iterations": [describe_iteration(run, one, brief=True) for one in shown]}
        return found | ({"next_after": shown[-1].number} if len(left) > len(shown) else {})

    def list_findings(self, asked: OfIteration) -> Answer:
        """Everything that was found about an iteration."""
        _, one = self.find_iteration(asked)
        found = sorted(one.findings, key=lambda each: -each.severity)[:MOST_FINDINGS]
        return tidy(
            {
                "iteration": one.number,
                "findings": [describe_finding(each) for each in found],
                "conformity": one.conformity,
                "error": describe_fault(one),
                "certificate": shorten(one.certificate.checked) if one.certificate else "",
            }
        )

    def compare_iterations(self, asked: CompareIterations) -> Answer:
        """Iterations of one session side by side, on its training bars."""
        run = self.sessions.read(asked.session)
        for number in asked.iterations:
            self.find_iteration(OfIteration(session=asked.session, iteration=number))
        return describe_comparison(self.services.comparisons.compare([f"{run.id}:{number}" for number in dict.fromkeys(asked.iterations)]))

    def get_evidence(self, asked: OfIteration) -> Answer:
        """Everything that is known beyond figures."""
        run = self.sessions.read(asked.session)
        if asked.iteration is not None:
            self.find_iteration(asked)
        return describe_evidence(run, self.services.runs.assess(run.id, asked.iteration))

    def describe_end(self, run: Run) -> Answer:
        """A session that was finished."""
        return self.describe_status(run) | describe_evidence(run, self.services.runs.assess(run.id))

    def export_strategy(self, asked: ExportStrategy) -> Answer:
        """An iteration as a program; of one without figures the code as it was submitted."""
        run, one = self.find_iteration(asked)
        if one.metrics is None or not run.status.finished:
            return page(one.code, asked.after) | {"iteration": one.number}
        return page(self.services.runs.export(run.id, one.number).code, asked.after) | {"iteration": one.number}

    def cancel_submission(self, asked: OfSession) -> Answer:
        """Stop what is on its way; the session stays open."""
        run = self.sessions.read(asked.session)
        return {"session": run.id, "stopped": self.sessions.stop(run.id)}

    def find_iteration(self, asked: OfIteration) -> tuple[Run, Iteration]:
        """An iteration of a session, the best unless it is named, else the newest. Raises InputError."""
        run = self.sessions.read(asked.session)
        done = self.sessions.list_done(run.id)
        wanted = asked.iteration if asked.iteration is not None else run.best if run.best is not None else len(done) - 1
        found = next((one for one in done if one.number == wanted), None)
        if found is None:
            raise InputError(f"Session {run.id} has no iteration {wanted}.", hint="list_iterations tells which there are.")
        return run, found

    def find_workflow(self, said: dict[str, Any] | str) -> Workflow:
        """A workflow that was written out, or one by its name; files are not read. Raises WorkflowError and InputError."""
        if isinstance(said, dict):
            return language.parse(said)
        if said.lstrip().startswith("{"):
            return language.parse(said)
        if "/" in said or "\\" in said:
            raise InputError(f"{shorten(said, 60)!r} is no name of a workflow.", hint="Give a document, a starter, or a saved name.")
        return self.services.workbench.find_workflow(said)

    def build_request(self, asked: BarsArguments) -> BarsRequest:
        """The request for bars that arguments describe. Raises InputError and MarketDataError."""
        from pathlib import Path

        if bool(asked.asset) == bool(asked.file):
            raise InputError("Give either `asset` or `file`.", hint="find_instruments lists what has bars here.")
        frame = asked.timeframe or (self.services.workbench.detect_timeframe(Path(asked.file)) if asked.file else Timeframe.D1)
        return BarsRequest(symbol=asked.asset, path=asked.file, start=asked.start, end=asked.end, timeframe=frame)


def _describe_training(training: Bars) -> Answer:
    item = training.instrument
    return tidy(
        {
            "asset": item.symbol,
            "name": shorten(item.name, 60),
            "class": item.asset_class.value,
            "currency": item.currency,
            "timeframe": training.timeframe.value,
            "training": {"first": f"{training.first:%Y-%m-%d}", "last": f"{training.last:%Y-%m-%d}", "bars": len(training)}
            if len(training)
            else None,
        }
    )
