"""The tables that benchmarks write into a page: which block, what stays when one fails, and a page without the block."""

import re
from pathlib import Path

import pytest
from rich.console import Console
from rich.table import Table

from tests.bench.every_bench import find_benchmarks, measure_all
from tests.bench.measured_page import PAGE, NotingConsole, describe_circumstances, render_printed, write_block

TEXT = """# Speed

Before.
<!-- measured: a begin -->
old a
<!-- measured: a end -->

Between.
<!-- measured: b begin -->
<!-- measured: b end -->
Behind.
"""
"""Two blocks, one of them empty."""


def print_table(console: Console) -> None:
    table = Table("way", "seconds", title="Two ways")
    table.add_row("[bold]plain[/bold] | fast", "1.0")
    console.print(table)
    console.print("This machine: slow.")


def fail_halfway(console: Console) -> None:
    print_table(console)
    raise RuntimeError("the browser is gone")


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "performance.md"
    path.write_text(TEXT)
    return path


def test_a_benchmark_writes_its_own_block_and_nothing_else_of_the_page(page: Path) -> None:
    assert measure_all(NotingConsole(), {"a": print_table}, (), page=page) == 0
    before, _, rest = page.read_text().partition("<!-- measured: a begin -->\n")
    body, _, behind = rest.partition("\n<!-- measured: a end -->")
    assert (before, behind) == ("# Speed\n\nBefore.\n", TEXT.partition("<!-- measured: a end -->")[2])
    said, *lines = body.split("\n")
    assert re.fullmatch(r"\*Written by `python -m tests.bench --write a` on \d{4}-\d\d-\d\d: .* when it ended\..*\*", said)
    shown = ["Two ways:", "", "| way | seconds |", "|---|---|", "| plain \\| fast | 1.0 |", "", "This machine: slow."]
    assert lines == ["", *shown]


def test_the_block_of_a_benchmark_that_failed_stays_and_the_others_are_written(page: Path) -> None:
    assert measure_all(NotingConsole(), {"a": fail_halfway, "b": print_table}, (), page=page) == 1
    assert "<!-- measured: a begin -->\nold a\n<!-- measured: a end -->" in page.read_text()
    assert "| plain \\| fast | 1.0 |\n\nThis machine: slow.\n<!-- measured: b end -->" in page.read_text()


def test_what_was_written_stays_when_a_later_benchmark_is_interrupted(page: Path) -> None:
    def interrupt(console: Console) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure_all(NotingConsole(), {"a": print_table, "b": interrupt}, (), page=page)
    assert "| plain \\| fast | 1.0 |" in page.read_text()
    assert [each.name for each in page.parent.iterdir()] == [page.name]


def test_a_page_without_the_block_is_left_as_it_is_and_that_is_said(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert measure_all(NotingConsole(), {"c": print_table}, (), page=page) == 0
    assert page.read_text() == TEXT
    assert "Printed alone, as performance.md has no block for them: c" in capsys.readouterr().out


def test_marks_in_the_wrong_order_are_no_block(page: Path) -> None:
    page.write_text(turned := "<!-- measured: a end -->\nkept\n<!-- measured: a begin -->\n")
    assert not write_block(page, "a", "new")
    assert page.read_text() == turned


def test_without_a_page_tables_are_printed_alone(page: Path) -> None:
    assert measure_all(NotingConsole(), {"a": print_table}, ()) == 0
    assert page.read_text() == TEXT


def test_a_long_benchmark_runs_when_it_is_named_and_only_then() -> None:
    ran: list[str] = []
    known = {name: (lambda console, name=name: ran.append(name)) for name in ("lookahead", "short")}
    measure_all(NotingConsole(), known, ())
    measure_all(NotingConsole(), known, ("lookahead",))
    assert ran == ["short", "lookahead"]


def test_written_twice_the_second_table_takes_the_place_of_the_first(page: Path) -> None:
    write_block(page, "a", "first")
    write_block(page, "a", "second")
    assert page.read_text() == TEXT.replace("old a", "second")


def test_lines_in_color_are_written_plainly() -> None:
    assert render_printed(["[green]2.1[/green] times"]) == "2.1 times"


def test_the_page_on_speed_has_one_place_for_every_table_that_make_bench_is_to_write() -> None:
    marks = re.findall(r"<!-- measured: (.+?) (begin|end) -->", PAGE.read_text(encoding="utf-8"))
    names = [name for name, word in marks if word == "begin"]
    assert [name for name, word in marks if word == "end"] == names
    assert len(set(names)) == len(names)
    assert {"brief", "terminal", "pages", "loop", "store", "sweep"} <= set(names)
    assert set(names) <= {*find_benchmarks(), "brief", "full", "million", "million memory", "million screens", "sessions"}


@pytest.mark.parametrize(("load", "warned"), [(1_000.0, True), (0.0, False)])
def test_a_table_of_a_busy_machine_says_that_its_wall_times_say_little(load: float, warned: bool) -> None:
    assert ("read the processor times" in describe_circumstances("make bench", load, load_behind=load)) is warned
