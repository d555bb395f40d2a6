"""The demo: replays answers that a language model could give, good and bad ones, so that the loop can be watched without a key.

It is a recording, not a model: it does not read the workflow beyond its rows' names. The answers stand in `replay_script`.
"""

from core.llm.builtin import State, read_state
from core.llm.library import Messages
from core.llm.replay_script import BASELINE, SCRIPT, Scene


def replay(messages: Messages) -> str:
    """The answer of this turn: the plain strategy for a single generation, then the script, scene after scene, from the top again."""
    state = read_state(messages)
    scene = BASELINE if not state.history else SCRIPT[(max(state.loop, 1) - 1) % len(SCRIPT)]
    return _written(scene, state)


def _written(scene: Scene, state: State) -> str:
    round_number = (max(state.loop, 1) - 1) // len(SCRIPT)
    code = scene.code.replace("@ROWS@", _rows(state)).replace("@SLOW@", str(50 + 10 * round_number))
    return f"Change: {scene.change}\nHypothesis: {scene.hypothesis}\n\n{scene.prose}```python\n{code.strip()}\n```\n"


def _rows(state: State) -> str:
    names = [str(row.get("id", "")) for row in state.workflow.get("rows", ()) if isinstance(row, dict)]
    return ", ".join(name for name in names if name.isidentifier())[:80] or "none"
