"""Models and spending in a terminal: models and credits."""

from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from core.cli.command import AsJson, app, command, out, print_json, print_remark
from core.services import services


@app.command()
@command
def models(
    provider: Annotated[str, typer.Option(help="Only this provider's.")] = "",
    query: Annotated[str, typer.Argument(help="Part of a name.")] = "",
    as_json: AsJson = False,
) -> None:
    """List the models that can be chosen, with prices in US dollars per million tokens."""
    found = services().models.list_models(provider or None, query)
    if as_json:
        print_json([model.model_dump(mode="json") for model in found])
        return
    if not found:
        print_remark("No model is called like that; any provider/name can be given all the same.", style="yellow")
        return
    table = Table("model", "context", "in", "out", "remarks")
    for model in found:
        remarks = [
            word
            for word, holds in (
                ("free", model.free),
                ("retired", model.deprecated),
                (f"retires {model.retires}", model.retires_soon),
                ("price unknown", model.unpriced),
                (f"needs {model.missing_package}", model.missing_package),
            )
            if holds
        ]
        cells = (model.id, "" if model.context is None else f"{model.context:,}", _price(model.input_price), _price(model.output_price))
        table.add_row(*map(Text, (*cells, ", ".join(remarks))))
    out.print(table)


def _price(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


@app.command()
@command
def credits(as_json: AsJson = False) -> None:
    """Show spending today, this month and by model, against the caps."""
    document = services().spending.summarize()
    if as_json:
        print_json(document)
        return
    table = Table("scope", "spent", "reserved", "cap", "state")
    for balance in document["balances"]:
        cap = balance["cap_usd"]
        spent = balance["spent"]
        cells = (
            balance["scope"],
            _say_spent(spent["usd_micros"] / 1e6, unpriced=spent["unpriced"] > 0),
            f"${spent['reserved_micros'] / 1e6:.4f}",
            "" if cap is None else f"${cap:.2f}",
        )
        table.add_row(*map(Text, (*cells, balance["state"])))
    out.print(table)
    if not document["models"]:
        return
    by_model = Table("model", "calls", "tokens", "spent")
    for name, line in document["models"].items():
        by_model.add_row(*map(Text, (name, f"{line['calls']:,}", f"{line['tokens']:,}", _say_spent(line["usd"]))))
    out.print(by_model)


def _say_spent(usd: float | None, *, unpriced: bool = False) -> str:
    """Say what was spent; an unknown price is never shown as nothing.

    >>> _say_spent(0.5), _say_spent(None), _say_spent(0.0, unpriced=True), _say_spent(0.5, unpriced=True)
    ('$0.5000', 'unknown', 'unknown', '$0.5000 + unknown')
    """
    if usd is None or (unpriced and not usd):
        return "unknown"
    return f"${usd:.4f}{' + unknown' if unpriced else ''}"
