"""The instruments of a basket side by side: what each gave, against its own buy and hold, in training and on the hold-out."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.domain.instrument_result import LeftOut
from core.report.basket_report import (
    BASKET_HEAD,
    BasketReport,
    describe_basket,
    describe_left_out_instruments,
    list_basket_rows,
    list_differing_findings,
)
from pages.components import formatting


def draw_basket_card(found: BasketReport | None, *, key: str, findings: bool = True, left_out: Sequence[LeftOut] = ()) -> None:
    """Draw the table of a basket's instruments in a card, with what is said of it; for one instrument alone, those that are missing."""
    if found is None:
        for text in describe_left_out_instruments(left_out):
            st.caption(formatting.escape(text))
        return
    with st.container(border=True, key=f"{key}_basket_card"):
        st.header("Instrument by instrument", anchor=False)
        rows = [dict(zip(BASKET_HEAD, row, strict=True)) for row in list_basket_rows(found)]
        numbers = {name: st.column_config.TextColumn(alignment="right") for name in BASKET_HEAD[1:]}
        st.dataframe(
            pd.DataFrame(rows),
            hide_index=True,
            height="content",
            key=f"{key}_basket_table",
            alt="Result on each instrument of the basket",
            column_config={BASKET_HEAD[0]: st.column_config.TextColumn(pinned=True, width=110), **numbers},
        )
        for text in describe_basket(found):
            st.caption(formatting.escape(text))
        differing = list_differing_findings(found) if findings else ()
        if differing:
            with st.expander("Findings that not every instrument has", icon=":material/rule:"):
                for text in differing:
                    st.markdown(f"- {formatting.escape(text)}")
