"""The workflow language: grammar, catalogue, checker, explainer, compiler to Backtrader source. Text and values; nothing runs here."""

from typing import TYPE_CHECKING

from core.domain.lazy_names import offer_lazily

if TYPE_CHECKING:
    from core.language.analysis.checker import check, check_on, completeness, find_completeness_gaps, require_valid
    from core.language.analysis.deposits import read_deposits
    from core.language.analysis.funnel import FunnelStep, build_funnel
    from core.language.analysis.instruments import list_other_instruments
    from core.language.analysis.overlays import compute_overlays
    from core.language.analysis.parameters import parameters
    from core.language.analysis.write_numbers import write_numbers
    from core.language.catalogue import CATALOGUE, Indicator, OutputLine, Param, Unit
    from core.language.catalogue.rules import RULES, Rule, RuleForm, Slot, list_rules
    from core.language.compiler import compile_workflow
    from core.language.phrases import ProposedRow, WorkflowProposal, propose_workflow
    from core.language.rendering.explainer import UNREAD, Sentence, explain, explain_text
    from core.language.rendering.graph import render_dot
    from core.language.rendering.reference import render_grammar, render_reference
    from core.language.rendering.specification import render_specification
    from core.language.syntax.days import find_days
    from core.language.syntax.document import dump, parse
    from core.language.syntax.expression import find_meaning
    from core.language.syntax.rule_rows import split_cells

__all__ = [
    "CATALOGUE",
    "RULES",
    "UNREAD",
    "FunnelStep",
    "Indicator",
    "OutputLine",
    "Param",
    "ProposedRow",
    "Rule",
    "RuleForm",
    "Sentence",
    "Slot",
    "Unit",
    "WorkflowProposal",
    "build_funnel",
    "check",
    "check_on",
    "compile_workflow",
    "completeness",
    "compute_overlays",
    "dump",
    "explain",
    "explain_text",
    "find_completeness_gaps",
    "find_days",
    "find_meaning",
    "list_other_instruments",
    "list_rules",
    "parameters",
    "parse",
    "propose_workflow",
    "read_deposits",
    "render_dot",
    "render_grammar",
    "render_reference",
    "render_specification",
    "require_valid",
    "split_cells",
    "write_numbers",
]

PLACES = {
    "analysis.checker": ("check", "check_on", "completeness", "find_completeness_gaps", "require_valid"),
    "analysis.deposits": ("read_deposits",),
    "analysis.funnel": ("FunnelStep", "build_funnel"),
    "analysis.instruments": ("list_other_instruments",),
    "analysis.overlays": ("compute_overlays",),
    "analysis.parameters": ("parameters",),
    "analysis.write_numbers": ("write_numbers",),
    "catalogue": ("CATALOGUE", "Indicator", "OutputLine", "Param", "Unit"),
    "catalogue.rules": ("RULES", "Rule", "RuleForm", "Slot", "list_rules"),
    "compiler": ("compile_workflow",),
    "phrases": ("ProposedRow", "WorkflowProposal", "propose_workflow"),
    "rendering.explainer": ("UNREAD", "Sentence", "explain", "explain_text"),
    "rendering.graph": ("render_dot",),
    "rendering.reference": ("render_grammar", "render_reference"),
    "rendering.specification": ("render_specification",),
    "syntax.days": ("find_days",),
    "syntax.document": ("dump", "parse"),
    "syntax.expression": ("find_meaning",),
    "syntax.rule_rows": ("split_cells",),
}
"""Modules of the room, with the names that others may use."""

if not TYPE_CHECKING:
    __getattr__ = offer_lazily(__name__, PLACES)
