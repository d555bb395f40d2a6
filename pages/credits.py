"""What model calls cost so far, against the caps."""

import pandas as pd
import streamlit as st

from core.services import services
from pages.components import frame, words

frame.header("Credits", ":material/payments:", "What model calls cost so far. The built-in optimiser and models on this machine are free.")
balances = services().ledger.balances()
with st.grid(len(balances), min_column_width=220):
    for balance in balances:
        st.metric(f"This {balance.scope}", words.dollars(balance.spent.usd), border=True)
rows = services().ledger.rows(limit=1000)
if rows:
    st.dataframe(
        pd.DataFrame({"Model": [row.model for row in rows], "Status": [row.status.value for row in rows]}),
        hide_index=True,
        key="credits_rows",
    )
else:
    frame.empty_state("Nothing has been spent", "Every model call appears here with what it cost.", icon=":material/payments:")
