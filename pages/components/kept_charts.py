"""Charts on the screen, each made once for what it shows.

Altair takes some hundredths of a second for a chart, and a rerun that changed nothing would pay them again. What is sent to the
browser is kept by everything that it is made of: the function, its values, and the ground that it is drawn on.
"""

import hashlib
import pickle
from functools import partial
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st
from streamlit.dataframe_util import convert_anything_to_arrow_bytes

KEPT = 256
"""Most charts that are kept, for all sessions together; each has a few thousand points at most."""

CHECKS_SCHEMA = False
"""True where Altair checks each chart against its schema, which takes most of its time: the tests of the screens let it."""

Picture = partial[Any]
"""A function of a module that builds a chart, with all that the chart depends on: nothing else may have a say in it."""

alt.theme.enable("none")  # as Streamlit does for each chart


def draw_chart(picture: Picture, *, key: str, alt_text: str) -> None:
    """Draw a chart without a frame around it."""
    st.vega_lite_chart(spec=_keep(fingerprint(picture), picture), key=key, alt=alt_text)


def fingerprint(picture: Picture) -> bytes:
    """Hash a function and its values. Arrays are read where they lie, without a copy."""
    found = hashlib.blake2b(digest_size=20)
    arrays: list[pickle.PickleBuffer] = []
    found.update(pickle.dumps(picture, protocol=5, buffer_callback=arrays.append))
    for array in arrays:
        found.update(array.raw())
    return found.digest()


@st.cache_resource(max_entries=KEPT, show_spinner=False)
def _keep(digest: bytes, _picture: Picture) -> dict[str, Any]:
    return build_spec(_picture())


def build_spec(chart: Any) -> dict[str, Any]:
    """Build what Vega-Lite reads, as `st.altair_chart` does: tables as Arrow, named by what they hold."""
    tables: dict[str, bytes] = {}
    _name_tables(chart, tables)
    spec: dict[str, Any] = chart.to_dict(validate=CHECKS_SCHEMA)
    spec["config"] = {**spec.get("config", {}), "view": {"strokeWidth": 0}}
    spec["datasets"] = tables
    return spec


def _name_tables(chart: Any, tables: dict[str, bytes]) -> None:
    for part in chart.layer if isinstance(chart, alt.LayerChart) else ():
        _name_tables(part, tables)
    if isinstance(chart.data, pd.DataFrame):
        table = convert_anything_to_arrow_bytes(chart.data)
        name = hashlib.blake2b(table, digest_size=16).hexdigest()
        tables[name] = table
        chart.data = alt.NamedData(name=name)
