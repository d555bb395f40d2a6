"""Tables that programs draw, print in part or print in blocks, and arrays and lines that they write instead of a table."""

import pytest
from export_files import CLOSES, DAYS, VOLUMES, prices

from core.market import preview_file
from core.market.plain_texts import find_cut

ROWS = [(day, *prices(place), VOLUMES[place]) for place, day in enumerate(DAYS)]
EPOCHS = [1672704000 + 86_400 * (day - DAYS[0]).days for day in DAYS]
BOXED = "".join(f"│ {' │ '.join(map(str, row))} │\n" for row in ROWS)
PLAIN = "".join(f"| {' | '.join(map(str, row))} |\n" for row in ROWS)
RULE = "├────────┼────────┼────────┼────────┼────────┼────────┤\n"
END = "└────────┴────────┴────────┴────────┴────────┴────────┘\n"
NAMES = "│ date │ open │ high │ low │ close │ volume │\n"
PRINTS = {
    "types below the names, words below the rows": RULE.translate(str.maketrans("├┼┤", "┌┬┐"))
    + NAMES
    + "│ date │ double │ double │ double │ double │ int64 │\n"
    + RULE
    + BOXED
    + RULE.replace("┼", "┴")
    + "│ 12 rows          6 columns │\n"
    + END,
    "names in the rule": "┌─date─┬─open─┬─high─┬─low─┬─close─┬─volume─┐\n" + BOXED + END,
    "names between heavy lines": "┏━━━┳━━━┓\n" + NAMES.replace("│", "┃") + "┡━━━╇━━━┩\n" + BOXED + END,
    "a shell of SQL": "+---+---+\n| date | open | high | low | close | volume |\n+---+---+\n"
    + PLAIN
    + "+---+---+\n12 rows in set (0.00 sec)\n",
    "an array of records": "["
    + "\n ".join(f"({at}, {row[1]}, {row[2]}, {row[3]}, {row[4]}, {row[5]})" for at, row in zip(EPOCHS, ROWS, strict=True))
    + "]",
    "a log with the moment in brackets": "".join(
        f"[{d}T00:00:00.000-05:00]: O={o} H={h} L={low} C={c} V={v}\n" for d, o, h, low, c, v in ROWS
    ),
    "lines of a database of time series": "".join(
        f"ohlc,symbol=AAPL open={o},high={h},low={low},close={c},volume={v}i {at}000000000\n"
        for at, (_, o, h, low, c, v) in zip(EPOCHS, ROWS, strict=True)
    ),
    "a date with a D behind it": "date,open,high,low,close,size\n"
    + "".join(f"{d:%Y.%m.%d}D00:00:00.000000000,{o},{h},{low},{c},{v}\n" for d, o, h, low, c, v in ROWS),
}


@pytest.mark.parametrize("title", PRINTS)
def test_what_a_program_draws_is_the_series_within(title: str) -> None:
    preview = preview_file(PRINTS[title].encode(), "AAPL.txt")

    assert preview.refused == ()
    assert preview.bars is not None
    assert [str(day) for day in preview.bars.time.astype("datetime64[D]")] == [str(day) for day in DAYS]
    assert preview.bars.close.tolist() == list(CLOSES)
    assert preview.bars.volume.tolist() == [float(volume) for volume in VOLUMES]


CUTS = (
    "# ℹ 270 more rows",
    "# ... with 4,000 more rows",
    "only showing top 20 rows",
    "│ 3000 rows (40 shown)   6 columns │",
    " [ reached 'max' / getOption(\"max.print\") -- omitted 8500 rows ]",
    "2988 rows omitted",
)


@pytest.mark.parametrize("words", CUTS)
def test_a_table_that_says_it_was_cut_is_refused(words: str) -> None:
    (reason,) = preview_file(f"date,open,high,low,close,volume\n{PLAIN}{words}\n".encode(), "AAPL.txt").refused

    assert "rows are left out of it" in reason


def test_words_about_all_rows_are_no_cut() -> None:
    assert [find_cut(f"2023-01-04  11\n{words}") for words in ("(30 rows)", "30 rows in set", "[30 rows x 6 columns]", "# 12 rows")] == [
        ""
    ] * 4


def test_columns_in_blocks_below_each_other_are_refused_by_that() -> None:
    first = "            Open  High  \\\nDate\n" + "".join(f"{d}  {o}  {h}\n" for d, o, h, *_ in ROWS)
    second = "\n            Low  Close\nDate\n" + "".join(f"{d}  {low}  {c}\n" for d, _, _, low, c, _ in ROWS)

    assert "printed in several blocks" in preview_file((first + second).encode(), "AAPL.txt").refused[0]
