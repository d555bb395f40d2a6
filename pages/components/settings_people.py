"""People of this server: who is in and with which role, links for guests, and the log of acts."""

import pandas as pd
import streamlit as st

from core.domain.people import KnownPerson, Role
from core.services import services
from core.services.limits import read_limits
from core.services.people import describe_limits
from pages.components import access, formatting
from pages.components.fields import draw_choice, draw_number, follow
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
            st.button("Sign out", key="settings_logout", icon=":material/logout:", on_click=access.sign_out)
    if person.id:
        draw_my_use()
    if not person.role.includes(Role.ADMIN):
        st.info("An admin of this server says who may come in.", icon=":material/group:")
        return
    if access.has_login() or GUESTS.closed:
        draw_limits("", "Limits of everybody without limits of their own")
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
    draw_limits(person.id, f"Limits of {person.name}")


def draw_my_use() -> None:
    """Draw the part of the limits that is used, for whoever is in front of the screen."""
    limits, used = services().people.read_my_limits(), services().people.measure_use()
    told = (
        ("Runs under way", f"{used.runs}", limits.runs),
        ("Processor minutes today", f"{used.minutes:.1f}", limits.minutes),
        ("MB on the disk", f"{used.disk_mb:.1f}", limits.disk_mb),
    )
    with st.grid(3, min_column_width=180):
        for label, value, limit in told:
            st.metric(label, f"{value} of {limit:g}" if limit is not None else value, border=True)


FIELDS = {
    "runs": ("Runs at once", 1.0),
    "minutes": ("Processor minutes a day", 10.0),
    "disk_mb": ("MB on the disk", 100.0),
    "day_usd": ("Dollars a day", 1.0),
    "month_usd": ("Dollars a month", 10.0),
}
"""Fields of limits, each with its label and its step."""
FORMS = {"day_usd": "%.2f", "month_usd": "%.2f"}
"""Forms of the amounts; the other numbers are shown as short as they are."""


def draw_limits(person_id: str, title: str) -> None:
    """Draw the limits of one person, or of everybody, and the fields that change them; 0 sets no limit."""
    set_now = services().people.read_limits(person_id)
    said = describe_limits(set_now) if set_now is not None or person_id else "none"
    with st.expander(f"{formatting.escape(title)}: {formatting.escape(said)}", key=f"settings_limits_{person_id}"):
        with st.form(f"settings_limits_form_{person_id}", border=False):
            given: dict[str, float | None] = {}
            st.caption("0 sets no limit.")
            with st.grid(3, min_column_width=180):
                for name, (label, step) in FIELDS.items():
                    value = getattr(set_now, name) if set_now else None
                    key = follow(f"settings_limit_{name}_{person_id}", float(value or 0.0))
                    given[name] = draw_number(label, 0.0, 1e9, key=key, step=step, format=FORMS.get(name, "%g"))
            if st.form_submit_button("Set these limits", key=f"settings_limits_set_{person_id}"):
                services().people.save_limits(read_limits(**{name: value or None for name, value in given.items()}), person_id)
                st.rerun()
        if set_now is not None and st.button("Take them away", key=f"settings_limits_away_{person_id}"):
            services().people.save_limits(None, person_id)
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
            st.markdown(f"**{formatting.escape(guest.person.name)}**, {ABOUT[guest.role]}", width="stretch")
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
    table = pd.DataFrame(list(acts), columns=list(columns))
    table["at"] = [str(at)[:19].replace("T", " ") for at in table["at"]]
    st.dataframe(table.rename(columns=columns), hide_index=True, key="settings_acts")
