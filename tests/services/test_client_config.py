"""Texts for the usual clients are what these clients read, and tell no secret."""

import json
import shlex
import tomllib
from pathlib import Path

from core.services.agent_token import read_token
from core.services.client_config import list_client_configs
from core.services.settings import Settings

HOME = Path("/home/some one/state")


def test_documents_of_clients_can_be_read_and_start_this_server() -> None:
    found = {one.client: one.text for one in list_client_configs(HOME)}

    gemini = json.loads(found["Gemini CLI"])["mcpServers"]["stratloop"]
    codex = tomllib.loads(found["Codex"])["mcp_servers"]["stratloop"]
    claude = shlex.split(found["Claude Code"])
    assert gemini["args"] == codex["args"] == claude[-4:] == ["-P", "-m", "core.cli", "mcp"]
    assert gemini["env"]["STRATLOOP_HOME"] == codex["env"]["STRATLOOP_HOME"] == str(HOME)
    assert f"STRATLOOP_HOME={HOME}" in claude
    assert found["Claude Desktop"] == found["Gemini CLI"]


def test_texts_for_a_shared_server_name_the_token_and_do_not_tell_it(tmp_path: Path) -> None:
    token = read_token(Settings(home=tmp_path))
    found = {one.client: one.text for one in list_client_configs(tmp_path, port=9000)}

    assert tomllib.loads(found["Codex"])["mcp_servers"]["stratloop"]["bearer_token_env_var"] == "STRATLOOP_MCP_TOKEN"
    assert json.loads(found["Gemini CLI"])["mcpServers"]["stratloop"]["httpUrl"] == "http://127.0.0.1:9000/mcp"
    assert str(tmp_path / "mcp" / "token") in found["Claude Code"]
    assert not any(token in text for text in found.values())
