"""An OpenAI-compatible server on the loopback that misbehaves on order: each POST takes the next `Reply`, the last one repeats."""

import json
import select
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

LONGEST_HOLD = 20.0
"""Seconds after which a held reply gives up, so that a broken test cannot hang."""


@dataclass(frozen=True)
class Reply:
    """One answer. As it stands: a short stream with usage."""

    status: int = 200
    error: str = ""
    """Message of an error body; used when `status` is not 200."""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    """Sent as it is instead of a stream."""
    content_type: str = "text/event-stream"
    pieces: tuple[str, ...] = ("Hello", " world")
    reasoning: tuple[str, ...] = ()
    finish: str | None = "stop"
    """None ends the stream without saying why."""
    usage: Mapping[str, Any] | None = field(default_factory=lambda: {"prompt_tokens": 100, "completion_tokens": 77, "total_tokens": 177})
    hold_at: int | None = None
    """Pieces after which nothing more comes until the client leaves; -1 holds before the first byte."""
    cut_at: int | None = None
    """Pieces after which the connection breaks."""
    event_at: int | None = None
    """Pieces after which `event` is sent raw."""
    event: str = ""
    drip: float = 0.0
    """Seconds between pieces."""
    delay: float = 0.0
    """Seconds before the first byte."""


@dataclass
class Seen:
    """One request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]
    sent: int = 0
    """Pieces that were sent."""
    left: threading.Event = field(default_factory=threading.Event)
    """Set when the client was seen to close the connection before the end."""


ASKED_LATE = "/api/show"
"""LiteLLM asks an Ollama server for this after the answer, from a thread of its own: it may come in the middle of the next test."""


class FaultServer(ThreadingHTTPServer):
    """Holds the replies to give and the requests that came."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.replies: list[Reply] = [Reply()]
        self.seen: list[Seen] = []
        self.get: dict[str, tuple[int, str, bytes]] = {}
        self.arrived = threading.Semaphore(0)
        self._lock = threading.Lock()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def will(self, *replies: Reply) -> None:
        self.replies = list(replies)

    def take(self, seen: Seen) -> Reply:
        with self._lock:
            self.seen.append(seen)
            reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        self.arrived.release()
        return reply

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves is what this server is for: no traceback."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultServer

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        self._whole(*self.server.get.get(self.path, (404, "application/json", b"{}")))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if self.path == ASKED_LATE:
            self._whole(404, "application/json", b"{}")
            return
        seen = Seen(self.path, dict(self.headers), body)
        reply = self.server.take(seen)
        time.sleep(reply.delay)
        if reply.hold_at == -1:
            self._hold(seen)
        elif reply.status != 200:
            message = {"error": {"message": reply.error, "type": "error", "code": None}}
            self._whole(reply.status, "application/json", json.dumps(message).encode(), reply.headers)
        elif reply.body is not None:
            self._whole(200, reply.content_type, reply.body)
        else:
            self._stream(reply, seen)

    def _whole(self, status: int, content_type: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"content-type": content_type, "content-length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _stream(self, reply: Reply, seen: Seen) -> None:
        self.send_response(200)
        self.send_header("content-type", reply.content_type)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        try:
            for event in self._events(reply, seen):
                self._write(event)
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            seen.left.set()
            self.close_connection = True

    def _events(self, reply: Reply, seen: Seen) -> Iterator[str]:
        for thought in reply.reasoning:
            yield _event(seen, {"reasoning_content": thought})
        for number, piece in enumerate(reply.pieces):
            if reply.event_at == number:
                yield reply.event
            if reply.cut_at == number:
                time.sleep(0.1)  # so that what was sent is read first
                self.connection.shutdown(socket.SHUT_RDWR)
                raise ConnectionAbortedError
            if reply.hold_at == number:
                self._hold(seen)
                raise ConnectionAbortedError
            if self._client_left():
                raise ConnectionAbortedError
            yield _event(seen, {"content": piece})
            seen.sent = number + 1
            time.sleep(reply.drip)
        if reply.finish is not None:
            yield _event(seen, {}, reply.finish)
            if reply.usage is not None:
                yield "data: " + json.dumps(_chunk(seen, []) | {"usage": dict(reply.usage)}) + "\n\n"
            yield "data: [DONE]\n\n"

    def _write(self, text: str) -> None:
        data = text.encode()
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
        self.wfile.flush()

    def _hold(self, seen: Seen) -> None:
        until = time.monotonic() + LONGEST_HOLD
        while time.monotonic() < until:
            if self._client_left():
                seen.left.set()
                break
            time.sleep(0.005)
        self.close_connection = True

    def _client_left(self) -> bool:
        readable, _, _ = select.select([self.connection], [], [], 0)
        return bool(readable) and self.connection.recv(1, socket.MSG_PEEK) == b""


def _event(seen: Seen, delta: Mapping[str, Any], finish: str | None = None) -> str:
    return "data: " + json.dumps(_chunk(seen, [{"index": 0, "delta": dict(delta), "finish_reason": finish}])) + "\n\n"


def _chunk(seen: Seen, choices: list[Any]) -> dict[str, Any]:
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": seen.body.get("model", ""), "choices": choices}


@contextmanager
def fault_server() -> Iterator[FaultServer]:
    """A running server; closed afterwards."""
    server = FaultServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=300)
