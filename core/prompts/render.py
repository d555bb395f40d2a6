"""From a `Task` to the prompt's text. Same task, same bytes: no clock, no randomness, no order of a hash.

The system part depends only on the reference of indicators, so that providers can cache it over a whole run and across runs. The
user part starts with what is constant in a run; for an author that is no language model it ends with the state that it reads.
"""

import difflib
import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache, partial

from core.domain.backtest import BacktestPlan
from core.domain.deposits import describe_deposits
from core.domain.finding import Finding
from core.domain.instrument import Instrument
from core.domain.iteration import Iteration
from core.domain.model_calls import Prompt
from core.domain.run import Objective
from core.domain.trading_costs import describe_commission, describe_slippage
from core.prompts.backtrader_reference import indicator_reference
from core.prompts.blindness import hide_names, mask_figures
from core.prompts.budget import PromptSection, fit_sections
from core.prompts.feedback import (
    CODE_LIMIT,
    find_parameters,
    format_failure,
    format_figures,
    format_findings,
    format_history,
    format_judgment,
    quote_log,
)
from core.prompts.task import Facts, Mode, Task
from core.prompts.templates.instruction import INSTRUCTIONS, NO_SCORE, REMINDER
from core.prompts.templates.system import HEAD, TAIL
from core.prompts.wording import clean, clean_line, estimate_tokens, neutralize, seal_json
from core.report.number_format import MINUS, format_percent

SEPARATOR = "\n\n"
STATE_ENTRIES = 40
"""Tries in the machine-readable state: half the best, half the newest."""
NOTE_LIMIT = 500
MAXIMUM_TRIES = 120
"""Tries that stand in a prompt, one line each; older ones are left out in blocks, so that the lines before stay the same."""
MAXIMUM_NOTES = 10
"""The newest are said; pinned constraints are said all of them, their number is limited where they are taken."""
SEVERE = 3
"""Findings of the last attempt are said beside those of the best when they are as severe as this."""
ANSWER_END = 600
"""Characters from the end of an answer without a program."""
FEW_LINES = 0.4
"""Part of a program up to which another one is told by the lines in which it differs."""
NOTES_SHOWN = 5
"""Remarks of the platform on the last attempt: what was taken out, why there is no score."""


def render_prompt(task: Task) -> Prompt:
    """Render the prompt of one iteration. Raises InputError when it cannot be brought under `task.max_tokens`."""
    system, system_tokens = _write_system()
    sections = _sections(task)
    room = task.max_tokens - system_tokens - len(sections) * estimate_tokens(SEPARATOR)
    parts = fit_sections(sections, room)
    user = hide_names(SEPARATOR.join(part for part in parts if part).replace(MINUS, "-"), task.hidden) + "\n"
    digest = hashlib.sha256(f"{system}\0{user}".encode()).hexdigest()
    return Prompt(system=system, user=user, tokens=system_tokens + estimate_tokens(user), hash=digest)


@lru_cache(maxsize=1)
def _write_system() -> tuple[str, int]:
    """Write the system part, which is the same for every prompt, and count its tokens."""
    text = HEAD + indicator_reference().strip() + "\n" + TAIL
    return text, estimate_tokens(text)


INSTRUMENT_FIELDS = {"asset_class", "calendar", "session_open", "session_close", "day_roll", "days_per_year"}
"""Fields of an instrument that the state tells."""


def render_state(task: Task, entries: int = STATE_ENTRIES) -> str:
    """Render the run so far for a machine: seed, loop, objective, workflow, and at most `entries` tries with values and score."""
    document = {
        "seed": task.seed,
        "loop": task.loop,
        "objective": task.objective.value,
        "workflow": task.workflow.model_dump(mode="json", exclude_defaults=True),
        **_hours(task.facts.instrument),
        **({"several": True} if task.facts.others else {}),
    }
    history = [_history_entry(each, task) for each in _chosen(task.history, entries)]
    return f"<state>{seal_json({**document, 'history': history})}</state>"


def _hours(instrument: Instrument | None) -> dict[str, object]:
    """Collect what compiled code is told of the trading day; nothing that names the instrument."""
    return {} if instrument is None else {"instrument": instrument.model_dump(mode="json", include=INSTRUMENT_FIELDS)}


def _history_entry(iteration: Iteration, task: Task) -> dict[str, object]:
    score = None if iteration.score is None else _round(iteration.score)
    return {"values": {name: _round(value) for name, value in find_parameters(iteration, task.values).items()}, "score": score}


def _round(number: float) -> float | int:
    """Whole numbers as they are, others with six significant digits: nothing an optimizer misses, and half the tokens."""
    return int(number) if number.is_integer() else float(f"{number:.6g}")


def describe_objective(task: Task) -> str:
    """Describe what is maximized, in words or as the formula."""
    if task.objective is Objective.FORMULA:
        return f"value of {clean_line(task.formula, 300)}"
    return task.objective.value.replace("_", " ")


def _sections(task: Task) -> list[PromptSection]:
    return [
        PromptSection((_tagged("specification", neutralize(task.specification.strip())),)),
        PromptSection((_tagged("conditions", _conditions(task)),)),
        PromptSection((_tagged("memory", _bullets(task.memory)), ""), gives_way=2),
        PromptSection((_tagged("constraints", _bullets(task.constraints)),)),
        PromptSection(_program_forms(task), gives_way=6),
        PromptSection(_history_forms(task), gives_way=1),
        PromptSection(_best_forms(task), gives_way=6),
        PromptSection(_inspiration_forms(task), gives_way=3),
        PromptSection(_last_forms(task), gives_way=5 if task.mode is Mode.REPAIR else 3),
        PromptSection(_finding_forms(task), gives_way=4),
        PromptSection((_tagged("notes", _bullets(task.notes[-MAXIMUM_NOTES:])), ""), gives_way=7),
        PromptSection((_tagged("instruction", _instruction(task)),)),
        PromptSection(_state_forms(task), gives_way=8),
    ]


def _conditions(task: Task) -> str:
    facts = task.facts
    plan = facts.plan
    lines = [
        f"Asset: {clean_line(facts.asset, 80) or 'not named'}; bars of {facts.timeframe.value}, {facts.bars} of them{_dates(facts)}.",
        *_list_basket(facts),
        *_list_others(facts.others if facts.first else [f"instrument {place}" for place in range(2, len(facts.others) + 2)]),
        f"Account: {plan.cash:.0f} in cash, leverage at most {plan.leverage:g}, {'fractions of' if facts.fractional else 'whole'} units.",
        *_list_deposits(plan),
        f"Costs: commission {describe_commission(plan)} on each side, slippage {describe_slippage(plan)}.",
        f"Objective: the highest {describe_objective(task)} with at least {task.minimum_trades} closed trades{_limits(task)}.",
    ]
    if task.names:
        lines.append(
            f"Free numbers, by the names that `params` has to keep: {', '.join(clean_line(name, 80) for name in task.names[:30])}."
        )
    if task.benchmark is not None:
        lines.append(f"Buy and hold on the same bars at the same costs: {format_figures(task.benchmark).splitlines()[0]}")
    if facts.instrument is not None and facts.timeframe.intraday and (roll := facts.instrument.day_roll):
        lines.append(f"The trading day begins at {roll // 60:02d}:{roll % 60:02d} of the bars' clock, on the calendar day before.")
    lines += [f"Character of the bars: {clean_line(sentence, 300)}" for sentence in facts.profile[:12]]
    return "\n".join(lines)


def _limits(task: Task) -> str:
    limits = task.limits
    exposure = (("a position on at least", limits.minimum_exposure), ("a position on at most", limits.maximum_exposure))
    held = ", ".join(f"{words} {format_percent(value)}" for words, value in exposure if value is not None)
    told = [] if limits.max_drawdown is None else [f"a drawdown of at most {format_percent(limits.max_drawdown)}"]
    told += [f"{held} of the bars"] if held else []
    return "".join(f", {words}" for words in told)


def _list_basket(facts: Facts) -> list[str]:
    if not facts.basket:
        return []
    named = ", ".join(clean_line(name, 40) for name in facts.basket if name)
    return [
        f"Basket: the program is run on each of {len(facts.basket)} instruments alone{f' ({named})' if named else ''}, with an account "
        f"of its own; it never sees the others. The score is the {facts.across.value} of the objective over them, and one on which the "
        "program fails or never trades counts as the worst of the others. Bars and figures below are those of the equal-weight account."
    ]


def _list_deposits(plan: BacktestPlan) -> list[str]:
    """Deposits, for a model that may only buy with them."""
    if not plan.deposits:
        return []
    return [
        f"The platform pays into the account: {describe_deposits(plan.deposits)}, at the close of the first bar of each, not on the first "
        "bar of all. It stands in self.broker.getcash() and getvalue() from next() of that bar on, so orders of that bar may spend it. The "
        "code never calls add_cash(); it only buys. Returns are those of a unit of the account, so money that is paid in is no profit."
    ]


def _list_others(others: Sequence[str]) -> list[str]:
    """Further instruments, for a model that may read and trade them."""
    names = ", ".join(f"self.data{place} ({clean_line(name, 40)})" for place, name in enumerate(others, start=1))
    if not names:
        return []
    return [
        f"Further instruments: {names}; longer bars, where the class asks for them, come before these. Orders may name them (data=...).",
        "next() is called on every moment on which any of them has a bar; an order is executed on bars of its own instrument only.",
    ]


def _dates(facts: Facts) -> str:
    return f" from {facts.first} to {facts.last}" if facts.first and facts.last else ""


def _program_forms(task: Task) -> tuple[str, ...]:
    """The best version's program. It stays the same from turn to turn, so it stands before the tries and is read from a cache."""
    best = task.best
    if best is None or not best.code:
        return ("",)
    return _tagged("program", f"Program of number {best.number}, the best so far:\n{_code(best.code)}"), ""


def _best_forms(task: Task) -> tuple[str, ...]:
    best = task.best
    if task.base is not None and task.mode is not Mode.REPAIR and (best is None or task.base.number != best.number):
        return _base_forms(task, task.base)
    if best is None:
        return ("",)
    head = f"Best so far: number {best.number}, score {_score(best)}. Its code stands above."
    numbers = f"\n{format_figures(best.metrics)}" if best.metrics else ""
    details = "".join(f"\n{clean_line(detail, 300)}" for detail in task.details if task.mode is not Mode.REPAIR)
    return tuple(_tagged("best", text) for text in dict.fromkeys((head + numbers + details, head + numbers)))


def _base_forms(task: Task, base: Iteration) -> tuple[str, ...]:
    """The version to start from, and how far the best is from it."""
    head = f"Start from number {base.number}, score {_score(base)}."
    numbers = f"\n{format_figures(base.metrics)}" if base.metrics else ""
    details = "".join(f"\n{clean_line(detail, 300)}" for detail in task.details)
    best = f"\nThe best so far is number {task.best.number}, score {_score(task.best)}." if task.best else ""
    code = _show_base(task, base)
    forms = (f"{head}\n{code}{numbers}{details}{best}", f"{head}\n{code}{numbers}{best}")
    return tuple(_tagged("best", text) for text in dict.fromkeys(forms))


def _show_base(task: Task, base: Iteration) -> str:
    """The version to start from: by the lines in which it differs from the best while those are few, else whole."""
    best = task.best
    if best is None or not best.code:
        return _code(base.code)
    lines = _differences(best.code, base.code)
    if not lines or len(lines) > FEW_LINES * len(base.code):
        return _code(base.code)
    return f"It is the program above with these lines changed (- as they stand there, + as they stand here):\n{_code(lines)}"


def _inspiration_forms(task: Task) -> tuple[str, ...]:
    """A second good version, as the lines in which it differs from the start."""
    other, start = task.inspiration, task.start
    if other is None or start is None or task.mode is Mode.REPAIR or other.number == start.number or not other.code:
        return ("",)
    head = f"Another good version: number {other.number}, score {_score(other)}. {clean_line(other.change, 120)}"
    lines = _differences(start.code, other.code)
    full = f"{head}\nWhere it differs from number {start.number}:\n{_code(lines)}" if lines else head
    return (*(_tagged("inspiration", text) for text in dict.fromkeys((full, head))), "")


def _differences(before: str, after: str) -> str:
    """The lines of a difference, with a line around each; empty when it is longer than the program itself."""
    lines = [
        line
        for line in difflib.unified_diff(before.split("\n"), after.split("\n"), lineterm="", n=1)
        if not line.startswith(("---", "+++"))
    ]
    text = "\n".join(lines)
    return text if len(text) < len(after) else after


def _last_forms(task: Task) -> tuple[str, ...]:
    last = task.last
    if last is None:
        return ("",)
    same = task.best is not None and last.number == task.best.number
    head = f"Last attempt: number {last.number}, {'same as the best' if same else f'score {_score(last)}'}."
    told = [
        head,
        f"Change: {clean_line(last.change, 200) or 'none given'}",
        format_judgment(last, task.history, task.objective, task.unscored),
    ]
    if last.error is not None:
        failure = format_failure(last.error, last.code)
        told.append(mask_figures(failure, keep=last.code) if _is_blind(task) else failure)
    elif last.metrics is not None and not same:
        told.append(format_figures(last.metrics))
    if not same and task.best is not None and last.error is None:
        severe = [finding for finding in last.findings if finding.severity >= SEVERE]
        told += [f"What spoils it:\n{format_findings(severe)}"] if severe else []
    notes = [note for note in last.notes if not task.unscored or note != last.no_score]
    if notes:
        remarks = "; ".join(clean_line(note, 200) for note in notes[:NOTES_SHOWN])
        told.append(f"From the platform: {mask_figures(remarks, keep=last.code) if _is_blind(task) else remarks}")
    if not last.code and last.answer.strip():
        told.append(f"The end of its answer: {clean(last.answer.strip()[-ANSWER_END:], ANSWER_END)}")
    if last.error is not None and last.log.strip() and not _is_blind(task):  # what it prints may name a day or a price
        told.append(f"It printed: {quote_log(last.log)}")
    short = "\n".join(told)
    start = task.start
    changed = _differences(start.code, last.code) if start is not None and start.code and start.number != last.number else ""
    shown = f"It differs from number {start.number} in:\n{_code(changed)}" if changed and start is not None else _code(last.code)
    is_start = start is not None and start.number == last.number and task.base is not None and task.mode is not Mode.REPAIR
    full = short if same or is_start or not last.code else f"{short}\n{shown}"
    return tuple(_tagged("last", text) for text in dict.fromkeys((full, short)))


def _is_blind(task: Task) -> bool:
    return task.facts.first is None


def _history_forms(task: Task) -> tuple[str | Callable[[], str], ...]:
    def write(shown: int) -> str:
        return _tagged("history", format_history(task.history, task.objective, shown))

    return *(partial(write, shown) for shown in (MAXIMUM_TRIES, 40, 10)), ""


def _state_forms(task: Task) -> tuple[str | Callable[[], str], ...]:
    return tuple(partial(render_state, task, entries) for entries in (STATE_ENTRIES, 15, 0)) if task.with_state else ("",)


def _finding_forms(task: Task) -> tuple[str, ...]:
    base = None if task.mode is Mode.REPAIR else task.best or task.last
    found: Sequence[Finding] = task.findings if task.findings is not None else base.findings if base else ()
    forms = [format_findings(each) for each in (found, found[:3])]
    return (*(_tagged("findings", text) for text in dict.fromkeys(forms)), "")


def _instruction(task: Task) -> str:
    unscored = task.mode is Mode.FIRST and task.start is not None
    text = NO_SCORE if unscored else INSTRUCTIONS[task.mode]
    reason = clean_line(task.unscored, 200) or f"fewer than {max(task.minimum_trades, 1)} closed trades, or no value of the objective"
    if task.order and not unscored and task.mode in (Mode.IMPROVE, Mode.EXPLORE):
        text = task.order
    told = [f"Turn {task.loop} of {task.loops}.", text.format(objective=describe_objective(task), reason=reason)]
    if task.noise is not None and task.mode is not Mode.FIRST:
        told.append(f"Differences of the score under {task.noise:.2f} are noise on these bars.")
    return f"{' '.join(told)}\n{REMINDER}"


def _chosen(history: Sequence[Iteration], entries: int) -> list[Iteration]:
    if len(history) <= entries:
        return list(history)
    newest = history[len(history) - entries // 2 :]
    older = sorted(history[: len(history) - entries // 2], key=lambda each: (each.score is None, -(each.score or 0.0), each.number))
    kept = older[: entries - len(newest)]
    return sorted((*kept, *newest), key=lambda each: each.number)


def _score(iteration: Iteration) -> str:
    return "none" if iteration.score is None else f"{iteration.score:.3f}"


def _code(code: str) -> str:
    return f"```python\n{clean(code.strip(), CODE_LIMIT)}\n```"


def _bullets(texts: Sequence[str]) -> str:
    return "\n".join(f"- {clean_line(text, NOTE_LIMIT)}" for text in texts if text.strip())


def _tagged(name: str, body: str) -> str:
    return f"<{name}>\n{body}\n</{name}>" if body.strip() else ""
