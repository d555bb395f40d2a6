"""Values in, prompt text out; answer text in, code out. Pure: no model is called and nothing is run here."""

from core.prompts.backtrader_reference import indicator_reference
from core.prompts.blindness import hide_names
from core.prompts.extract import Extraction, extract_code
from core.prompts.follow_up import render_follow_up
from core.prompts.parameters import read_parameters, set_parameters
from core.prompts.render import render_prompt
from core.prompts.task import Facts, Mode, Task
from core.prompts.wording import estimate_tokens
from core.prompts.workflow_request import extract_document, render_workflow_repair, render_workflow_request

__all__ = [
    "Extraction",
    "Facts",
    "Mode",
    "Task",
    "estimate_tokens",
    "extract_code",
    "extract_document",
    "hide_names",
    "indicator_reference",
    "read_parameters",
    "render_follow_up",
    "render_prompt",
    "render_workflow_repair",
    "render_workflow_request",
    "set_parameters",
]
