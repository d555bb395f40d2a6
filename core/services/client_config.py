"""Texts to enter in the usual clients, so that they start this server. No secret is ever in them."""

import json
import shlex
import sys
from dataclasses import dataclass
from pathlib import Path

from core.services.agent_token import FILE, VARIABLE
from core.services.settings import ROOT

NAME = "stratloop"


@dataclass(frozen=True, slots=True)
class ClientConfig:
    """The text that one client needs."""

    client: str
    where: str
    """Command line, or the file that the text belongs in."""
    text: str


def list_client_configs(home: Path, *, port: int | None = None) -> tuple[ClientConfig, ...]:
    """Texts for each client: for a server of its own over standard input, or with a `port` for one over HTTP."""
    return _list_http(home, port) if port is not None else _list_stdio(home)


def _list_stdio(home: Path) -> tuple[ClientConfig, ...]:
    command, arguments = sys.executable, ["-P", "-m", "core.cli", "mcp"]  # -P: not from the folder of the client
    environment = {"PYTHONPATH": str(ROOT), "STRATLOOP_HOME": str(home)}
    entry = {"command": command, "args": arguments, "env": environment}
    document = json.dumps({"mcpServers": {NAME: entry}}, indent=2)
    flags = " ".join(f"--env {shlex.quote(f'{key}={value}')}" for key, value in environment.items())
    line = f"claude mcp add {flags} --transport stdio {NAME} -- {shlex.join([command, *arguments])}"
    pairs = ", ".join(f"{key} = {json.dumps(value)}" for key, value in environment.items())
    table = (
        f"[mcp_servers.{NAME}]\ncommand = {json.dumps(command)}\nargs = {json.dumps(arguments)}\n"
        f"env = {{ {pairs} }}\nstartup_timeout_sec = 30\ntool_timeout_sec = 60"
    )
    return (
        ClientConfig("Claude Code", "in a terminal", line),
        ClientConfig("Codex", "~/.codex/config.toml", table),
        ClientConfig("Gemini CLI", "~/.gemini/settings.json", document),
        ClientConfig("Claude Desktop", "Settings, Developer, Edit config", document),
    )


def _list_http(home: Path, port: int) -> tuple[ClientConfig, ...]:
    url, variable = f"http://127.0.0.1:{port}/mcp", VARIABLE
    known = f'export {variable}="$(cat {shlex.quote(str(home / FILE))})"'
    line = f'{known}\nclaude mcp add --transport http {NAME} {url} --header "Authorization: Bearer ${variable}"'
    table = f'[mcp_servers.{NAME}]\nurl = "{url}"\nbearer_token_env_var = "{variable}"\ntool_timeout_sec = 60'
    entry = {"httpUrl": url, "headers": {"Authorization": f"Bearer ${{{variable}}}"}}
    return (
        ClientConfig("Claude Code", "in a terminal", line),
        ClientConfig("Codex", "~/.codex/config.toml", table),
        ClientConfig("Gemini CLI", "~/.gemini/settings.json", json.dumps({"mcpServers": {NAME: entry}}, indent=2)),
    )
