"""Bars before anything is built on them: what there is, how complete it is, how it moves, and files of one's own."""

import streamlit as st

from pages.components import asset, frame

frame.header("Market", ":material/candlestick_chart:", "Find an instrument and look at its bars before a strategy is built on them.")
with st.container(border=True, key="market_form"):
    asset.asset_field("market")
