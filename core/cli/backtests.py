"""One backtest in a terminal, and the table that figures are shown in."""

from typing import Annotated

import typer

from core import language
from core.cli.command import (
    DONE,
    FAILED,
    AsJson,
    Assets,
    BarsFile,
    Cash,
    Commission,
    CostsInWords,
    End,
    Frame,
    Leverage,
    Slippage,
    Start,
    With,
    app,
    build_backtest_plan,
    build_bars_request,
    build_metrics_table,
    command,
    out,
    print_json,
    print_line,
    print_remark,
    print_wrapped,
    read_default,
)
from core.cli.inputs import Instruments, join_assets, read_program
from core.domain.backtest import BacktestPlan
from core.domain.run import RunPlan
from core.domain.script_account import describe_settings
from core.driving.deposits import settle_deposits
from core.report.deposit_words import describe_paid_account
from core.report.labels import OUTCOME, RISK, STAGE, label_certificate
from core.report.sentences import to_sentence
from core.services import services


@app.command()
@command
def backtest(
    file: Annotated[
        str,
        typer.Argument(
            help="A Python file with a strategy, a workflow, a kept strategy, an iteration (RUN:NUMBER), or - for standard input."
        ),
    ],
    instruments: Instruments = None,
    asset: Assets = "",
    bars: BarsFile = "",
    others: With = None,
    start: Start = "",
    end: End = "",
    timeframe: Frame = "",
    cash: Cash = read_default(BacktestPlan, "cash"),
    commission: Commission = None,
    slippage: Slippage = None,
    costs: CostsInWords = "",
    leverage: Leverage = read_default(BacktestPlan, "leverage"),
    script_account: Annotated[
        bool, typer.Option("--script-account", help="Take cash and costs from the script where it sets them.")
    ] = False,
    as_json: AsJson = False,
) -> int:
    """Run code in the sandbox; every figure is recomputed from its orders."""
    code, table = read_program(file, instruments or ())
    asset = join_assets(asset, instruments)
    request = build_bars_request(asset, bars, start, end, timeframe, others, basket=True)
    if table is not None:
        request = request.add_others(language.list_other_instruments(table))
    plan = build_backtest_plan(request, cash, commission, slippage, costs, leverage)
    account = services().workbench.read_script_account(code)
    plan = account.apply(plan) if script_account else plan
    if table is not None:
        plan = settle_deposits(RunPlan(workflow=table, bars=request, backtest=plan)).backtest
    used, result = services().workbench.evaluate(code, request, plan)
    outcome, metrics = result.outcome, result.evaluation.metrics if result.evaluation else None
    document = {
        "status": outcome.status.value,
        "stage": result.stage.value,
        "error": result.fault.model_dump(mode="json") if result.fault else None,
        "metrics": metrics.model_dump(mode="json") if metrics else None,
        "final_value": metrics.final_value if metrics else None,
        "orders": outcome.orders.placed,
        "order_counts": outcome.orders.model_dump(mode="json"),
        "trades": metrics.trades if metrics else 0,
        "certificate": outcome.certificate.model_dump(mode="json"),
        "findings": [finding.model_dump(mode="json") for finding in result.evaluation.findings] if result.evaluation else [],
        "isolation_level": outcome.isolation_level,
        "bars": len(used),
        "timeframe": used.timeframe.value,
        "instruments": [one.instrument.symbol for one in used.instruments],
        "data_hash": used.hash,
        "seconds": outcome.wall_seconds,
        "notes": list(outcome.notes),
        "log": outcome.log,
    }
    if as_json:
        print_json(document)
    elif metrics is not None:
        out.print(build_metrics_table({"backtest": metrics}, currency=used.instrument.currency))
        if paid := describe_paid_account(plan, metrics, currency=used.instrument.currency):
            print_wrapped(paid)
        print_line(f"Look-ahead: {label_certificate(outcome.certificate)}. {outcome.certificate.checked}")
        print_wrapped(RISK)
    for note in outcome.notes:
        print_remark(note, style="yellow")
    if not as_json and (other := account.find_differences(plan)):
        print_remark(f"The script sets {describe_settings(other)}: --script-account uses them.", style="yellow")
    if result.fault is not None:
        where = f"line {result.fault.line}: " if result.fault.line else ""
        said = f"{to_sentence(result.fault.message)} {to_sentence(result.fault.hint)}".strip()
        print_remark(f"{OUTCOME[outcome.status]} while {STAGE[result.stage]}: {where}{said}", style="red")
    return DONE if result.fault is None and outcome.ok else FAILED
