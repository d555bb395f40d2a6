"""The model for new runs, servers of one's own, and prices that the catalogue does not know."""

import pandas as pd
import streamlit as st

from core.domain.errors import StratloopError
from core.domain.run import ModelChoice
from core.domain.usage import Price
from core.report import labels
from core.report.number_format import format_count
from core.services import services
from pages.components import form_state, formatting, frame, picker
from pages.components.fields import draw_choice, draw_number, draw_text

FORMS = ("driving", "code")
"""Screens whose form takes the model over."""


def draw_models_panel() -> None:
    """Model on the left, prices on the right."""
    left, right = st.columns(2, gap="medium")
    with left, st.container(border=True), frame.show_errors():
        _default()
    with right, st.container(border=True):
        _prices()


def _default() -> None:
    st.header("Model for new runs", anchor=False)
    now = services().preferences.read_default_model()
    at = f" at {now.api_base}" if now.api_base else ""
    st.caption(formatting.escape(f"Now: {labels.label_model(now.id)}{at}. LLM driving and Code begin with it; each run can take another."))
    groups = picker.load_providers()
    chosen = draw_choice(
        "Provider", list(groups), key="settings_default_provider", format_func=lambda name: picker.escape_label(groups[name].label)
    )
    info = groups[chosen or picker.OWN]
    address = ""
    if info.id != picker.OWN:
        address = (
            draw_text(
                "Address of the server",
                key="settings_default_address",
                type="url",
                placeholder=info.api_base or "The provider's own",
                help="For a server of your own: anything that speaks OpenAI's protocol works under the provider OpenAI.",
            )
            or ""
        ).strip() or info.api_base
        _refresh(info.id, address)
    model = _model_box(info.id, address)
    st.button(
        "Use for new runs",
        key="settings_default_save",
        type="primary",
        icon=":material/check:",
        disabled=not model,
        on_click=store_default_model,
        args=(info.id, model or "", address),
    )
    if said := st.session_state.pop("settings_default_said", None):
        st.success(formatting.escape(said), icon=":material/check:")


def _refresh(provider: str, address: str) -> None:
    if not address:
        st.caption("Give an address to ask a server which models it has.")
        return
    if not st.button(
        "Refresh models", key="settings_refresh", icon=":material/refresh:", help="Asks the server at this address what it has."
    ):
        return
    try:
        with st.spinner("Asking the server"):
            found = services().models.fetch_models(provider, address)
    except StratloopError as error:
        frame.show_problem(error)
        return
    st.session_state["settings_listed"] = (provider, address, [info.id for info in found])
    if found:
        st.success(f"The server has {format_count(len(found), 'model')}.", icon=":material/check:")
    else:
        st.warning("The server answered, but has no model.", icon=":material/info:")


def read_listed_models(provider: str, address: str) -> list[str]:
    """Read the models that a server listed, if it was asked in this session."""
    kept = st.session_state.get("settings_listed")
    return list(kept[2]) if kept and (kept[0], kept[1]) == (provider, address) else []


def _model_box(provider: str, address: str) -> str | None:
    offered = picker.load_models(provider)
    options = read_listed_models(provider, address) or list(offered)
    key = "settings_default_model"
    present = st.session_state.get(key)
    if present not in options and not str(present or "").startswith(f"{provider}/"):
        st.session_state[key] = present = next(iter(options), None)
    chosen = draw_choice(
        "Model",
        options if present in options or not present else [*options, present],
        index=None,
        key=key,
        accept_new_options=provider != picker.OWN,
        placeholder="Choose one or type its id",
        format_func=lambda name: offered[name].label if name in offered else str(name),
    )
    name = (chosen or "").strip()
    return name if not name or name in options or name.startswith(f"{provider}/") else f"{provider}/{name}"


def store_default_model(provider: str, model: str, address: str) -> None:
    """Store the model for new runs, and put it into the forms that begin with it."""
    services().preferences.save_default_model(ModelChoice(id=model, api_base=address))
    for page in FORMS:
        form_state.store_fields(page, {"provider": provider, "model": model, "api_base": address})
    st.session_state["settings_default_said"] = f"New runs begin with {labels.label_model(model)}."


def _prices() -> None:
    st.header("Prices of your own", anchor=False)
    st.caption("US dollars per million tokens. They go before the catalogue's, for calls from now on; calls already made keep theirs.")
    own: dict[str, Price] = {}
    with frame.show_errors():
        own = services().preferences.read_prices()
    if own:
        table = pd.DataFrame(
            {"Model": list(own), "In": [price.input for price in own.values()], "Out": [price.output for price in own.values()]}
        )
        config = {name: st.column_config.NumberColumn(format="$%.4g") for name in ("In", "Out")}
        st.dataframe(table, hide_index=True, key="settings_prices", column_config=config, height="content", alt="Prices of your own")
    with st.form("settings_price_form", border=False):
        draw_text("Model id", key="settings_price_model", placeholder="provider/name")
        left, right = st.columns(2)
        draw_number("In, $ per million", 0.0, 100_000.0, place=left, step=0.1, format="%.4f", key="settings_price_in")
        draw_number("Out, $ per million", 0.0, 100_000.0, place=right, step=0.1, format="%.4f", key="settings_price_out")
        st.form_submit_button("Save price", key="settings_price_save", icon=":material/save:", on_click=save_price)
    if failed := st.session_state.pop("settings_price_failed", None):
        st.error(failed, icon=":material/error:")
    if own:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            gone = draw_choice("Take away", list(own), index=None, key="settings_price_gone", placeholder="Choose a model")
            st.button("Remove price", key="settings_price_remove", icon=":material/delete:", disabled=not gone, on_click=remove_price)


def save_price() -> None:
    """Keep a price; both sides and a provider are needed, or it could not be told from a free model."""
    model = str(st.session_state.get("settings_price_model") or "").strip()
    into, out = (float(st.session_state.get(f"settings_price_{side}") or 0.0) for side in ("in", "out"))
    if "/" not in model.strip("/"):
        st.session_state["settings_price_failed"] = "A model id is written provider/name."
        return
    if not into and not out:
        st.session_state["settings_price_failed"] = "A price of nothing would hide what a model costs. Give at least one of the two."
        return
    services().preferences.save_price(model, Price(input=into, output=out, source="user"))
    picker.load_models.clear()
    st.session_state["settings_price_model"] = ""


def remove_price() -> None:
    """Go back to the catalogue's price."""
    services().preferences.save_price(str(st.session_state.get("settings_price_gone") or ""), None)
    st.session_state["settings_price_gone"] = None
    picker.load_models.clear()
