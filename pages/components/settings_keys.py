"""Keys of providers: entered, found, tried and forgotten. A key is shown nowhere, and stays in no field, draft or address."""

from typing import Any

import pandas as pd
import streamlit as st

from core.domain.errors import StratloopError
from core.domain.model_calls import ModelInfo, ProviderInfo
from core.domain.people import Role
from core.services import services
from core.services.permissions import find_person
from pages.components import formatting, frame, picker
from pages.components.fields import draw_choice, draw_switch, draw_text

PLACES = {
    "session": ("This session", "forgotten when the server stops"),
    "keyring": ("Keyring", "kept by the operating system"),
    "environment": ("Environment", "set outside, read at each call"),
    "sealed": ("Sealed", "kept in the history, sealed with the server's secret, for your own runs alone"),
    "server": ("The server's", "serves everybody who has none of their own"),
}


def draw_keys_panel() -> None:
    """The form on the left, what is known on the right."""
    groups = {name: info for name, info in picker.load_providers().items() if info.needs_key}
    left, right = st.columns([5, 7], gap="medium")
    with left:
        _form(groups)
    with right, st.container(border=True):
        st.header("What is known", anchor=False)
        draw_table(groups)
        st.caption(
            "A key goes only to its provider's own servers and to this machine; a server elsewhere needs a key entered for its address. "
            "Keys are never stored in the history, in logs or in exports, and code that is tried cannot reach them."
        )


def _form(groups: dict[str, ProviderInfo]) -> None:
    with st.container(border=True):
        st.header("Enter a key", anchor=False)
        chosen = draw_choice(
            "Provider", list(groups), key="settings_provider", format_func=lambda name: picker.escape_label(groups[name].label)
        )
        info = groups[chosen or next(iter(groups))]
        address = (
            draw_text("Address", key="settings_address", type="url", placeholder="The provider's own", help=ADDRESS_HELP) or ""
        ).strip()
        place = _place(info, address)
        _status(info, place)
        if not info.key_variable:
            st.caption("This provider takes several settings. Set them in the environment as its own tools read them, and restart.")
        else:
            _entry(info, address)
        with st.container(horizontal=True):
            if place in ("session", "keyring", "sealed"):
                st.button("Forget this key", key="settings_forget", icon=":material/key_off:", on_click=forget, args=(info.id, address))
    with st.container(border=True):
        _draw_test(info, address)


ADDRESS_HELP = "Only for a server that is not the provider's own: a proxy, or any server that speaks OpenAI's protocol."


def _entry(info: ProviderInfo, address: str) -> None:
    """A form of its own: the key travels with the button, however the field was left, and nothing keeps it afterwards."""
    with st.form("settings_key_form", border=False, clear_on_submit=True):
        st.text_input("Key", key="settings_key", type="password", autocomplete="new-password", placeholder="Paste it here")
        person = find_person()
        if person.id:
            draw_switch("Keep it, sealed with the server's secret", key="settings_keep", help="Otherwise until the server stops.")
            st.caption("The key is yours: no run of anybody else uses it, and nobody is shown it.")
            if person.role.includes(Role.ADMIN):
                draw_switch("For everybody without one of their own", key="settings_for_server", help="Until the server stops.")
        elif services().rooms.keys.can_keep():
            draw_switch("Keep it in this machine's keyring", key="settings_keep")
        else:
            st.caption("This machine has no keyring, so the key is kept until the server stops. It is never shown again.")
        st.form_submit_button(
            "Save key", key="settings_save", type="primary", icon=":material/key:", on_click=save, args=(info.id, address)
        )
    if said := st.session_state.pop("settings_key_said", None):
        st.success(said, icon=":material/check:")
    if failed := st.session_state.pop("settings_key_failed", None):
        st.error(formatting.escape(failed), icon=":material/error:")


def save(provider: str, address: str) -> None:
    """Hand the key over and empty the field."""
    key = str(st.session_state.get("settings_key") or "").strip()
    st.session_state["settings_key"] = ""
    if not key:
        st.session_state["settings_key_failed"] = "There is no key in the field."
        return
    keep = bool(st.session_state.get("settings_keep"))
    for_server = bool(st.session_state.get("settings_for_server"))
    try:
        place = services().models.enter_key(provider, key, api_base=address, keep=keep, for_server=for_server)
    except StratloopError as error:
        st.session_state["settings_key_failed"] = str(error)
        return
    failed = " The keyring refused it." if keep and place == "session" else ""
    st.session_state["settings_key_said"] = f"The key was taken: {PLACES[place][0].lower()}, {PLACES[place][1]}.{failed}"


def forget(provider: str, address: str) -> None:
    """Drop a key from the session and the keyring."""
    services().models.forget_key(provider, api_base=address)
    st.session_state["settings_key_said"] = "The key is forgotten."


def _place(info: ProviderInfo, address: str) -> str:
    found = services().rooms.keys.locate(info.id, address)
    return found.value if found else ""


def _status(info: ProviderInfo, place: str) -> None:
    if not place:
        variable = f" Or set {formatting.escape(info.key_variable)} in the environment." if info.key_variable else ""
        st.caption(f":material/key_off: No key yet.{variable}")
        return
    title, about = PLACES[place]
    named = f" ({info.key_variable})" if place == "environment" else ""
    st.caption(f":green[:material/key: {title}{formatting.escape(named)}]: {about}.")


def draw_table(groups: dict[str, ProviderInfo]) -> None:
    """Draw the place of each provider's key."""
    rows = [(info, _place(info, "")) for info in groups.values() if info.key_variable]
    rows = [row for row in rows if row[1] or row[0].id in _list_usual(groups)]
    config: dict[str, Any] = {"Variable": st.column_config.TextColumn(help="Environment variable that is read when no key was entered.")}
    frame_ = pd.DataFrame(
        {
            "Provider": [info.label for info, _ in rows],
            "Key": [PLACES[place][0] if place else "none" for _, place in rows],
            "Variable": [info.key_variable for info, _ in rows],
        }
    )
    st.dataframe(frame_, hide_index=True, key="settings_keys", column_config=config, height="content", alt="Where each provider's key is")


def _list_usual(groups: dict[str, ProviderInfo]) -> list[str]:
    """The providers that stand first in the picker."""
    return [name for name, info in groups.items() if info.key_variable][:12]


def _draw_test(info: ProviderInfo, address: str) -> None:
    st.header("Test the key", anchor=False)
    st.caption("One real call for a few tokens. It costs a fraction of a cent at most, and is in the ledger.")
    offered = picker.load_models(info.id)
    key = "settings_test_model"
    if not str(st.session_state.get(key) or "").startswith(f"{info.id}/"):
        st.session_state[key] = find_cheapest(list(offered.values()))
    present = st.session_state[key]
    model = draw_choice(
        "Model",
        list(offered) if present in offered or not present else [*offered, present],
        index=None,
        key=key,
        accept_new_options=True,
        placeholder="Choose one or type its id",
        format_func=lambda name: offered[name].label if name in offered else str(name),
    )
    if st.button("Test key", key="settings_test", icon=":material/network_check:", disabled=not model):
        try_key(_full(model or "", info), address)


def find_cheapest(infos: list[ModelInfo]) -> str | None:
    """Find the model to test with: the cheapest that is neither retired nor unpriced."""
    fit = [info for info in infos if not info.deprecated and not info.unpriced]
    return min(fit, key=lambda info: ((info.input_price or 0) + (info.output_price or 0), info.id)).id if fit else None


def _full(name: str, info: ProviderInfo) -> str:
    text = name.strip()
    return text if text.startswith(f"{info.id}/") else f"{info.id}/{text}"


def try_key(model: str, address: str) -> None:
    """Ask the model, and say in words what came of it."""
    try:
        with st.spinner("Asking for one token", show_time=True):
            problem = services().models.check_key(model, address)
    except StratloopError as error:
        problem = error
    if problem is None:
        st.success(f"The key works: {formatting.escape(model)} answered.", icon=":material/check:")
    else:
        frame.show_problem(problem)
