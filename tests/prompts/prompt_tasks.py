"""Tasks for prompts: a turn of a run, a failure, a history of so many tries."""

import json
import re

from core.prompts import Mode, Task
from tests.prompts.prompt_samples import FAULT, iteration, task


def history(count: int) -> tuple:
    return tuple(iteration(number, score=0.3 + (number * 7 % 11) / 10) for number in range(count))


def make_task(loop: int, **changes: object) -> Task:
    done = history(loop)
    best = max(done, key=lambda each: each.score)
    return task(**{"mode": Mode.IMPROVE, "loop": loop, "loops": 200, "history": done, "best": best, "last": done[-1], **changes})


def failed(**changes: object) -> Task:
    done = (*history(3), iteration(3, error=FAULT, parent=2, log="debug 1\ndebug 2"))
    return task(mode=Mode.REPAIR, loop=4, history=done, best=done[2], last=done[3], **changes)


CASES = {
    "first": task(with_state=True),
    "improve": make_task(4, notes=("try a longer hold",), constraints=("never short",)),
    "repair": failed(),
    "explore": task(mode=Mode.EXPLORE, loop=9, history=history(9), best=history(9)[6], last=history(9)[8]),
}


def read_state(text: str) -> dict:
    found = re.findall(r"<state>(.*?)</state>", text)
    assert len(found) == 1
    return json.loads(found[0])
