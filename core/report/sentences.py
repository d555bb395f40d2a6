"""Sentences on a result that claim no more than is known. Plain text: a screen that reads Markdown marks it up itself."""

from collections.abc import Sequence
from datetime import date

from core.domain.finding import Finding
from core.domain.history import count_stored
from core.domain.hold_out import HoldOut
from core.domain.iteration import Iteration, count_tries
from core.domain.model_memory import find_cut_off, may_remember
from core.domain.run import ModelChoice, Objective, Run, RunKind
from core.domain.timing import LUCK_LEVEL, compute_tail
from core.report.figures import find_figure, format_score
from core.report.number_format import MINUS, format_count, format_frequency, format_percent, format_ratio, write_minus_within
from core.report.verdict import FEWEST_TRADES

FEW_TRADES = 20
"""Closed trades on the hold-out under which their number is the limit."""


def describe_result(run: Run, iterations: Sequence[Iteration], chance: float | None = None, line: float | None = None) -> str:
    """Describe what came of a run of LLM Driving, in one or two sentences; empty until it is over.

    `chance` is the probability that the best of as many tries without any timing shows as much, `line` what 95% of them stay below.
    """
    if not run.status.finished or not run.kind.is_loop or not iterations:
        return ""
    best = next((one for one in iterations if one.number == run.best), None)
    if best is None and run.best is not None:  # the line under the list says that it cannot be read
        return ""
    if best is None or best.score is None:
        return "No version could be scored: the table says why, version by version."
    baseline = next((one for one in iterations if one.is_baseline and one.error is None), None)
    objective = run.plan.objective
    name = "formula" if objective is Objective.FORMULA else find_figure(objective.value).words
    if run.plan.bars.basket:
        name = f"{run.plan.across.value} {name} over the instruments"
    value = format_score(best.score, objective)
    tries = count_tries(iterations)
    if best.is_baseline:  # nothing was picked, so no luck either
        others = format_count(count_stored(iterations) - 1, "try", "tries")
        return f"Nothing beat the workflow itself in {others}: its {name} is {value} in training."
    if baseline is not None and baseline.score is not None:
        text = f"In training the best version raised the {name} from {format_score(baseline.score, objective)} to {value}."
    else:
        text = f"In training the best version reached a {name} of {value}; the workflow itself had no score."
    return f"{text} {_describe_luck(best, objective, tries + run.earlier_tries, chance, line)}".strip()


def _describe_luck(best: Iteration, objective: Objective, tries: int, chance: float | None, line: float | None) -> str:
    if chance is None or line is None or not best.number:
        return ""
    loops = f"loops of {format_count(tries, 'try', 'tries')} without any skill"
    one_account = objective is Objective.SHARPE and not best.instruments  # the score of a basket is not the ratio of one account
    below = f": 95% of them stay below {format_ratio(line)}" if one_account else ""
    if chance < LUCK_LEVEL:
        return f"That is better than luck: {format_chance(chance)} of {loops} show as much timing{below}."
    return f"Luck explains it: {format_chance(chance)} of {loops} show as much timing{below}."


def format_chance(chance: float) -> str:
    """Format a probability, which is never none and never certain.

    >>> format_chance(0.0321), format_chance(0.0001), format_chance(0.9999)
    ('3.2%', 'under 0.1%', 'over 99%')
    """
    if chance < 0.001:
        return "under 0.1%"
    return "over 99%" if chance > 0.99 else f"{chance:.1%}" if chance < 0.1 else f"{chance:.0%}"


def describe_looks(held: HoldOut) -> str:
    """Describe which bars were held out, how often they were looked at, and what that leaves of them."""
    looks = format_frequency(held.looks) + (", other runs on them included" if held.looks > 1 else "")
    level = "They are used up: no claim is made from them any more." if held.used_up else f"This look is tested at {held.level:.2%}."
    trained = f" {format_count(held.trained, 'other run was', 'other runs were')} trained on some of them." if held.trained else ""
    return f"{held.bars:,} bars from {held.first:%Y-%m-%d} to {held.last:%Y-%m-%d}, looked at {looks}. {level}{trained}"


def describe_hold_out(held: HoldOut, number: int | None = None, objective: Objective = Objective.SHARPE) -> str:
    """Describe what the hold-out says about the winner, beside iteration `number`: a run that went on may have a newer one."""
    best = held.best.metrics
    if best is None:
        return "There is no figure for the best iteration on the hold-out."
    subject = "It" if held.best.iteration in (None, number) else f"Iteration {held.best.iteration}"
    years = f"{best.years:.1f} years" if best.years else f"{held.bars:,} bars"
    parts = [
        f"{subject} made {format_percent(best.total_return)} there, in {years} and {format_count(best.trades, 'trade')}"
        f"{_describe_ratio(held)}.",
        _describe_difference(held, objective),
        _describe_timing(held),
        _describe_random_entries(held),
    ]
    if best.trades < FEW_TRADES:
        few = "too few to conclude anything" if best.trades < FEWEST_TRADES else "their number, more than the years, is the limit"
        parts.append(f"Only {format_count(best.trades, 'trade')} closed there: {few}.")
    parts.append("One stretch of the past is one sample: a good hold-out is a reason to look closer, not a proof.")
    return " ".join(part for part in parts if part)


def _describe_ratio(held: HoldOut) -> str:
    best, market = held.best.metrics, held.benchmark.metrics
    if best is None or best.sharpe is None:
        return ""
    error = 1.96 * (held.sharpe_se or 0.0)
    width = f" ({format_ratio(best.sharpe - error)} to {format_ratio(best.sharpe + error)})"
    holding = f", of buy and hold {format_ratio(market.sharpe)}" if market and market.sharpe is not None else ""
    return f": Sharpe ratio {format_ratio(best.sharpe)}{width if held.sharpe_se else ''}{holding}"


def _describe_difference(held: HoldOut, objective: Objective) -> str:
    if held.best.iteration == held.baseline.iteration:
        return "It is the workflow itself, so there is nothing to compare."
    pair = held.comparison
    if pair is None:
        return "How much of the difference to the workflow is chance cannot be told here."
    gain = format_score(pair.gain, objective)
    return (
        f"Difference to the workflow {format_signed(pair.difference, objective)} ± {format_score(1.96 * pair.se, objective)}"
        f"{_judge_difference(held, pair.difference)}. "
        f"A stretch this long recognizes a true gain of {gain} in {format_tenths(pair.power)} cases."
    )


def _judge_difference(held: HoldOut, difference: float) -> str:
    """The end of the sentence on the difference: a claim at the level of this look, and none from bars that are used up."""
    if held.used_up:
        return ""
    if not held.tells_apart:
        return ": not distinguishable"
    return ": more than chance allows" if difference > 0 else ": less than chance allows"


def _describe_timing(held: HoldOut) -> str:
    timing = held.timing
    if timing is None or timing.gap is not None or held.used_up:
        return ""
    chance = compute_tail(timing.z)
    found = "more than" if chance < held.level else "no more than"
    record = f" Its Sharpe ratio there needs {held.minimum_years:.1f} years to be surely above zero." if held.minimum_years else ""
    return f"Beyond holding as much, its timing there is {found} luck ({format_chance(chance)}, this look needs {held.level:.2%}).{record}"


def _describe_random_entries(held: HoldOut) -> str:
    found = held.random_entries
    if found is None or held.used_up:
        return ""
    return (
        f"Entries at random bars there, held as long, earn as much a trade ({format_percent(found.earned, 2)}) or more in "
        f"{format_chance(found.probability)} of draws; on average they earn {format_percent(found.random_mean, 2)}."
    )


def describe_memory(run: Run, findings: Sequence[Finding] = ()) -> str:
    """Describe what the model may remember of the hold-out, and what the winner's `findings` tell of that.

    Empty where no language model wrote anything, or nothing was held out.
    """
    told = _describe_knowledge(run)
    names = [words for code, words in _REMEMBERED.items() if any(finding.code == code for finding in findings)]
    return f"{told} Its code names {' and '.join(names)}." if told and names else told


_REMEMBERED = {"dates_in_code": "calendar dates", "prices_in_code": "fixed prices"}
"""Findings on what no bar tells, in words."""


def _describe_knowledge(run: Run) -> str:
    held, model = run.hold_out, run.plan.model
    if held is None or not model.is_language_model:
        return ""
    if run.kind is RunKind.SESSION:
        return describe_unseen_knowledge(run)
    cut_off = model.knows_until or find_cut_off(model.id)
    told = " It was told neither the symbol nor any date." if run.plan.blind else ""
    if cut_off is None:
        return f"It is not known up to which day the model was trained: it may remember the bars of the hold-out.{told}"
    if may_remember(model, held.first.date()):
        until = f"{cut_off:%B %Y}"
        return f"The model was trained up to about {until}: it may remember the bars of the hold-out, so that they were not unseen.{told}"
    return f"The model was trained up to about {cut_off:%B %Y}, before the hold-out begins: it cannot remember these bars."


def describe_memory_of_bars(model: ModelChoice, first: date) -> str:
    """Describe what a model may remember of the bars, from `first` on, that its code is written for; empty for other authors.

    >>> describe_memory_of_bars(ModelChoice(id="openai/gpt-4o", knows_until=date(2009, 5, 1)), date(2010, 1, 4))
    'The model was trained up to about May 2009, before these bars begin: it cannot remember them.'
    >>> describe_memory_of_bars(ModelChoice(id="mine/unknown"), date(2010, 1, 4)).startswith("It is not known")
    True
    >>> describe_memory_of_bars(ModelChoice(id="built-in"), date(2010, 1, 4))
    ''
    """
    if not model.is_language_model:
        return ""
    cut_off = model.knows_until or find_cut_off(model.id)
    if cut_off is None:
        return (
            "It is not known up to which day the model was trained: it may remember these bars, so a backtest on them may flatter its code."
        )
    if may_remember(model, first):
        return f"The model was trained up to about {cut_off:%B %Y}: it may remember these bars, so a backtest on them may flatter its code."
    return f"The model was trained up to about {cut_off:%B %Y}, before these bars begin: it cannot remember them."


def describe_training_held_elsewhere(run: Run) -> str:
    """Describe that a run is trained on days that other runs hold out; empty where it is not."""
    if not run.held_elsewhere:
        return ""
    others = "another run holds" if run.held_elsewhere == 1 else f"{run.held_elsewhere} other runs hold"
    return f"Some of the days that it is trained on {others} out: for them these days are not unseen any more."


def describe_unseen_knowledge(run: Run) -> str:
    """Describe what is sure of an agent's view of the hold-out, what nobody here can know of it, and the one test that remains."""
    return (
        "Until the session was finished this server gave its author no bar and no figure of the hold-out. What the agent had learned of "
        f"those days elsewhere, nobody here can see. Only bars from after {run.unseen_after} are new to everybody: test it on them again."
    )


def format_signed(value: float, objective: Objective) -> str:
    """Format a difference of scores with its sign.

    >>> format_signed(-0.301, Objective.SHARPE), format_signed(0.1, Objective.TOTAL_RETURN), format_signed(0.001, Objective.SHARPE)
    ('−0.30', '+10.0%', '0.00')
    """
    text = format_score(abs(value), objective)
    sign = "" if not any(digit in "123456789" for digit in text) else MINUS if value < 0 else "+"
    return f"{sign}{text}"


def format_tenths(share: float) -> str:
    """Format a chance as so many of 10 cases.

    >>> format_tenths(0.46), format_tenths(0.02), format_tenths(0.999)
    ('5 of 10', 'less than 1 of 10', 'nearly all')
    """
    tenths = round(share * 10)
    return "less than 1 of 10" if tenths < 1 else "nearly all" if tenths > 9 else f"{tenths} of 10"


def describe_finding(finding: Finding) -> str:
    """Describe a finding: what was found, and what may mend it.

    >>> describe_finding(Finding(code="no_trades", severity=3, message="no trade was closed", fix="loosen the entry"))
    'No trade was closed. Loosen the entry.'
    """
    return f"{to_sentence(write_minus_within(finding.message))} {to_sentence(finding.fix)}".strip()


def to_sentence(text: str) -> str:
    """Make a sentence of text: one line, a capital first, a stop at its end.

    >>> to_sentence("use less cash"), to_sentence("")
    ('Use less cash.', '')
    """
    plain = " ".join(text.split())
    return plain and plain[0].upper() + plain[1:] + ("" if plain[-1] in ".!?:" else ".")
