"""Screens that show nothing of the history ask it for the same, however much it holds: counted in steps of the database, not in time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from streamlit.testing.v1 import AppTest

from core.domain.run import Run
from core.services import Services
from tests.bench.long_history import copy_run

Open = Callable[..., AppTest]
SCREENS = ("builder", "market", "settings")
RUNS = 61


@contextmanager
def count_steps(services: Services) -> Iterator[list[tuple[str, int]]]:
    """Note each statement that the history is asked, and how many instructions of SQLite's machine it took."""
    engine, done, steps = services.rooms.history._database._engine, [], [0]

    def take_step() -> int:
        steps[0] += 1
        return 0

    def watch(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.set_progress_handler(take_step, 1)

    def begin(*_: Any) -> None:
        steps[0] = 0

    def end(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        done.append((statement, steps[0]))

    listened = (("checkout", watch), ("before_cursor_execute", begin), ("after_cursor_execute", end))
    for name, listener in listened:
        event.listen(engine, name, listener)
    try:
        yield done
    finally:
        for name, listener in listened:
            event.remove(engine, name, listener)


def draw_again(services: Services, open_screen: Open, screen: str) -> list[tuple[str, int]]:
    app = open_screen(screen)
    with count_steps(services) as done:
        app.run()
    assert not app.exception
    return [each for each in done if not each[0].startswith("BEGIN")]


def test_a_history_of_sixty_runs_costs_the_builder_market_and_settings_no_step_more(
    furnished: Services, open_screen: Open, finished: Run
) -> None:
    short = {screen: draw_again(furnished, open_screen, screen) for screen in SCREENS}
    copy_run(furnished, finished, RUNS, 6)
    assert furnished.store.count_runs() == RUNS

    assert {screen: draw_again(furnished, open_screen, screen) for screen in SCREENS} == short
    assert all(done and all(0 < steps < 50 for _, steps in done) for done in short.values()), "steps are counted, and few"
    assert not [statement for done in short.values() for statement, _ in done if "count(" in statement], "one step of SQLite counts a table"
