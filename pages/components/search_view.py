"""Table of how a loop searched: what each kind of change was asked for, what it brought and what it cost."""

from collections.abc import Sequence

import streamlit as st

from core.domain.iteration import Iteration
from core.domain.search import OPERATOR_LABELS
from core.driving.archive import build_archive
from core.driving.bandit import sum_by_operator
from core.report.number_format import format_dollars


def draw_search(iterations: Sequence[Iteration]) -> None:
    """Draw a table of the kinds of change; nothing for a run that did not search with them."""
    if not any(one.operator for one in iterations):
        return
    import pandas as pd

    rows = [
        {
            "Kind of change": OPERATOR_LABELS[operator].capitalize(),
            "Tries": earned.tries,
            "Gained": earned.wins,
            "Gain in all": f"{earned.gain:+.3f}",
            "Cost": format_dollars(earned.usd) if earned.usd else "free",
        }
        for operator, earned in sum_by_operator(iterations).items()
        if earned.tries
    ]
    with st.expander("How it searched", icon=":material/travel_explore:"):
        kinds = len(build_archive(iterations))
        st.caption(
            f"The archive holds the best of {kinds} kinds of versions. A gain is a rise over the version that was started from; "
            "what earns more for a dollar is asked for more often, and every kind stays in play."
        )
        st.dataframe(pd.DataFrame(rows), hide_index=True, height="content", alt="What each kind of change brought")
