"""A server behind nginx, with TLS and below a path, by the very configuration that the guide prints."""

import base64
import os
import re
import shutil
import socket
import ssl
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from core.domain.run import Run, Status
from core.store import Store
from pages.live.tokens import TokenScope, load_tokens
from tests.e2e.conftest import LONGEST_WAIT_MS, ROOT, Served, wait_until_drawn, write_login
from tests.live.conftest import PLAN
from tests.needs import need
from tests.ports import find_free_ports

pytestmark = pytest.mark.e2e

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
FRAME = """daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log; {user} events {{}}
http {{ access_log off; client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e; {servers} }}"""
"""Frame around the printed servers, so that nginx writes into a folder of the test."""


def read_printed() -> str:
    """The configuration in the guide."""
    found = re.search(r"```nginx\n(.*?)```", (ROOT / "docs" / "team.md").read_text(), re.DOTALL)
    assert found is not None
    return found[1]


def fill(printed: str, folder: Path, port: int, upstream: int) -> str:
    """The printed servers with the test's own ports and files."""
    text = re.sub(r"listen [^;]*;", f"listen 127.0.0.1:{port} ssl;", printed)
    text = re.sub(r"(ssl_certificate(?:_key)?)\s+[^;]*;", lambda found: f"{found[1]} {folder}/{found[1]}.pem;", text)
    return re.sub(r"proxy_pass [^;]*;", f"proxy_pass http://127.0.0.1:{upstream};", text)


def write_certificate(folder: Path) -> None:
    """A certificate for localhost that signs itself."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = (
        made.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    )
    signed = made.sign(key, hashes.SHA256())
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / "ssl_certificate.pem").write_bytes(signed.public_bytes(serialization.Encoding.PEM))
    (folder / "ssl_certificate_key.pem").write_bytes(private)


class Proxied:
    """A server behind nginx: once as the guide says, once with the host cut off."""

    def __init__(self, served: Served, right: int, wrong: int) -> None:
        self.served, self.right, self.wrong = served, right, wrong
        self.url = f"https://localhost:{right}/strat"

    def open_socket(self, run: Run, port: int) -> str:
        """The first line of the answer to a page that opens a run's socket through one of the two."""
        token = load_tokens(self.served.home).mint(run.id, TokenScope.EVENTS)
        head = (
            f"GET /strat/live/runs/{run.id}?token={token} HTTP/1.1\r\nHost: localhost:{port}\r\nOrigin: https://localhost:{port}\r\n"
            f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Key: {base64.b64encode(bytes(16)).decode()}\r\n\r\n"
        )
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection(("127.0.0.1", port), 120) as plain, trusting.wrap_socket(plain) as line:
            line.sendall(head.encode())
            return line.recv(4096).decode("latin-1").splitlines()[0]


@pytest.fixture
def proxied(serve: Callable[..., Served], provider: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxied]:
    """nginx in front of a server with a login, both below /strat."""
    need(NGINX is not None, "nginx")
    assert NGINX is not None
    upstream, right, wrong = find_free_ports(3)
    write_login(tmp_path, provider, f"https://localhost:{right}/strat/oauth2callback")
    monkeypatch.setenv("STREAMLIT_SERVER_BASE_URL_PATH", "strat")
    monkeypatch.setenv("STRATLOOP_ADMINS", "ann@firm.example")
    served = serve(tmp_path / "home", port=upstream)
    write_certificate(tmp_path)
    printed = read_printed()
    cut = printed[printed.index("server {") :].replace("$http_host", "$host")
    servers = fill(printed, tmp_path, right, upstream) + fill(cut, tmp_path, wrong, upstream)
    user = "user root;" if os.getuid() == 0 else ""
    (tmp_path / "nginx.conf").write_text(FRAME.format(folder=tmp_path, user=user, servers=servers))
    process = subprocess.Popen([NGINX, "-p", str(tmp_path), "-e", str(tmp_path / "error.log"), "-c", str(tmp_path / "nginx.conf")])
    while process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", wrong)) == 0:
                break
    assert process.poll() is None, (tmp_path / "error.log").read_text()
    yield Proxied(served, right, wrong)
    process.terminate()
    process.wait()


def sign_in(page: Page, provider: str) -> None:
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{provider}/**")
    page.get_by_role("button", name=re.compile("ann")).first.click()


def test_pages_sign_in_links_and_sockets_pass_a_proxy_with_tls_below_a_path(proxied: Proxied, browser: Browser, provider: str) -> None:
    store = Store.in_folder(proxied.served.home)
    store.announce("writer")
    run = store.create_run(PLAN)
    store.claim(run.id, "writer", seconds=3600)
    store.save_run(run.changed(status=Status.RUNNING))
    context = browser.new_context(ignore_https_errors=True)
    page = context.new_page()
    page.route(re.compile(r"^https://(?!localhost)"), lambda route: route.abort())  # the provider's page asks for a style sheet of others
    sockets: list[str] = []
    page.on("websocket", lambda opened: opened.on("framereceived", lambda _: sockets.append(opened.url)))

    page.goto(f"{proxied.url}/driving?run={run.id}")
    sign_in(page, provider)
    page.wait_for_url(f"**/strat/driving?run={run.id}")
    wait_until_drawn(page)
    page.get_by_role("button", name="Cancel").wait_for(timeout=120_000)
    for _ in range(LONGEST_WAIT_MS // 200):
        if any("/strat/live/runs/" in url for url in sockets):
            break
        page.wait_for_timeout(200)

    assert any("/strat/live/runs/" in url for url in sockets), "the run told itself over its socket"
    cookies = {cookie["name"]: cookie for cookie in context.cookies()}
    assert cookies["_streamlit_user"]["path"].rstrip("/") == "/strat"
    context.close()
    assert proxied.open_socket(run, proxied.right).endswith("101 Switching Protocols")
    assert " 403 " in proxied.open_socket(run, proxied.wrong), "a host without its port is another page's"
    store.close()
