"""Brings a place into view: the field that has to be put right, the section of a guide that was asked for."""

import streamlit as st

_JS = """
let asked = null;
const forget = () => { asked = null; };
export default function({data}) {
  if (asked === data.asked) return forget;
  asked = data.asked;
  const field = document.querySelector(".st-key-" + CSS.escape(data.key));
  if (!field) return forget;
  if (data.block === "start") field.style.scrollMarginTop = "4.5rem";
  field.scrollIntoView({block: data.block, behavior: data.block === "start" ? "instant" : "smooth"});
  const input = data.block === "start" ? field : field.querySelector("input, textarea, [tabindex]");
  if (input === field) field.tabIndex = -1;
  const begun = document.activeElement && document.activeElement !== document.body;
  if (input && !(begun && data.block === "start")) input.focus({preventScroll: true});
  return forget;
}
"""


def scroll_to(key: str) -> None:
    """Scroll to the field with that key and put the cursor into it."""
    st.session_state["scroll_asked"] = st.session_state.get("scroll_asked", 0) + 1
    _draw({"key": key, "asked": st.session_state["scroll_asked"], "block": "center"})


def open_at(key: str, *, asked: str = "") -> None:
    """Open the page at the container with that key: once for each `asked`, however often the page runs meanwhile.

    Who has already gone to a field keeps the focus there.
    """
    _draw({"key": key, "asked": asked or key, "block": "start"})


def _draw(data: dict[str, object]) -> None:
    component = st.components.v2.component("stratloop_scroll", html="<span hidden></span>", js=_JS)
    component(data=data, key="scroll")
