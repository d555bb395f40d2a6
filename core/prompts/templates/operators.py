"""The one change that is asked for, by its kind."""

from core.domain.search import ChangeKind

_HEAD = "Start from the version in <best>. State one hypothesis why the {objective} should rise, and make one change that tests it: "
_TAIL = " Leave everything else as it is, keep the idea of the specification, and do not try again what the history shows to have failed."

ORDERS: dict[ChangeKind, str] = {
    ChangeKind.ENTRY: _HEAD + "change when a position is opened, by another condition or another measure of the same idea." + _TAIL,
    ChangeKind.EXIT: _HEAD
    + "change when or how a position is closed, by another condition, a stop, a target, a trailing stop or a limit of time."
    + _TAIL,
    ChangeKind.FILTER: _HEAD + "add, replace or take out one filter that keeps the strategy out of the market where it loses." + _TAIL,
    ChangeKind.SIZING: _HEAD
    + "change how large positions are or how risk is limited, for example by volatility; entries and exits stay."
    + _TAIL,
    ChangeKind.SIMPLIFY: (
        "Start from the version in <best>. Take out the one condition, filter or parameter that helps least, so that fewer free "
        "numbers do the same work, and say in the hypothesis why the {objective} should not fall. Change nothing else."
    ),
    ChangeKind.CROSS: (
        "Start from the version in <best>. Take over from <inspiration> the one part that it does better (its entry, its exit, its "
        "filter or its sizing), and say in the hypothesis why both together should raise the {objective}. Leave everything else as it is."
    ),
    ChangeKind.AFRESH: (
        "Start from the version in <best>, which carries out the specification as it stands. Think of a way to trade the same idea "
        "that the history does not show, and write it with few parameters. Say in the hypothesis why the {objective} should rise."
    ),
}
"""Words of each kind of change that a language model is asked for."""
