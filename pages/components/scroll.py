"""Brings a field into view: the one that has to be put right before something can be started."""

import streamlit as st

_JS = """
export default function({data, parentElement}) {
  if (parentElement.dataset.asked === String(data.asked)) return;
  parentElement.dataset.asked = String(data.asked);
  const field = document.querySelector(".st-key-" + CSS.escape(data.key));
  if (!field) return;
  field.scrollIntoView({block: "center", behavior: "smooth"});
  const input = field.querySelector("input, textarea, [tabindex]");
  if (input) input.focus({preventScroll: true});
}
"""


def scroll_to(key: str) -> None:
    """Scroll to the field with that key and put the cursor into it."""
    st.session_state["scroll_asked"] = st.session_state.get("scroll_asked", 0) + 1
    component = st.components.v2.component("stratloop_scroll", html="<span hidden></span>", js=_JS)
    component(data={"key": key, "asked": st.session_state["scroll_asked"]}, key="scroll", height=1)
