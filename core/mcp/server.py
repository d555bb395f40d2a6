"""The server: what it offers, and how a call becomes an answer or a refusal. Both eras of the protocol are the package's own affair."""

import difflib
import json
import logging
from functools import partial
from typing import Any

import mcp.types as types
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.shared.exceptions import MCPError
from pydantic import ValidationError

from core.domain.errors import StratloopError
from core.mcp.arguments import build_schema
from core.mcp.desk import Answer, Desk
from core.mcp.instructions import INSTRUCTIONS, PROMPT_NAME, PROMPT_TITLE, render_prompt
from core.mcp.resources import TEMPLATES, list_resources, read_resource
from core.mcp.tool_errors import ErrorCode, ToolError, translate_arguments
from core.mcp.tools import TOOLS, Tool, ToolCall, in_thread
from core.services import VERSION, Services
from core.services.connections import Connection

log = logging.getLogger(__name__)

NAME = "stratloop"
MOST_ARGUMENTS = 400_000
"""Characters of a call's arguments that are read."""
_BY_NAME = {tool.name: tool for tool in TOOLS}

Context = ServerRequestContext[Any]


def build_server(services: Services, connection: Connection) -> Server[Any]:
    """Build the server over the services of this process; `connection` is told who calls."""
    desk = Desk(services)

    async def call_tool(context: Context, asked: types.CallToolRequestParams) -> types.CallToolResult:
        client = find_client(context)
        await in_thread(partial(connection.note, client, asked.name))
        try:
            answer = await run_tool(ToolCall(desk, client, partial(_report, context)), asked.name, asked.arguments or {})
        except ToolError as error:
            return types.CallToolResult(content=[_text(error.text)], structured_content=error.to_data(), is_error=True)
        return types.CallToolResult(content=[_text(_dump(answer))], structured_content=answer)

    async def list_tools(context: Context, asked: types.PaginatedRequestParams | None) -> types.ListToolsResult:
        return types.ListToolsResult(tools=[describe_tool(tool) for tool in TOOLS])

    async def list_templates(context: Context, asked: types.PaginatedRequestParams | None) -> types.ListResourceTemplatesResult:
        return types.ListResourceTemplatesResult(resource_templates=list(TEMPLATES))

    async def list_all(context: Context, asked: types.PaginatedRequestParams | None) -> types.ListResourcesResult:
        return types.ListResourcesResult(resources=await in_thread(partial(list_resources, desk)))

    async def read(context: Context, asked: types.ReadResourceRequestParams) -> types.ReadResourceResult:
        try:
            mime, text = await in_thread(partial(read_resource, desk, str(asked.uri)))
        except (Exception, SystemExit) as error:  # noqa: BLE001 - an entry point: the log has it whole
            expected = isinstance(error, StratloopError)
            raise MCPError(types.INVALID_PARAMS if expected else types.INTERNAL_ERROR, desk.translate(error).text) from None
        return types.ReadResourceResult(contents=[types.TextResourceContents(uri=str(asked.uri), mime_type=mime, text=text)])

    async def list_prompts(context: Context, asked: types.PaginatedRequestParams | None) -> types.ListPromptsResult:
        names = (("idea", "the strategy in plain words"), ("asset", "symbol"))
        given = [types.PromptArgument(name=name, description=about, required=False) for name, about in names]
        return types.ListPromptsResult(prompts=[types.Prompt(name=PROMPT_NAME, title=PROMPT_TITLE, arguments=given)])

    async def get_prompt(context: Context, asked: types.GetPromptRequestParams) -> types.GetPromptResult:
        given = asked.arguments or {}
        if asked.name != PROMPT_NAME:
            raise MCPError(types.INVALID_PARAMS, f"There is no prompt {asked.name!r}. There is {PROMPT_NAME}.")
        text = render_prompt(str(given.get("idea", "")), str(given.get("asset", "")))
        return types.GetPromptResult(messages=[types.PromptMessage(role="user", content=_text(text))])

    return Server(
        NAME,
        version=VERSION,
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_all,
        on_list_resource_templates=list_templates,
        on_read_resource=read,
        on_list_prompts=list_prompts,
        on_get_prompt=get_prompt,
    )


def describe_tool(tool: Tool) -> types.Tool:
    """Describe a tool to clients: its arguments, and not its answers, which would cost more than all the rest."""
    hints = types.ToolAnnotations(read_only_hint=tool.reads_only, destructive_hint=False, open_world_hint=False)
    return types.Tool(name=tool.name, description=tool.description, input_schema=build_schema(tool.arguments), annotations=hints)


async def run_tool(call: ToolCall, name: str, given: dict[str, Any]) -> Answer:
    """Carry out a call. Raises ToolError, and nothing else but a cancel."""
    tool = _BY_NAME.get(name)
    if tool is None:
        near = difflib.get_close_matches(name, list(_BY_NAME), n=3)
        raise ToolError(ErrorCode.UNKNOWN_TOOL, f"There is no tool {name[:60]!r}.", f"Did you mean {' or '.join(near)}?" if near else "")
    try:
        asked = tool.arguments.model_validate(given)
    except ValidationError as error:
        raise translate_arguments(error, list(tool.arguments.model_fields)) from None
    try:
        return await tool.run(call, asked)
    except ToolError:
        raise
    except (Exception, SystemExit) as error:  # noqa: BLE001 - an entry point: the log has it whole
        raise call.desk.translate(error) from None


def find_client(context: Context) -> str:
    """Find the name that a client gives itself; empty when it gives none."""
    params = context.session.client_params
    return "" if params is None else params.client_info.name


async def _report(context: Context, share: float, message: str) -> None:
    await context.session.report_progress(share, 1.0, message)


def _text(text: str) -> types.TextContent:
    return types.TextContent(type="text", text=text)


def _dump(answer: Answer) -> str:
    return json.dumps(answer, ensure_ascii=False, separators=(",", ":"), default=str)
