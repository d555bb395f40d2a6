"""A real server on the home of the soak, and a visitor who loads its screens as a browser's tab does, over the socket."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from tests.ports import find_free_port

ROOT = Path(__file__).resolve().parents[2]
SCREENS = ("", "driving", "library", "compare", "builder", "code", "market", "credits", "settings")
START_SECONDS, LOAD_SECONDS = 300.0, 300.0


class Visitor:
    """One server with one who reloads its screens, one after the other."""

    def __init__(self, home: Path) -> None:
        self.port = find_free_port()
        command = [sys.executable, str(ROOT / "app.py"), "--no-browser", "--port", str(self.port)]
        environment = {**os.environ, "STRATLOOP_HOME": str(home)}
        self.process = subprocess.Popen(command, cwd=home, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.loads = 0
        self.failures: list[str] = []
        """Screens that were not well drawn, and why."""
        self._wait()

    def load_next(self) -> None:
        """Load the next screen in a tab of its own; one that shows an exception, or is not drawn in five minutes, is a failure."""
        screen = SCREENS[self.loads % len(SCREENS)]
        self.loads += 1
        message = BackMsg()
        message.rerun_script.page_name = screen
        if problem := self._draw(message):
            self.failures.append(f"{screen or 'home'}: {problem}")

    def _draw(self, message: BackMsg) -> str:
        """Load a screen; why it was not well drawn, empty when it was."""
        address, protocols = f"127.0.0.1:{self.port}", [Subprotocol("streamlit")]
        try:
            with connect(
                f"ws://{address}/_stcore/stream",
                origin=Origin(f"http://{address}"),
                subprotocols=protocols,
                max_size=None,
                open_timeout=LOAD_SECONDS,
                ping_interval=None,  # a server that is busy for a while is still there
            ) as tab:
                tab.send(message.SerializeToString())
                return self._listen(tab, time.monotonic() + LOAD_SECONDS)
        except (OSError, WebSocketException) as error:
            return type(error).__name__

    def _listen(self, tab: ClientConnection, until: float) -> str:
        """Listen until the screen is drawn; the exception once it shows one."""
        while True:
            told = ForwardMsg.FromString(_to_bytes(tab.recv(timeout=max(0.1, until - time.monotonic()))))
            if told.delta.new_element.HasField("exception"):
                shown = told.delta.new_element.exception
                return f"{shown.type}: {shown.message}"
            if told.WhichOneof("type") == "script_finished":
                return ""

    def close(self) -> None:
        """End the server as a person does."""
        self.process.terminate()
        self.process.wait(timeout=START_SECONDS)

    def _wait(self) -> None:
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/_stcore/health", timeout=20):
                    return
            except (urllib.error.URLError, OSError):
                time.sleep(0.2)
        raise RuntimeError("the server did not answer")


def _to_bytes(message: str | bytes) -> bytes:
    return message.encode() if isinstance(message, str) else message
