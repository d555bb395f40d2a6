"""Colors of the curves of a comparison, on light and on dark ground: the same on a page, in the viewer and in a report."""

from collections.abc import Mapping, Sequence

from core.report.comparison import Participant, ParticipantKind

SERIES: Mapping[bool, tuple[str, ...]] = {
    False: ("#2256d8", "#d9780f", "#0b9a6a", "#9b45cf", "#d43f4d", "#1593b5"),
    True: ("#6f9bff", "#f0a050", "#4cc99a", "#c08cf0", "#f0737d", "#52c3dd"),
}
"""One for each participant, on light (False) and dark ground (True); the theme's own, by a test."""


def assign_colors(participants: Sequence[Participant], series: Sequence[str], *, written: str, market: str) -> dict[str, str]:
    """Assign a color to each participant by its id: iterations by their order, the workflow as written and the market each their own.

    Where there are several of these, of different runs, the later ones take what the iterations have left over.
    """
    rest = iter(series)
    found = {one.id: next(rest, market) for one in participants if one.kind is ParticipantKind.ITERATION}
    for kind, own in ((ParticipantKind.WRITTEN, written), (ParticipantKind.MARKET, market)):
        for place, one in enumerate(each for each in participants if each.kind is kind):
            found[one.id] = next(rest, own) if place else own
    return {one.id: found[one.id] for one in participants}
