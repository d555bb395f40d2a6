"""The verb for agents outside: serve them over standard input and output, or over HTTP on this machine."""

from typing import Annotated

import typer

from core.cli.command import DONE, app, command, print_line, print_remark
from core.services import services


@app.command()
@command
def mcp(
    http: Annotated[bool, typer.Option("--http", help="Serve HTTP on this machine instead of standard input and output.")] = False,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port for --http; 0 takes a free one.")] = 8710,
    print_config: Annotated[bool, typer.Option("--print-config", help="Print what to enter in the usual clients, and stop.")] = False,
    print_skill: Annotated[bool, typer.Option("--print-skill", help="Print a skill that teaches the protocol, and stop.")] = False,
) -> int:
    """Serve an agent of your own (Claude Code, Codex, Gemini CLI and others) over MCP: it drives sessions with the model it has."""
    if print_skill:
        from core.mcp.instructions import SKILL

        print_line(SKILL)
        return DONE
    if print_config:
        from core.services.client_config import list_client_configs

        for one in list_client_configs(services().settings.home, port=port if http else None):
            print_line(f"{one.client}: {one.where}\n\n{one.text}\n")
        return DONE
    if http:
        from core.mcp.http import serve_http

        return serve_http(services(), port, print_remark)
    from core.mcp.stdio import serve_stdio

    return serve_stdio(services())
