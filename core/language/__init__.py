"""The workflow language: grammar, catalogue, checker, explainer, compiler to Backtrader source. Text and values; nothing runs here."""

from core.language.checker import check, check_operand, completeness, completeness_gaps, require_valid
from core.language.compiler import compile_workflow
from core.language.crib import indicator_crib
from core.language.document import dump, parse
from core.language.explainer import Sentence, explain, explain_text
from core.language.funnel import FunnelStep, funnel
from core.language.graph import graph_dot
from core.language.indicators import CATALOGUE, Indicator, Kind, Line, Param
from core.language.parameters import parameters
from core.language.prompt import prompt_text
from core.language.rules import RULES, Form, Rule, Slot, rules_of

__all__ = [
    "CATALOGUE",
    "RULES",
    "Form",
    "FunnelStep",
    "Indicator",
    "Kind",
    "Line",
    "Param",
    "Rule",
    "Sentence",
    "Slot",
    "check",
    "check_operand",
    "compile_workflow",
    "completeness",
    "completeness_gaps",
    "dump",
    "explain",
    "explain_text",
    "funnel",
    "graph_dot",
    "indicator_crib",
    "parameters",
    "parse",
    "prompt_text",
    "require_valid",
    "rules_of",
]
