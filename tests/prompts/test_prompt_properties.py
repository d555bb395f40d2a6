"""What must hold for any text whatever."""

import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from core.prompts import Mode, extract_code, read_parameters, render_prompt
from core.prompts.wording import TAGS, clean, seal_json
from tests.effort import examples
from tests.prompts.prompt_samples import iteration, task

PIECES = st.lists(
    st.sampled_from(
        [
            "```",
            "~~~",
            "```python\n",
            "\n",
            " ",
            "<",
            "/",
            ">",
            "state",
            "specification",
            "class A(bt.Strategy):",
            "import x",
            "(",
            "'''",
            "\t",
            "\0",
        ]
    )
    | st.text(max_size=5),
    max_size=30,
).map("".join)


@given(PIECES)
@settings(max_examples=examples(150), deadline=None)
def test_any_answer_is_read_without_an_exception(answer):
    for reason in ("stop", "length"):
        found = extract_code(answer, finish_reason=reason)
        assert (found.kind is None) == (not found.problem)
        assert found.code is not None or found.problem
        assert found.code is None or read_parameters(found.code) is not None


@given(PIECES)
@settings(max_examples=examples(150), deadline=None)
def test_no_quoted_text_holds_a_fence_or_a_tag(text):
    quoted = clean(text, 500)
    assert "```" not in quoted
    assert "~~~" not in quoted
    assert not re.search(rf"<\s*/?\s*({'|'.join(TAGS)})\s*/?\s*>", quoted, re.IGNORECASE)


@given(PIECES)
@settings(max_examples=examples(40), deadline=None)
def test_any_name_note_and_change_leaves_one_state_that_reads_back(text):
    last = iteration(1, change=text, hypothesis=text)
    sample = task(mode=Mode.IMPROVE, history=(iteration(0), last), best=last, last=last, notes=(text,), specification=text, with_state=True)
    found = re.findall(r"<state>(.*?)</state>", render_prompt(sample).user)
    assert len(found) == 1
    assert len(json.loads(found[0])["history"]) == 2


@given(st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))
@settings(max_examples=examples(60), deadline=None)
def test_sealed_json_reads_back(value):
    assert json.loads(seal_json(value)) == value
