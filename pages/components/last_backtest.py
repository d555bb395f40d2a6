"""The backtest that the code screen shows: which it is, what it ran on, and whether the screen has changed since."""

import hashlib
import json
from dataclasses import dataclass

import streamlit as st

from core.domain.run import Run, RunPlan
from pages.components import formatting, run_settings
from pages.components.drafts import keep_draft, read_draft

DRAFT = "code_result"


@dataclass(frozen=True, slots=True)
class LastBacktest:
    """One iteration of the history, and what was asked for when it was run."""

    run_id: str
    number: int
    asked: str
    """Digest of bars, account and hold-out as the form had them: the run itself may have been given longer bars."""


def remember_backtest(run_id: str, number: int, plan: RunPlan) -> None:
    """Remember the backtest that was run just now, beyond a reload of the page."""
    last = LastBacktest(run_id, number, _digest(plan))
    st.session_state["code_result"] = last
    keep_draft(DRAFT, json.dumps([last.run_id, last.number, last.asked]))


def find_last_backtest() -> LastBacktest | None:
    """Find the backtest of this tab, else the last one that was run here."""
    if "code_result" not in st.session_state:
        st.session_state["code_result"] = _read(read_draft(DRAFT))
    found: LastBacktest | None = st.session_state["code_result"]
    return found


def draw_account_of(last: LastBacktest, run: Run, code: str, *, present: str, plan: RunPlan | None) -> None:
    """Say what the result below was run on; and that it belongs to another text or other settings, where these were changed since."""
    asset = formatting.escape(formatting.format_asset(run))
    st.caption(f"{asset} · {run_settings.describe_settings(run.plan, loop=False)}")
    changed = [
        *(["the code"] if code != present else []),
        *(["the settings"] if plan is not None and _digest(plan) != last.asked else []),
    ]
    if changed:
        words = " and ".join(changed)
        st.warning(f"{words.capitalize()} changed since this backtest. Run backtest brings it up to date.", icon=":material/history:")


def _digest(plan: RunPlan) -> str:
    told = [plan.bars.model_dump_json(), plan.backtest.model_dump_json(), plan.hold_out]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def _read(kept: str | None) -> LastBacktest | None:
    try:
        run_id, number, asked = json.loads(kept or "")
    except ValueError:
        return None
    return LastBacktest(str(run_id), int(number), str(asked))
