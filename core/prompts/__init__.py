"""Values in, prompt text out; answer text in, code out. Pure: no model is called and nothing is run here."""

from core.prompts.extract import Extraction, extract
from core.prompts.parameters import parameter_values
from core.prompts.render import render
from core.prompts.task import Facts, Mode, Task
from core.prompts.wording import estimate_tokens

__all__ = ["Extraction", "Facts", "Mode", "Task", "estimate_tokens", "extract", "parameter_values", "render"]
