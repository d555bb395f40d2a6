"""Files that are handed out of one iteration: the program is proved first; the proof, or the difference, is shown."""

import streamlit as st

from core import language
from core.domain.errors import StratloopError
from core.domain.run import Run
from core.driving.export import BACKTRADER, Export, describe_proof_limit
from core.report.result_tables import render_fills_csv, render_signals_csv, render_trades_csv
from core.services import services
from pages.components import cached_queries, formatting, frame


@st.dialog("Export", width="medium")
def show_export_dialog(run_id: str, number: int, *, half: bool = False) -> None:
    """Prove the program in a fresh process, then offer it with everything that belongs to it."""
    name = f"stratloop_{run_id}_{number}{'_half' if half else ''}"
    st.markdown(f"**Iteration {number}**{', half the cash' if half else ''}")
    try:
        with st.spinner("Running it with plain Backtrader, in a fresh process", show_time=True):
            made = _make(run_id, number, name, half=half)
    except StratloopError as error:
        frame.show_problem(error)
        return
    proof = next((line for line in made.code.splitlines() if line.startswith("# Proved")), "# Proved.")
    st.success(
        f"{formatting.escape(proof.removeprefix('# ').partition(' (')[0])}. It came to the value that was measured.",
        icon=":material/verified:",
    )
    if made.proof and (limit := describe_proof_limit(made.proof)):
        st.warning(limit, icon=":material/shield:")
    run = services().store.read_run(run_id)
    with st.container(horizontal=True):
        _offer("Program .py", made.code, f"{name}.py", "text/x-python", ":material/code:")
        _offer("Bars .csv", made.bars, f"{name}.csv", "text/csv", ":material/table_chart:")
        _offer("requirements.txt", f"backtrader=={BACKTRADER}\npandas\n", "requirements.txt", "text/plain", ":material/inventory_2:")
    _offer_result(run, number, name)
    st.caption("Put the bars beside the program, under the same name, and run it: it prints the value again.")
    frame.draw_risk_line()


def _make(run_id: str, number: int, name: str, *, half: bool) -> Export:
    if half:
        return next(made for made in services().runs.export_recommended(run_id, name=name) if made.iteration == number)
    return services().runs.export(run_id, number, name=name)


def _offer_result(run: Run, number: int, name: str) -> None:
    """Orders, trades, what is held at each close, and the workflow with the numbers that ran."""
    detail, bars = cached_queries.load_detail(run.id, number), cached_queries.load_training_bars(run.plan)
    workflow, missing = services().workbench.write_back(run.plan.workflow, detail.iteration.code)
    with st.container(horizontal=True):
        _offer("Orders .csv", render_fills_csv(detail.fills, bars), f"{name}_orders.csv", "text/csv", ":material/receipt_long:")
        _offer("Trades .csv", render_trades_csv(detail.trades, bars), f"{name}_trades.csv", "text/csv", ":material/swap_vert:")
        if len(detail.position) == len(bars) and not bars.others:
            _offer("Signals .csv", render_signals_csv(detail.position, bars), f"{name}_signals.csv", "text/csv", ":material/show_chart:")
        st.download_button(
            "Excel .xlsx",
            data=lambda: services().reports.render_workbook(run.id, number),
            file_name=f"{name}.xlsx",
            mime="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            icon=":material/table_view:",
            key=f"export_{name}.xlsx",
            on_click="ignore",
            help="Figures, trades, orders and account as sheets: numbers and days that no spreadsheet has to guess.",
        )
        _offer("Workflow .json", language.dump(workflow), f"{name}.json", "application/json", ":material/account_tree:")
    if missing:
        st.caption(f"No cell of the workflow takes {formatting.escape(', '.join(missing))}: there it stays as it was written.")


def _offer(label: str, data: str, file: str, mime: str, icon: str) -> None:
    st.download_button(label, data=data, file_name=file, mime=mime, icon=icon, key=f"export_{file}", on_click="ignore")
