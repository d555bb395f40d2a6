"""The prompt's text: the same bytes for the same task, bounded, and closed to whatever is quoted in it."""

import os
import re
from pathlib import Path

import pytest

from core.domain.run import Objective
from core.domain.workflow import Workflow
from core.prompts import Mode, estimate_tokens, render_prompt
from core.prompts.feedback import format_history
from core.prompts.render import STATE_ENTRIES, render_state
from tests.prompts.prompt_samples import CODE, WORKFLOW, task
from tests.prompts.prompt_tasks import CASES, failed, history, make_task, read_state

SNAPSHOTS = Path(__file__).parent / "snapshots"


@pytest.mark.parametrize("name", CASES)
def test_the_prompt_is_byte_for_byte_the_snapshot(name):
    prompt = render_prompt(CASES[name])
    text = f"{prompt.system}\n======== user ========\n{prompt.user}"
    path = SNAPSHOTS / f"{name}.txt"
    if os.environ.get("STRATLOOP_UPDATE_SNAPSHOTS"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


def test_the_same_task_gives_the_same_bytes_and_hash():
    assert render_prompt(make_task(12)) == render_prompt(make_task(12))
    assert render_prompt(make_task(12)).hash != render_prompt(make_task(13)).hash


def test_the_system_part_is_the_same_for_every_turn_of_every_run():
    parts = {render_prompt(case).system for case in CASES.values()}
    assert len(parts) == 1
    assert "bt.ind.SMA(self.data.close, period=20)" in parts.pop()


def test_the_prompt_grows_by_a_line_a_try_and_no_longer_than_the_table():
    sizes = {loop: render_prompt(make_task(loop)).tokens for loop in (10, 20, 130, 190)}
    assert (sizes[20] - sizes[10]) / 10 < 40
    assert sizes[190] == pytest.approx(sizes[130], rel=0.15)


LONG_PROGRAM = CODE.format(fast=10) + "".join(
    f"        self.x{bar} = self.data.close[-{bar}] - self.data.open[-{bar}]\n" for bar in range(85)
)


@pytest.mark.parametrize("code", [None, LONG_PROGRAM], ids=["short programs", "programs of a hundred lines"])
@pytest.mark.parametrize("loop", [4, 10, 40, 80])
def test_four_fifths_of_a_prompt_were_read_with_the_one_before(loop, code):
    changes = {} if code is None else {"best": history(4)[3].changed(code=code)}
    before, after = (render_prompt(make_task(number, **changes)) for number in (loop, loop + 1))
    one, other = before.system + before.user, after.system + after.user
    same = one[: next(place for place, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)]
    assert estimate_tokens(same) / after.tokens >= 0.8


def test_what_changes_from_turn_to_turn_stands_last():
    user = render_prompt(make_task(4, notes=("longer",), constraints=("never short",), memory=("once",), details=("Results.",))).user
    order = [
        "specification",
        "conditions",
        "memory",
        "constraints",
        "program",
        "history",
        "best",
        "last",
        "findings",
        "notes",
        "instruction",
    ]
    assert re.findall(r"^<(\w+)>", user, re.MULTILINE) == order


def test_a_prompt_tells_the_noise_and_what_the_version_did():
    user = render_prompt(make_task(4, noise=0.123, details=("Results by year: 2003 +1.0%.",))).user
    assert "Differences of the score under 0.12 are noise on these bars." in user
    assert "Results by year: 2003 +1.0%." in user


def test_a_version_that_differs_in_most_lines_is_shown_whole():
    done = history(6)
    other = done[2].changed(code=LONG_PROGRAM.replace("close", "high"))
    user = render_prompt(task(mode=Mode.IMPROVE, history=done, best=done[4], last=done[5], base=other)).user
    assert user.count("import backtrader as bt") >= 2
    assert "program above with these lines" not in user


def test_a_repair_has_the_best_program_beside_the_one_that_failed():
    user = render_prompt(failed()).user
    assert "Program of number 2, the best so far:" in user
    assert user.count("import backtrader as bt") == 2


def test_another_version_to_start_from_and_a_second_one_are_shown_by_their_lines():
    done = history(6)
    user = render_prompt(task(mode=Mode.IMPROVE, history=done, best=done[4], last=done[5], base=done[2], inspiration=done[3])).user
    assert "Start from number 2, score" in user
    assert "Where it differs from number 2:" in user
    assert "+    params = dict(fast=13, slow=50)" in user
    assert user.count("import backtrader as bt") == 1, "number 4 stands whole, and number 2 by the line in which it differs"
    assert "+    params = dict(fast=12, slow=50)" in user


def test_the_order_of_a_search_takes_the_place_of_the_modes_words():
    user = render_prompt(make_task(4, order="Change the exit, so that the {objective} rises.")).user
    assert "Change the exit, so that the sharpe rises." in user
    assert "Name the one weakness" not in user


def test_only_an_author_that_asks_for_it_gets_the_state():
    assert "<state>" not in render_prompt(make_task(4)).user
    assert "<state>" in render_prompt(make_task(4, with_state=True)).user


def test_every_try_stands_in_one_line():
    text = re.search(r"<history>(.*?)</history>", render_prompt(make_task(100)).user, re.DOTALL)[1]
    assert [int(row.split(" |")[0]) for row in text.strip().splitlines()[1:]] == list(range(100))


def test_beyond_the_table_the_oldest_are_left_out_in_blocks_and_the_best_of_them_stays():
    tables = [format_history(history(count), Objective.SHARPE, 30) for count in (31, 40, 41)]
    assert [table.splitlines()[1] for table in tables] == [
        "(9 older ones not shown)",
        "(9 older ones not shown)",
        "(19 older ones not shown)",
    ]
    best = max(history(10), key=lambda each: (each.score, -each.number))
    assert tables[0].splitlines()[2].startswith(f"{best.number} | ")
    assert len(tables[1].splitlines()) == 2 + 31


def test_the_state_says_all_that_a_machine_needs():
    document = read_state(render_prompt(make_task(4, with_state=True)).user)
    assert (document["seed"], document["loop"], document["objective"]) == (7, 4, "sharpe")
    assert Workflow.model_validate(document["workflow"]) == WORKFLOW
    assert document["history"] == [
        {"values": {"fast": 10.0 + n, "slow": 50.0}, "score": round(0.3 + (n * 7 % 11) / 10, 6)} for n in range(4)
    ]


def test_the_state_keeps_the_newest_and_the_best_tries():
    done = history(100)
    kept = read_state(render_prompt(make_task(100, with_state=True)).user)["history"]
    best = max(done[:80], key=lambda each: each.score)
    assert len(kept) == STATE_ENTRIES
    assert [each["values"]["fast"] for each in kept[-20:]] == [number + 10 for number in range(80, 100)]
    assert {"values": {"fast": best.number + 10.0, "slow": 50.0}, "score": best.score} in kept


def test_a_failed_try_has_no_score_in_the_state():
    assert read_state(render_prompt(failed(with_state=True)).user)["history"][-1] == {"values": {"fast": 13.0, "slow": 50.0}, "score": None}


def test_values_in_the_state_keep_six_digits_and_whole_numbers_are_exact():
    values = {1: {"stop": 15.774652697777908, "volume": 1_234_567_891.0, "tiny": 0.000123456789}}
    found = read_state(render_state(make_task(2, values=values)))["history"][1]["values"]
    assert found == {"stop": 15.7747, "volume": 1_234_567_891, "tiny": 0.000123457}


def test_values_that_are_handed_in_go_before_those_read_from_the_code():
    assert read_state(render_state(make_task(2, values={1: {"entry": 3.5}})))["history"][1]["values"] == {"entry": 3.5}
