"""Labels for people of what the product counts in codes: states, stages, endings, kinds, objectives, lengths of bars, authors.

Only words: colors and icons belong to the screens. A member of an enumeration without a label fails a test.
"""

from core.domain.authorship import Authorship
from core.domain.backtest import Certificate, OutcomeStatus, Stage, Verdict
from core.domain.hold_out import HoldOutFigure
from core.domain.instrument import Timeframe
from core.domain.isolation import Restriction
from core.domain.iteration import COMPILER, Iteration
from core.domain.model_calls import BUNDLED_LABELS
from core.domain.run import AGENT_PREFIX, BUNDLED_MODELS, Objective, Run, RunKind, Status, StopReason
from core.domain.sweep import SWEEPER, SweepSearch
from core.evidence import MarketState
from core.evidence.surface import PointStanding
from core.report.figures import find_figure
from core.report.verdict import Conclusion

STATUS = {
    Status.QUEUED: "Queued",
    Status.RUNNING: "Running",
    Status.PAUSED: "Paused",
    Status.COMPLETE: "Complete",
    Status.FAILED: "Failed",
    Status.CANCELLED: "Cancelled",
}

STOP_REASON = {
    StopReason.LOOPS: "All loops are done.",
    StopReason.PATIENCE: "No improvement for as many loops as the patience allows.",
    StopReason.TARGET: "The target was reached.",
    StopReason.BUDGET: "The budget is used up.",
    StopReason.TIME: "The time is used up.",
    StopReason.EXHAUSTED: "The model has nothing left to propose.",
    StopReason.NO_PROGRAM: "No program could be had from the model's answers in several loops in a row.",
    StopReason.FINISHED: "Its author has finished it.",
    StopReason.SWEPT: "All points of the sweep are done.",
    StopReason.CANCELLED: "Cancelled; finished iterations are kept.",
    StopReason.ERROR: "The run could not go on.",
}

KIND = {
    RunKind.DRIVE: "LLM driving",
    RunKind.GENERATE: "Code generation",
    RunKind.EDITOR: "Editor backtests",
    RunKind.SESSION: "Agent session",
    RunKind.SWEEP: "Sweep",
}

OBJECTIVE = {
    objective: "A formula of your own" if objective is Objective.FORMULA else find_figure(objective.value).label for objective in Objective
}

TIMEFRAME = {
    Timeframe.M1: "1 minute",
    Timeframe.M2: "2 minutes",
    Timeframe.M3: "3 minutes",
    Timeframe.M5: "5 minutes",
    Timeframe.M10: "10 minutes",
    Timeframe.M15: "15 minutes",
    Timeframe.M30: "30 minutes",
    Timeframe.H1: "1 hour",
    Timeframe.H2: "2 hours",
    Timeframe.H4: "4 hours",
    Timeframe.D1: "Daily",
    Timeframe.W1: "Weekly",
}

STAGE = {
    Stage.GENERATE: "writing code",
    Stage.PARSE: "reading the code",
    Stage.GATE: "checking the code",
    Stage.LOAD: "loading the code",
    Stage.RUN: "backtesting",
    Stage.FILL_AUDIT: "checking the fills",
    Stage.LOOK_AHEAD: "checking for look-ahead",
    Stage.SCORE: "scoring",
    Stage.HOLD_OUT: "looking at the hold-out",
    Stage.DONE: "done",
}

OUTCOME = {
    OutcomeStatus.OK: "ok",
    OutcomeStatus.ERROR: "error",
    OutcomeStatus.GATE: "refused by the gate",
    OutcomeStatus.TIMEOUT: "took too long",
    OutcomeStatus.CPU_LIMIT: "too much computing",
    OutcomeStatus.MEMORY: "too much memory",
    OutcomeStatus.OUTPUT_LIMIT: "printed too much",
    OutcomeStatus.RESULT_TOO_LARGE: "too many orders",
    OutcomeStatus.MALFORMED: "unreadable answer",
    OutcomeStatus.REJECTED: "orders rejected",
    OutcomeStatus.DIED: "crashed",
    OutcomeStatus.CANCELLED: "cancelled",
    OutcomeStatus.SUPERVISOR_DIED: "platform fault",
}

VERDICT = {
    Verdict.CLEAN: "No look-ahead",
    Verdict.PROVED: "No look-ahead, proved",
    Verdict.CHECKED: "Checked by its text, not confirmed",
    Verdict.LEAKED: "Reads the future",
    Verdict.NOT_CHECKABLE: "Look-ahead not checkable",
}


def label_certificate(certificate: Certificate) -> str:
    """Label the verdict of a certificate, with the number of cuts where it stands on them and not on the program's text.

    >>> from core.domain.backtest import Method
    >>> label_certificate(Certificate(verdict=Verdict.CHECKED, method=Method.FAST, cuts=9))
    'Checked at 9 cuts, not confirmed'
    """
    if certificate.verdict is Verdict.CHECKED and certificate.cuts:
        return f"Checked at {certificate.cuts} cuts, not confirmed"
    return VERDICT[certificate.verdict]


def label_confirmation(certificate: Certificate) -> str:
    """Label the check that shows that no later bar was read, as it was done for this program: a proved one ran in one pass.

    >>> from core.domain.backtest import Method
    >>> label_confirmation(Certificate(verdict=Verdict.PROVED, method=Method.PROVED))
    'Proved to read no later bar'
    >>> label_confirmation(Certificate(verdict=Verdict.CLEAN, method=Method.LOCK_STEP))
    'Run bar by bar'
    """
    return "Proved to read no later bar" if certificate.verdict is Verdict.PROVED else "Run bar by bar"


HOLD_OUT = {status: f"On the hold-out its run ended without figures: {words}." for status, words in OUTCOME.items()} | {
    OutcomeStatus.OK: "On the hold-out its account was ruined, or could not be measured."
}
"""Ends of runs on the hold-out without figures, in fixed words: those of the code could tell of prices that nobody may see."""


def describe_missing_figures(figure: HoldOutFigure) -> str:
    """Describe why a candidate has no figures on the hold-out; empty where it has.

    >>> describe_missing_figures(HoldOutFigure(name="best", ended=OutcomeStatus.TIMEOUT))
    'On the hold-out its run ended without figures: took too long.'
    """
    if figure.metrics is not None:
        return ""
    return "There is no usable iteration to check." if figure.ended is None else HOLD_OUT[figure.ended]


STANDING = {
    PointStanding.PLATEAU: "Plateau",
    PointStanding.SLOPE: "Slope",
    PointStanding.CLIFF: "Cliff",
    PointStanding.UNKNOWN: "Not known",
}
"""Surroundings of a sweep's points."""

CONCLUSION = {
    Conclusion.HELD_UP: "Held up",
    Conclusion.LUCK: "Not distinguishable from luck",
    Conclusion.OVERFITTED: "Overfitted",
    Conclusion.FEW_TRADES: "Not enough trades",
    Conclusion.IN_SAMPLE: "In-sample only",
}
"""Verdicts on the winner of a run."""

ISOLATION = {2: "Isolated", 1: "Confined", 0: "Not isolated"}
"""Levels of the sandbox."""

RESTRICTION = {
    Restriction.APPARMOR: (
        "AppArmor gives programs without a profile no user namespaces (Ubuntu 23.10 and newer). With a profile for this Python "
        "(docs/sandbox.md has it), or after `sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0`, the level is 2; "
        "without, it is 1."
    ),
    Restriction.NAMESPACES_OFF: (
        "This system has switched user namespaces off. After `sudo sysctl -w kernel.unprivileged_userns_clone=1` and "
        "`sudo sysctl -w user.max_user_namespaces=10000` the level is 2; without, it is 1."
    ),
    Restriction.CONTAINER: (
        "The container's system-call filter refuses user namespaces. Started with `--security-opt seccomp=unconfined`, or a profile that "
        "allows `unshare`, `mount` and `pivot_root`, the level is 2; without, it is 1."
    ),
    Restriction.NO_LANDLOCK: (
        "The kernel runs without Landlock. With `lsm=landlock,...` on its command line (Linux 5.13 or newer) the level is 2; "
        "without, it is 1."
    ),
}
"""Settings that take isolation away: the remedy, and the level with and without it."""

REGIME = {
    MarketState.RISING: "Rising market",
    MarketState.FALLING: "Falling market",
    MarketState.CALM: "Calm market",
    MarketState.USUAL: "Usual swings",
    MarketState.TURBULENT: "Turbulent market",
}
"""States of the market that a result is split by."""

RISK = (
    "Simulated past results. They say nothing certain about the future, leave out taxes and market impact, and are not investment advice."
)
"""The line under every result."""

MODEL = {COMPILER: "Compiled workflow", SWEEPER: "Sweep", "editor": "From the editor"} | BUNDLED_LABELS
"""Authors of code that are no models of a provider."""

AUTHOR = {
    COMPILER: "Stratloop's compiler from the workflow, without a model",
    SWEEPER: "Stratloop's compiler, with the numbers of a sweep",
    "editor": "hand, in the editor",
} | {model_id: f"the {label[:1].lower()}{label[1:]}" for model_id, label in BUNDLED_LABELS.items()}


def label_model(model_id: str) -> str:
    """Label the author of code; a provider's model keeps its id.

    >>> label_model("openai/gpt-4o"), label_model("mcp/Claude Code")
    ('openai/gpt-4o', 'agent Claude Code')
    """
    if model_id.startswith(AGENT_PREFIX):
        return f"agent {model_id.removeprefix(AGENT_PREFIX)}"
    return MODEL.get(model_id, model_id)


SEARCH = {SweepSearch.GRID: "Grid", SweepSearch.RANDOM: "Random", SweepSearch.GUIDED: "Guided"}
"""Ways in which a sweep chooses its points."""


def label_run_model(run: Run) -> str:
    """Label who writes a run's versions. Of a sweep nobody does: its points are the workflow with other numbers.

    Code of the editor has an author with each version; the model that its form named was not asked.
    """
    if run.kind is RunKind.EDITOR:
        return "Code from the editor"
    if run.kind is not RunKind.SWEEP or run.plan.sweep is None:
        return label_model(run.plan.model.id)
    return f"{SEARCH[run.plan.sweep.search]} sweep, without a model"


def is_model(model_id: str) -> bool:
    """True for a language model; the compiler, the built-in optimizer and a person are none.

    >>> is_model("openai/gpt-4o"), is_model("editor"), is_model("stratloop/built-in")
    (True, False, False)
    """
    return model_id not in MODEL and model_id not in BUNDLED_MODELS


def label_author(model_id: str) -> str:
    """Label the author of code behind "written by".

    >>> label_author("editor"), label_author("openai/gpt-4o")
    ('hand, in the editor', 'the model openai/gpt-4o')
    """
    if model_id.startswith(AGENT_PREFIX):
        return f"the agent {model_id.removeprefix(AGENT_PREFIX)}"
    return AUTHOR.get(model_id, f"the model {model_id}")


def describe_author(iteration: Iteration) -> str:
    """Describe who wrote an iteration's code, behind "written by": its author, and the lines that a hand has changed since."""
    return describe_authorship(iteration.authorship) if iteration.authorship else label_author(iteration.model)


def label_origin(iteration: Iteration) -> str:
    """Label the author of an iteration's code in a few words, with the lines that a hand has changed since."""
    told = iteration.authorship
    if told is None:
        return label_model(iteration.model)
    edits = describe_edits(told)
    return f"{label_model(told.model)}{f', {edits}' if edits else ''}"


def describe_authorship(told: Authorship) -> str:
    """Describe an author and what a hand has changed since."""
    edits = describe_edits(told)
    return f"{label_author(told.model)}{f', {edits}' if edits else ''}"


def describe_edits(told: Authorship) -> str:
    """Describe what a hand has changed of code; empty where nothing was.

    >>> describe_edits(Authorship(model="m", edited=((12, 14), (20, 20)), removed=1))
    'edited by hand in lines 12 to 14 and 20, 1 line taken out'
    """
    places = [f"{first}" if first == last else f"{first} to {last}" for first, last in told.edited]
    listed = places[0] if len(places) == 1 else f"{', '.join(places[:-1])} and {places[-1]}" if places else ""
    lone = len(told.edited) == 1 and told.edited[0][0] == told.edited[0][1]
    parts = [f"edited by hand in line{'' if lone else 's'} {listed}"] if listed else []
    if told.removed:
        parts.append(f"{'' if parts else 'by hand '}{told.removed} {'line' if told.removed == 1 else 'lines'} taken out")
    return ", ".join(parts)


def is_written_by_model(iteration: Iteration) -> bool:
    """True when a language model wrote the code, also where a hand has changed it since."""
    return is_model(iteration.authorship.model if iteration.authorship else iteration.model)


def label_iteration(iteration: Iteration) -> str:
    """Label how an iteration ended, in one word or two."""
    if iteration.error is not None:
        certificate = iteration.certificate
        if certificate is not None and certificate.verdict is Verdict.LEAKED:
            return "reads the future"
        return OUTCOME[iteration.status] if iteration.status is not OutcomeStatus.OK else "error"
    if iteration.score is None:
        return "no score"
    if iteration.awaits_confirmation:
        return "not confirmed"
    return "baseline" if iteration.is_baseline else "ok"
