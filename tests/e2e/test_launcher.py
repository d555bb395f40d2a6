"""`python app.py` as a person starts it: on loopback, with the browser opened, and with words for a wrong port."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.e2e.conftest import ROOT

pytestmark = pytest.mark.e2e


def started(folder: Path, *arguments: str, **variables: str) -> subprocess.Popen[str]:
    """The launcher in a process of its own, started from another folder."""
    environment = {**os.environ, "STRATLOOP_HOME": str(folder / "home"), **variables}
    return subprocess.Popen(
        [sys.executable, str(ROOT / "app.py"), *arguments],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.skipif(sys.platform == "win32", reason="the variable BROWSER is not read there")
def test_it_opens_the_browser_on_a_loopback_address_that_answers(tmp_path: Path) -> None:
    opener, seen = tmp_path / "opener.py", tmp_path / "opened"
    opener.write_text(f"import sys\nopen({str(seen)!r}, 'a').write(sys.argv[1])\n")
    process = started(tmp_path, "--port", "0", DISPLAY=":0", BROWSER=f"{sys.executable} {opener} %s")
    try:
        until = time.monotonic() + 180
        while not (seen.exists() and seen.read_text()) and time.monotonic() < until and process.poll() is None:
            time.sleep(0.1)
        url = seen.read_text()
        assert url.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{url}/_stcore/health", timeout=120) as answer:
            assert answer.status == 200
    finally:
        process.terminate()
        process.communicate(timeout=300)


@pytest.mark.parametrize("port", ["99999", "-1", "many"])
def test_a_port_that_cannot_be_is_refused_in_words(tmp_path: Path, port: str) -> None:
    process = started(tmp_path, "--port", port)
    _, words = process.communicate(timeout=300)
    assert process.returncode == 2
    assert "--port" in words
    assert "Traceback" not in words


def test_a_port_from_the_environment_is_refused_the_same_way(tmp_path: Path) -> None:
    process = started(tmp_path, STRATLOOP_PORT="eight")
    _, words = process.communicate(timeout=300)
    assert process.returncode == 2
    assert "Traceback" not in words


@pytest.mark.parametrize(("address", "words"), [("127.0.0.1", "is in use"), ("192.0.2.77", "cannot be listened on")])
def test_a_port_that_is_taken_and_an_address_of_another_machine_are_refused_in_words(tmp_path: Path, address: str, words: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        process = started(tmp_path, "--share", "--port", str(taken.getsockname()[1]), STREAMLIT_SERVER_ADDRESS=address)
        _, said = process.communicate(timeout=300)
    assert process.returncode == 1
    assert words in said
    assert "Traceback" not in said


def test_a_network_address_without_a_login_is_refused_in_words(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "app.py"), "--server.address", "0.0.0.0", "--server.headless", "true"]
    environment = {**os.environ, "STRATLOOP_HOME": str(tmp_path / "home")}
    found = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert found.returncode == 2
    assert "open to everybody" in found.stderr
    assert "Traceback" not in found.stderr
