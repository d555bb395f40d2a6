"""The language for agents: names first, one entry in full on demand, so that nobody pays for the whole reference."""

import difflib
from typing import Any

from core import language
from core.domain.workflow import Section
from core.language.rendering.reference import OPERATORS, SECTIONS, format_function_lines, format_indicator_line, format_rule_line
from core.mcp.tool_errors import ErrorCode, ToolError
from core.prompts import indicator_reference
from core.services import Services

RULE_SECTIONS = (Section.SIZING, Section.RISK, Section.ENTRY_LONG)
NOTES = (
    "Rows of one section and group are joined by and, groups by or.",
    "An operand is a number or an expression: close, close[1], sma(20), sma(rsi(14), 5), bbands(20, 2).lower, atr(14) * 2.",
    "Two indicators and no threshold are compared with each other; with thresholds each indicator is compared with them.",
    "Signals are read on a bar's close and filled on the next open.",
)


def describe_catalogue(services: Services, kind: str, name: str) -> dict[str, Any]:
    """One kind of entries, or one of them in full. Raises ToolError for a name that is not there."""
    match kind:
        case "rules":
            return _describe_rules(name)
        case "operators":
            return {"operators": {str(key): about for key, about in OPERATORS.items()}, "sections": _list_sections(), "notes": list(NOTES)}
        case "functions":
            return {"functions": [line.strip("| ") for line in format_function_lines()]}
        case "backtrader":
            return {"backtrader": indicator_reference()}
        case "example":
            table = services.workbench.find_workflow("sma_cross")
            rows = [row.model_dump(mode="json", exclude_defaults=True) for row in table.rows]
            example = {"name": table.name, "direction": table.direction.value, "rows": rows}
            return {"example": example, "sections": _list_sections(), "notes": list(NOTES)}
        case "starters":
            return {"starters": {one.key: one.workflow.description for one in services.workbench.list_starters()}}
    return _describe_indicators(name)


def _list_sections() -> dict[str, str]:
    return {section.value: about.replace("`", "") for section, about in SECTIONS.items()}


def _describe_rules(name: str) -> dict[str, Any]:
    found = {rule.name: rule for section in RULE_SECTIONS for rule in language.list_rules(section)}
    if not name:
        return {"rules": {rule.name: rule.explanation for rule in found.values()}}
    return {name: format_rule_line(found[_find(name, found)]).strip("| ")}


def _describe_indicators(name: str) -> dict[str, Any]:
    found = language.CATALOGUE
    if name:
        return {name: format_indicator_line(found[_find(name, found)]).strip("| ")}
    groups: dict[str, list[str]] = {}
    for entry in found.values():
        params = ", ".join(f"{param.default:g}" for param in entry.params)
        lines = f".{'/.'.join(line.name for line in entry.lines)}" if len(entry.lines) > 1 else ""
        groups.setdefault(entry.group, []).append(f"{entry.name}({params}){lines}" if entry.params or lines else entry.name)
    return {"indicators": {group: "; ".join(entries) for group, entries in groups.items()}, "more": "Give a name for one in full."}


def _find(name: str, known: Any) -> str:
    if name in known:
        return name
    same = [one for one in known if one.casefold() == name.casefold()]
    if len(same) == 1:
        return str(same[0])
    near = difflib.get_close_matches(name, list(known), n=3)
    raise ToolError(
        ErrorCode.BAD_ARGUMENT, f"There is no {name!r}.", f"Did you mean {', '.join(near)}?" if near else "Leave `name` out for the list."
    )
