"""A comparison put together: rows, badges, and the sentences on what can be told apart."""

from collections.abc import Sequence

from core.domain.decision import Action
from core.domain.deposits import describe_deposits
from core.domain.iteration import Iteration
from core.domain.run import Run
from core.evidence import PairDifference
from core.report import labels
from core.report.comparison import (
    Badge,
    Column,
    Comparison,
    Difference,
    Participant,
    ParticipantKind,
    Tested,
    resample_participants,
)
from core.report.comparison_rows import build_groups
from core.report.figures import find_figure
from core.report.number_format import format_count, format_percent, format_ratio, write_minus


def build_comparison(participants: Sequence[Participant], *, baseline: str = "") -> Comparison:
    """Build the comparison of some participants; distances are taken from the id `baseline`, else from a workflow as written."""
    tested = resample_participants(participants, baseline)
    pairs = [tested.compare(place, tested.baseline) for place in range(len(participants))]
    base = participants[tested.baseline].id if tested.baseline is not None else ""
    same = len({one.bars_key for one in participants}) < 2
    return Comparison(
        columns=tuple(_build_column(one, *judge(tested, place)) for place, one in enumerate(participants)),
        groups=build_groups(tested),
        baseline=base,
        same_bars=same,
        sentences=tuple(describe_differences(tested)) if same else (),
        warnings=tuple(_find_warnings(participants, same=same)),
        differences=tuple(
            Difference(first=one.id, second=base, sharpe=pair) for one, pair in zip(participants, pairs, strict=True) if pair is not None
        ),
    )


def _build_column(one: Participant, badges: tuple[Badge, ...], why: str) -> Column:
    iteration = one.detail.iteration if one.detail else None
    return Column(
        id=one.id,
        kind=one.kind,
        name=one.name,
        badges=badges,
        why=why,
        asset=one.run.plan.bars.subject,
        model=labels.label_origin(iteration) if iteration else "",
        error=_find_error(iteration),
    )


def _find_error(iteration: Iteration | None) -> str:
    if iteration is None or (iteration.error is None and iteration.metrics is not None):
        return ""
    message = iteration.error.message if iteration.error else ""
    return message.splitlines()[0] if message else "It did not run to its end."


def judge(tested: Tested, place: int) -> tuple[tuple[Badge, ...], str]:
    """Judge how a column stands among the others: its badges, and the reason in one sentence."""
    one, highest = tested.participants[place], tested.highest
    if one.kind is ParticipantKind.MARKET:
        return (Badge.REFERENCE,), "Bought at the first open, held to the end, at the same costs."
    if one.failed:
        return (Badge.FAILED,), _find_error(one.detail.iteration if one.detail else None)
    if one.unconfirmed:
        return (Badge.UNCONFIRMED,), "It held all bars at once, and nobody ran it bar by bar: it may read the future."
    own = (*find_recommendation(one), *((Badge.BASELINE,) if place == tested.baseline else ()))
    if one.score is None:
        reason = one.detail.iteration.no_score if one.detail else ""
        return (*own, Badge.NO_SCORE), reason or "The objective is not defined for it."
    if place == highest:
        return (*own, Badge.HIGHEST), _describe_lead(tested, place)
    against_highest, against_base = tested.compare(place, highest), tested.compare(place, tested.baseline)
    if against_base is not None and not against_base.is_noise:
        badge = Badge.BELOW if against_base.chance < 0.5 else Badge.ABOVE
        side = "below" if badge is Badge.BELOW else "above"
        return (
            *own,
            badge,
        ), f"Its Sharpe ratio is {side} that of the baseline in {_describe_share(against_base, badge)} resampled histories."
    if against_highest is not None and against_highest.is_noise:
        return (*own, Badge.WITHIN_NOISE), f"Its distance of {format_ratio(-against_highest.difference)} from the highest is within noise."
    return own, "The workflow as it was written." if one.kind is ParticipantKind.WRITTEN else ""


def find_recommendation(one: Participant) -> tuple[Badge, ...]:
    """Find the recommendation of a participant's run for it; nothing where there is none."""
    decision = one.run.selection.decision if one.run.selection else None
    number = one.detail.iteration.number if one.detail else None
    if decision is None or number not in decision.recommended:
        return ()
    return (Badge.HALF,) if decision.action is Action.HALF else (Badge.RECOMMENDED,)


def _describe_share(pair: PairDifference, badge: Badge) -> str:
    share = pair.chance if badge is Badge.ABOVE else 1 - pair.chance
    return f"{share * 100:.0f} of 100"


def _describe_lead(tested: Tested, place: int) -> str:
    others = [
        (other, pair)
        for other, one in enumerate(tested.participants)
        if one.score is not None and (pair := tested.compare(place, other)) is not None
    ]
    if not others:
        return "The highest score in training."
    following, pair = max(others, key=lambda item: tested.participants[item[0]].score or 0.0)
    lead = f"It leads {tested.participants[following].name} by {format_ratio(pair.difference)} of Sharpe"
    return f"{lead}, which is within noise." if pair.is_noise else f"{lead}, which is more than noise."


def describe_differences(tested: Tested) -> list[str]:
    """Describe what can be told apart and what cannot: the highest against the others, and against baseline and market."""
    highest = tested.highest
    if tested.sharpes is None or highest is None:
        return []
    scored = [place for place, one in enumerate(tested.participants) if one.score is not None and place != highest]
    noise = [place for place in scored if (pair := tested.compare(highest, place)) is not None and pair.is_noise]
    top = tested.participants[highest]
    sentences = []
    if scored:
        sentences.append(_describe_noise(tested, top, scored, noise))
    if tested.baseline is not None and tested.baseline != highest and (pair := tested.compare(highest, tested.baseline)) is not None:
        sentences.append(_describe_pair(top, tested.participants[tested.baseline], pair))
    market = next((one for one in tested.participants if one.kind is ParticipantKind.MARKET), None)
    if market is not None and market.metrics is not None and top.metrics is not None:
        sentences.append(_describe_market(top, market))
    return sentences


def _describe_noise(tested: Tested, top: Participant, scored: Sequence[int], noise: Sequence[int]) -> str:
    """Describe how many of the others cannot be told from the highest."""
    if not noise:
        return f"{top.name} is the highest, and by more than noise on these days. It was chosen among several, which flatters it."
    if len(noise) <= 2:
        who = f"{' and '.join(tested.participants[place].name for place in noise)} cannot be told from {top.name}"
    else:
        who = f"{'None' if len(noise) == len(scored) else len(scored) - len(noise)} of the other {len(scored)} can be told from {top.name}"
    return f"{who}, the highest: the distance is within noise on these days."


def _describe_pair(top: Participant, base: Participant, pair: PairDifference) -> str:
    words = "not proven better than" if pair.is_noise else "better than" if pair.chance > 0.5 else "worse than"
    return (
        f"{top.name} is {words} {base.name}: Sharpe {write_minus(f'{pair.difference:+.2f} ({pair.low:+.2f} to {pair.high:+.2f})')}, "
        f"ahead in {pair.chance * 100:.0f} of 100 resampled histories."
    )


def _describe_market(top: Participant, market: Participant) -> str:
    own, other = top.metrics, market.metrics
    if own is None or other is None:
        return ""
    more = "more" if other.total_return > own.total_return else "less"
    sharpe = find_figure("sharpe")
    return (
        f"{market.name} earned {more} in training ({format_percent(other.total_return)}, Sharpe {sharpe.format_from(other)}, "
        f"deepest fall {format_percent(other.max_drawdown)})."
    )


def _find_warnings(participants: Sequence[Participant], *, same: bool) -> list[str]:
    runs = {one.run.id: one.run for one in participants}
    warnings = []
    if not same:
        warnings.append(
            "These were measured on different bars: figures stand side by side, but distances, best values and noise would mean nothing."
        )
    if len({(run.plan.objective, run.plan.formula) for run in runs.values()}) > 1:
        warnings.append("Their runs had different objectives, so the scores cannot be set against each other.")
    if len({_describe_account(run) for run in runs.values()}) > 1:
        warnings.append(
            "Their accounts or costs differ: " + "; ".join(f"{run.id}: {_describe_account(run)}" for run in runs.values()) + "."
        )
    going = [run.id for run in runs.values() if not run.status.finished]
    if going:
        warnings.append(f"{format_count(len(going), 'run is', 'runs are')} still going on: {', '.join(going)}.")
    outside = [one.name for one in participants if one.outside]
    if outside:
        warnings.append(f"No bars of {' and '.join(outside)} lie in this part, so there are no figures of training.")
    for names in _find_same_orders(participants):
        warnings.append(f"{' and '.join(names)} place exactly the same orders: for the account they are one strategy.")
    return warnings


def _describe_account(run: Run) -> str:
    money = run.plan.backtest
    paid = f", {describe_deposits(money.deposits)}" if money.deposits else ""
    return f"cash {money.cash:,.0f}{paid}, commission {money.commission:.3%}, slippage {money.slippage:.3%}"


def _find_same_orders(participants: Sequence[Participant]) -> list[list[str]]:
    by_orders: dict[str, list[str]] = {}
    for one in participants:
        if one.detail and one.detail.iteration.orders_hash and not one.failed:
            by_orders.setdefault(one.detail.iteration.orders_hash, []).append(one.name)
    return [names for names in by_orders.values() if len(names) > 1]
