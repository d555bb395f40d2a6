"""The workflow language: grammar, catalogue, checker, explainer, compiler to Backtrader source. Text and values; nothing runs here."""

from core.language.analysis.checker import check, completeness, find_completeness_gaps, require_valid
from core.language.analysis.funnel import FunnelStep, build_funnel
from core.language.analysis.instruments import list_other_instruments
from core.language.analysis.overlays import compute_overlays
from core.language.analysis.parameters import parameters
from core.language.catalogue import CATALOGUE, Indicator, OutputLine, Param, Unit
from core.language.catalogue.rules import RULES, Rule, RuleForm, Slot, list_rules
from core.language.compiler import compile_workflow
from core.language.phrases import ProposedRow, WorkflowProposal, propose_workflow
from core.language.rendering.explainer import Sentence, explain, explain_text
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
    "render_dot",
    "render_grammar",
    "render_reference",
    "render_specification",
    "require_valid",
    "split_cells",
]
