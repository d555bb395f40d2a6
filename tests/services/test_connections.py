"""Agents that are connected are seen from any process, and only as long as their server lives."""

from pathlib import Path

from core.services.connections import Connection, list_connected


def test_a_connection_is_seen_while_it_lives(tmp_path: Path) -> None:
    one, other = Connection(tmp_path, "stdio"), Connection(tmp_path, "http", "http://127.0.0.1:8710/mcp")
    one.open()
    other.open()
    one.note("Claude Code", "get_status")

    assert [(each.transport, each.clients, each.calls) for each in list_connected(tmp_path)] == [
        ("stdio", ("Claude Code",), 1),
        ("http", (), 0),
    ]

    one.close()
    assert [each.transport for each in list_connected(tmp_path)] == ["http"]
    other.close()
    assert list(tmp_path.iterdir()) == []


def test_a_call_that_comes_in_while_a_server_ends_leaves_no_entry(tmp_path: Path) -> None:
    one = Connection(tmp_path, "http")
    one.open()
    one.close()

    one.note("Claude Code", "get_status")

    assert list(tmp_path.iterdir()) == []


def test_the_entry_of_a_killed_process_is_swept_away(tmp_path: Path) -> None:
    one = Connection(tmp_path, "stdio")
    one.open()
    one._lock.release()  # what the system does when a process dies

    assert list_connected(tmp_path) == ()
    assert [file.name for file in tmp_path.glob("*.json")] == []


def test_a_file_that_cannot_be_read_is_passed_over(tmp_path: Path) -> None:
    one = Connection(tmp_path, "stdio")
    one.open()
    next(tmp_path.glob("*.json")).write_text("{")

    assert list_connected(tmp_path) == ()
    one.close()


def test_the_latest_clients_are_kept_and_long_names_cut(tmp_path: Path) -> None:
    one = Connection(tmp_path, "http", clock=lambda: 0.0)
    one.open()
    for number in range(7):
        one.note(f"client {number}" + "x" * 100, "get_status")

    (found,) = list_connected(tmp_path)
    assert [name[:8] for name in found.clients] == [f"client {number}" for number in range(2, 7)]
    assert max(map(len, found.clients)) == 60
    one.close()
