"""Code generation: a workflow in, code out, reviewed and edited here, and run by the same engine as the loop."""

import streamlit as st

from core import language
from core.domain.authorship import CodeSource
from core.domain.errors import StratloopError
from core.domain.iteration import COMPILER
from core.domain.run import RunKind
from core.services import services
from pages.components import cached_queries, editor, frame, generation_panel, last_backtest, model_comparison, script_account, workflow_next
from pages.components.backtest_progress import build_progress_watcher
from pages.components.plan_form import draw_plan_form
from pages.components.plan_problems import show_problems
from pages.components.plan_rules import PlanForm
from pages.components.scroll import open_at


def load_incoming_code() -> None:
    """Load code that another screen sent here."""
    incoming = st.session_state.pop("code_incoming", None)
    if incoming:
        editor.load(incoming["code"], origin=incoming["origin"], source=incoming.get("source"))


def compile_now(form: PlanForm, *, anew: bool = True) -> bool:
    """Translate the workflow without a model; true when the editor holds it.

    Unless `anew`, changes by hand to this very code stay as they are.
    """
    if form.workflow is None:
        return False
    by_hand = bool(editor.read_code().strip()) and editor.is_edited()
    try:
        listing = cached_queries.find_listing(form.bars.symbol) if form.bars and form.bars.symbol else None
        several = bool(form.bars and form.bars.others)
        code = language.compile_workflow(form.workflow, instrument=listing.instrument if listing else None, several=several)
        held = editor.find_source()
        if not anew and held is not None and held.code == code and editor.read_code().strip():
            return True
        editor.load(code, origin="compiled", note=form.workflow.name, source=CodeSource(COMPILER, code))
    except StratloopError as error:
        frame.show_problem(error)
        return False
    st.toast(f"Compiled without a model.{' Your version stands under Revisions.' if by_hand else ''}", icon=":material/code:")
    return True


def take_table(form: PlanForm) -> bool:
    """Do what the builder asked for with its table; true when it is to be run, too."""
    asked = st.session_state.pop(workflow_next.ASKED, None)
    if asked is None:
        return False
    if form.broken:
        show_problems(form, "Nothing was compiled.")
        return False
    return compile_now(form, anew=asked == "backtest") and asked == "backtest"


def generate_now(form: PlanForm) -> None:
    """Ask the model for code, in the background."""
    plan = form.build_plan()
    if plan is None:
        show_problems(form, "Nothing was sent.")
        return
    try:
        started = services().runs.start(plan, kind=RunKind.GENERATE)
    except StratloopError as error:
        frame.show_problem(error)
        return
    st.session_state["code_run"] = started.id
    st.rerun()


@st.dialog("Replace the code?")
def confirm_generation(form: PlanForm) -> None:
    """Ask before a new answer replaces changes made by hand."""
    st.write("You changed this code by hand. A new answer takes its place in the editor. Your version stays among the revisions.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button("Keep mine", key="code_keep_mine"):
            st.rerun()
        if st.button("Generate anyway", key="code_generate_anyway", type="primary"):
            generate_now(form)


def backtest_now(form: PlanForm) -> None:
    """Run exactly the code in the editor and keep the result in the history."""
    code, plan = editor.read_code(), form.build_plan()
    if not code.strip():
        st.error("There is no code to run yet.", icon=":material/error:")
        return
    if plan is None:
        show_problems(form, "Nothing was run.")
        return
    editor.keep_revision()
    place = st.empty()
    try:
        with st.spinner("Running in the sandbox", show_time=True):
            run, detail = services().workbench.backtest(
                code,
                plan,
                run_id=st.session_state.get("code_editor_run"),
                note=editor.describe_origin(),
                source=editor.find_source(),
                watch=build_progress_watcher(place, per_unit=bool(language.read_deposits(plan.workflow))),
            )
    except StratloopError as error:
        frame.show_problem(error)
        return
    finally:
        place.empty()
    st.session_state["code_editor_run"] = run.id
    last_backtest.remember_backtest(run.id, detail.iteration.number, plan)


def draw_result(form: PlanForm) -> None:
    """Draw the last backtest that was started here, and what it was run on."""
    last = last_backtest.find_last_backtest()
    if last is None:
        frame.draw_empty_state(
            "Not run yet",
            "Run backtest puts exactly the code above through the sandbox, on the training bars of the range, and keeps it in the library.",
            icon=":material/play_circle:",
        )
        return
    try:
        run = services().store.read_run(last.run_id)
        code = cached_queries.load_detail(last.run_id, last.number).iteration.code
    except StratloopError as error:
        frame.show_problem(error)
        return
    from pages.components.iteration_view import draw_iteration

    last_backtest.draw_account_of(last, run, code, present=editor.read_code(), plan=form.build_plan())
    draw_iteration(run, last.number, key="code_result")


load_incoming_code()
right = frame.draw_header("Code", ":material/code:")
left, main = st.columns([3, 9], gap="medium")
with left, st.container(border=True, key="code_form"):
    st.header("Generate", anchor=False)
    form = draw_plan_form("code", loop=False)
    ready = form.build_plan()
    generation_panel.draw_estimate(ready.changed(loops=1) if ready else None)
    with st.container(gap="small"):
        if st.button("Generate", key="code_generate", type="primary", icon=":material/auto_awesome:", width="stretch"):
            if editor.read_code().strip() and editor.is_edited():
                confirm_generation(form)
            else:
                generate_now(form)
        if st.button(
            "Compile without a model",
            key="code_compile",
            icon=":material/construction:",
            width="stretch",
            disabled=form.workflow is None or form.broken,
        ):
            compile_now(form)
        generation_panel.draw_prompt_button(form)
        model_comparison.draw_model_choice(form)

with main:
    asked_to_run = take_table(form)
    generation_panel.draw_generation("code", apart=model_comparison.list_generations())
    model_comparison.draw_comparison()
    with st.container(border=True, key="code_editor_card"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.header("Strategy", anchor=False)
            st.space("stretch")
            run_now = st.button("Run backtest", key="code_run_backtest", type="primary", icon=":material/play_arrow:")
            with st.popover("Revisions", icon=":material/history:", key="code_revisions"):
                editor.draw_revisions()
            st.download_button(
                "Download",
                data=editor.read_code(),
                file_name="strategy.py",
                mime="text/x-python",
                key="code_download",
                icon=":material/download:",
                on_click="ignore",
                help="The text of the editor as it is. An exported iteration also holds its runner and its figures.",
            )
        editor.draw_editor(form.workflow, len(form.bars.each) if form.bars else 1)
        script_account.draw_script_account("code", editor.read_code(), form)
    if run_now or asked_to_run:
        backtest_now(form)
    with st.container(key="code_result_room"):
        draw_result(form)
    if asked_to_run:
        open_at("code_result_room", asked=str(last_backtest.find_last_backtest()))
