"""The demo: replays answers that a language model could give, good and bad ones, so that the loop can be watched without a key.

It is a recording, not a model: it does not read the workflow beyond its rows' names. The answers stand in `demo_script`.
"""

from core.llm.builtin import PromptState, read_state
from core.llm.demo_script import PLAIN_ANSWER, RECORDED_ANSWERS, RecordedAnswer
from core.llm.litellm_import import Messages


def replay_answer(messages: Messages) -> str:
    """The answer of this loop: the plain strategy for a single generation, then the recorded answers in order, from the first again."""
    state = read_state(messages)
    scene = PLAIN_ANSWER if not state.history else RECORDED_ANSWERS[(max(state.loop, 1) - 1) % len(RECORDED_ANSWERS)]
    return _render(scene, state)


def _render(scene: RecordedAnswer, state: PromptState) -> str:
    round_number = (max(state.loop, 1) - 1) // len(RECORDED_ANSWERS)
    code = scene.code.replace("@ROWS@", _rows(state)).replace("@SLOW@", str(50 + 10 * round_number))
    return f"Change: {scene.change}\nHypothesis: {scene.hypothesis}\n\n{scene.prose}```python\n{code.strip()}\n```\n"


def _rows(state: PromptState) -> str:
    names = [str(row.get("id", "")) for row in state.workflow.get("rows", ()) if isinstance(row, dict)]
    return ", ".join(name for name in names if name.isidentifier())[:80] or "none"
