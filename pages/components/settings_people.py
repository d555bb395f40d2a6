"""People of this server: who is in and with which role, links for guests, and the log of acts."""

import pandas as pd
import streamlit as st

from core.domain.people import KnownPerson, Role
from core.services import services
from pages.components import access, formatting
from pages.components.fields import draw_choice
from pages.live.guests import GUESTS, PATH

GIVEN = (Role.VIEWER, Role.ANALYST, Role.ADMIN)
ABOUT = {
    Role.NOBODY: "nobody: may not come in",
    Role.VIEWER: "viewer: looks at everything, changes nothing",
    Role.ANALYST: "analyst: starts runs, saves and deletes work",
    Role.ADMIN: "admin: also keys, limits, the sandbox, copies, people",
}


def draw_people_panel() -> None:
    """People and guests with their roles, links, and the log of acts; for admins."""
    person = access.find_person()
    if access.has_login():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"You are {formatting.escape(person.name)}, {person.role.value}.", width="content")
            st.button("Sign out", key="settings_logout", icon=":material/logout:", on_click=st.logout)
    if not person.role.includes(Role.ADMIN):
        st.info("An admin of this server says who may come in.", icon=":material/group:")
        return
    if access.has_login():
        _draw_known()
    elif GUESTS.closed:
        _draw_guests()
    else:
        st.info(
            "Nobody has to sign in: the server answers this machine alone. Start it with `--share` to let colleagues in by links, "
            "or set up a login; the guide on teams has both.",
            icon=":material/lock_open:",
        )
    _draw_acts()


def _draw_known() -> None:
    st.header("Who has signed in", anchor=False)
    people = services().people.list_people()
    if not people:
        st.caption("Nobody yet.")
    for person in people:
        _draw_person(person)


def _draw_person(person: KnownPerson) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        st.markdown(f"**{formatting.escape(person.name)}**  \nlast here {formatting.format_age(person.last)}", width="stretch")
        if person.admin_by_setting:
            st.markdown("admin, named by STRATLOOP_ADMINS", width="content")
            return
        place = list(Role).index(person.role)
        key = f"settings_role_{person.id}"
        chosen = draw_choice("Role", list(Role), key=key, index=place, format_func=ABOUT.__getitem__, width=420)
        if chosen is not None and chosen is not person.role:
            services().people.change_role(person.id, chosen)
            st.rerun()


def _draw_guests() -> None:
    st.header("Links", anchor=False)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        role = draw_choice("Role of the guest", list(GIVEN), key="settings_guest_role", format_func=ABOUT.__getitem__)
        if st.button("Make a link", key="settings_make_link", icon=":material/add_link:", type="primary"):
            chosen = role or Role.VIEWER
            base = st.get_option("server.baseUrlPath").strip("/")
            origin = str(st.context.url or "").split("/", 3)[:3]
            st.session_state["settings_link"] = f"{'/'.join(origin)}{f'/{base}' if base else ''}{PATH}?link={GUESTS.make_link(chosen)}"
            services().rooms.acts.record("link made", chosen.value)
    if link := st.session_state.get("settings_link"):
        st.code(link, language=None, wrap_lines=True)
        st.caption("It lets one browser in, once, within a day. It is not shown again.")
    st.header("Who is in", anchor=False)
    for guest in GUESTS.list_inside():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{guest.person.name}: {ABOUT[guest.role]}", width="stretch")
            if not guest.operator and st.button("Send away", key=f"settings_away_{guest.id}", icon=":material/logout:"):
                GUESTS.send_away(guest.id)
                services().rooms.acts.record("guest sent away", guest.id)
                st.rerun()


def _draw_acts() -> None:
    acts = services().people.list_acts()
    if not acts:
        return
    st.header("What was done", anchor=False)
    columns = {"at": "When (UTC)", "by": "Who", "act": "Act", "what": "What"}
    st.dataframe(pd.DataFrame(list(acts), columns=list(columns)).rename(columns=columns), hide_index=True, key="settings_acts")
