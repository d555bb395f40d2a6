"""From a model's answer to code: which block is meant, is it whole, and what does the author say was changed.

The answer is only read, never run. Damage done on the way (odd spaces, curly quotes, line numbers) is undone and said; the program's
meaning is never touched: what does not parse, is elided, or never acts is reported as such, so that it can be asked for again.
"""

import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from core.domain.code_damage import drop_frames
from core.domain.model_calls import AnswerProblem
from core.prompts.answer_blocks import (
    CodeBlock,
    fence_console,
    fence_table,
    fence_tagged_parts,
    find_fenced_blocks,
    separate_code_on_fence,
    unglue_fences,
    unwrap_markdown,
)
from core.prompts.answer_code import (
    CodeReading,
    Shape,
    mentions_strategy,
    parse,
    read_code,
)
from core.prompts.answer_corrections import put_in_corrections
from core.prompts.answer_edits import Edits, apply_edits, find_edits, read_marked_lines
from core.prompts.answer_gaps import find_gap
from core.prompts.answer_join import CONTINUES, continue_block, join_blocks, join_class, join_methods, promises_more
from core.prompts.answer_losses import find_loss, has_fewer_orders
from core.prompts.answer_options import choose_option, find_offered_edit
from core.prompts.answer_parts import complete_class, find_added_file, put_in_parts
from core.prompts.answer_plain import drop_prose_behind, find_longest_parsing, find_plain_code, looks_like_code
from core.prompts.answer_remarks import behind_code, read_remarks
from core.prompts.answer_streams import join_stream
from core.prompts.answer_text import (
    take_answer_out,
    take_thoughts_out,
    take_turns_out,
    undo_damage,
    unwrap_document,
    unwrap_json,
    unwrap_program,
)
from core.prompts.answer_variants import (
    find_advised,
    find_beside,
    find_placed,
    is_announced_beside,
    is_announced_choice,
    leave_out_rivals,
    list_rivals,
    puts_below,
    repeats,
)

MAXIMUM_CODE_LENGTH = 100_000
"""Characters; a strategy has two to eight thousand."""
MAXIMUM_BLOCKS = 24
"""Blocks of one answer that are read, the last ones."""
MAXIMUM_ANSWER_LENGTH = 400_000
"""Characters of an answer that are read."""

_GOES_ON = CodeReading(Shape.CUT, "the block behind it goes on with the program")


@dataclass(frozen=True, slots=True)
class Extraction:
    """Code and remarks found in an answer."""

    code: str | None = None
    """The strategy; None when there is none that can be used."""
    change: str = ""
    """The author's one-line summary of the change."""
    hypothesis: str = ""
    """The author's one-line reason."""
    problem: str = ""
    """Reason that there is no usable code, in words that the author can act on."""
    kind: AnswerProblem | None = None
    """The same as a fact; with code that does not parse, `code` is there too."""
    notes: tuple[str, ...] = ()
    """Everything that was put together or undone so that the code could be read."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    """One way to read the code of an answer."""

    code: str
    reading: CodeReading
    notes: tuple[str, ...] = ()
    variant: bool = False
    chosen: bool = False


def extract_code(answer: str, *, finish_reason: str = "stop", base: str = "") -> Extraction:
    """Extract the strategy from a model's answer; `base` is the program that edits (SEARCH/REPLACE, a diff) refer to.

    The last fenced block with a whole strategy wins, unless it is offered as a variant; blocks that belong together are joined. An unclosed
    block counts when it parses and the model stopped by itself. Without fences the part that parses counts, from the first import or class
    on, when nothing that follows looks like code.

    >>> text = "Change: faster average\\n```python\\nimport backtrader as bt\\nclass A(bt.Strategy):\\n    def next(self): self.buy()\\n```"
    >>> extract_code(text).change
    'faster average'
    """
    plain = answer[:MAXIMUM_ANSWER_LENGTH].lstrip("\ufeff\u200b").replace("\r\n", "\n").replace("\r", "\n")
    text, unclosed = take_thoughts_out(take_turns_out(join_stream(plain)))
    if unclosed and finish_reason == "stop" and not find_fenced_blocks(text):
        text = f"{text}\n{unclosed}" if any(block.closed for block in find_fenced_blocks(unclosed)) else text
    found = _doubt(_find(take_answer_out(text), finish_reason, base), text, base)
    if found.code is not None and len(found.code) > MAXIMUM_CODE_LENGTH:
        problem = f"The code has {len(found.code)} characters; at most {MAXIMUM_CODE_LENGTH} are run. Write a shorter program."
        found = Extraction(problem=problem, kind=AnswerProblem.TOO_LONG)
    change, hypothesis = read_remarks(text, found.code or "")
    return replace(found, change=change or found.change, hypothesis=hypothesis or found.hypothesis)


def _find(text: str, finish_reason: str, base: str) -> Extraction:
    """The first reading of the answer that gives a whole strategy; else its edits; else the reason why there is none."""
    best: _Candidate | None = None
    for reading in _readings(text):
        found = _from_blocks(reading, finish_reason, base) or _from_plain(reading, finish_reason)
        again = found is not None and found.reading.shape is Shape.WHOLE and repeats(found.code, base)
        if again and len(find_fenced_blocks(reading)) > 1 and (made := _take_parts(text, reading, base)) is not None:
            return made
        blocks = find_fenced_blocks(reading)
        words = "\n\n".join((*(block.lead for block in blocks), behind_code(reading)))
        if found is not None and (changed := complete_class(found.code, base, words)) and read_code(changed).shape is Shape.WHOLE:
            found = _Candidate(changed, read_code(changed), ("Parts of the class put into the program they were made for.",))
        if found is not None and found.reading.shape is Shape.WHOLE:
            corrected, problem = put_in_corrections(found.code, blocks, behind_code(reading))
            if problem:
                return Extraction(problem=problem, kind=AnswerProblem.EDIT_REFUSED)
            if corrected:
                found = replace(found, code=corrected, notes=(*found.notes, "Corrections behind the program put into it."))
            named, left_out = leave_out_rivals(found.code, words, base)
            if left_out:
                found = replace(found, code=named, notes=(*found.notes, f"Left out: {left_out}; another class of the answer is meant."))
            change, hypothesis = read_remarks(reading, found.code)
            return Extraction(found.code, change, hypothesis, notes=found.notes)
        if found is not None and (best is None or found.reading.shape > best.reading.shape):
            best = found
    if (added := find_added_file(text)) and read_code(added).shape is Shape.WHOLE:
        return _describe(_Candidate(added, read_code(added), ("Taken out of a diff that makes the program from nothing.",)))
    whole = best is not None and best.reading.shape is not Shape.OTHER
    if (made := _take_parts(text, "" if whole else text, base)) is not None:
        return made
    if best is not None and whole:
        return _describe(best)
    return _find_left_out(text) or _describe_missing(text, finish_reason)


def _take_parts(text: str, reading: str, base: str) -> Extraction | None:
    """The program with the edits or the parts that an answer sends, or the reason why they cannot be meant; None where it sends none."""
    text, problem = choose_option(text)
    if (edits := find_edits(text)) is not None:
        if not problem and (offered := find_offered_edit(text)):
            problem = f"One edit is offered beside another (`{offered[:60]}`). Send the complete program with what is to be run."
        return Extraction(problem=problem, kind=AnswerProblem.EDIT_REFUSED) if problem else _apply(edits, base)
    reading = choose_option(reading)[0]
    changed, done = put_in_parts(reading, find_fenced_blocks(reading), base)
    if changed and problem:
        return Extraction(problem=problem, kind=AnswerProblem.EDIT_REFUSED)
    return _describe(_Candidate(changed, read_code(changed), (done,))) if changed else None


def _doubt(found: Extraction, text: str, base: str) -> Extraction:
    """The extraction, unless its program has lost code to a comment, or the words behind it say that more of it is to come."""
    if found.code is None or found.problem:
        return found
    if lost := find_loss(found.code, base):
        return _describe(_Candidate(found.code, CodeReading(Shape.ELIDED, f"line {lost[0]}: `{lost[1]}`"), found.notes))
    if promises_more(behind_code(text) or text.rstrip().rpartition("\n")[2]):
        return _describe(_Candidate(found.code, CodeReading(Shape.CUT, "its author says that more of it is to come"), found.notes))
    return found


def _apply(edits: Edits, base: str) -> Extraction:
    """The program with the edits that an answer sends, or the reason why they cannot be meant."""
    changed, problem = apply_edits(base, edits)
    if problem:
        return Extraction(problem=f"The edits cannot be applied: {problem} Send the complete program.", kind=AnswerProblem.EDIT_REFUSED)
    return _describe(_Candidate(changed, read_code(changed), ("Edits applied to the program they were made for.",)))


def _find_left_out(text: str) -> Extraction | None:
    """The words for a part of a program of which something is left out in its turn; None where no block is one."""
    for block in find_fenced_blocks(text):
        plain = textwrap.dedent(block.code)
        if (tree := parse(plain)) is not None and tree.body and (gap := find_gap(plain, tree)):
            return _describe(_Candidate(plain, CodeReading(Shape.ELIDED, f"line {gap[0]} of a block: `{gap[1]}`")))
    return None


def _readings(text: str) -> Iterator[str]:
    """The answer as it stands, then read ever more freely."""
    first = separate_code_on_fence(unwrap_markdown(text))
    if text.lstrip().startswith(("{", "[")) and (unwrapped := unwrap_json(text)):
        yield unwrapped
    if unwrapped := unwrap_document(text):
        yield unwrapped
    if not find_fenced_blocks(first) and (fenced := fence_tagged_parts(first)) != first:
        yield fenced
    yield first
    steps: tuple[Callable[[str], str], ...] = (unglue_fences, fence_tagged_parts, fence_console, fence_table, drop_frames)
    for step in steps:
        if (changed := step(first)) != first:
            yield changed
    if unwrapped := unwrap_json(text):
        yield unwrapped


def _from_blocks(text: str, finish_reason: str, base: str) -> _Candidate | None:
    """The best candidate among fenced blocks; None without any."""
    blocks: Sequence[CodeBlock] = join_class(find_fenced_blocks(text)[-MAXIMUM_BLOCKS:])
    if not blocks:
        return None
    cut_off = not blocks[-1].closed and parse(blocks[-1].code) is not None and has_fewer_orders(blocks[-1].code, base)
    if finish_reason == "stop" and not cut_off:
        blocks = [*blocks[:-1], _close(blocks[-1])]
    whole = [
        block
        for block in blocks
        if block.closed or (finish_reason == "stop" and not cut_off and read_code(undo_damage(block.code)[0]).shape >= Shape.NO_NEXT)
    ]
    candidates = [_read_marked(block, base) or _read_block(block) for block in whole]
    candidates = _put_below([block.lead for block in whole], candidates)
    beside = find_beside([candidate.code for candidate in candidates], base)
    candidates = [replace(one, variant=one.variant or at in beside) for at, one in enumerate(candidates)]
    advised = find_advised([block.lead for block in whole], behind_code(text))
    taken_back, named = _find_placed(candidates, text)
    candidates = [replace(one, variant=one.variant or at in taken_back) for at, one in enumerate(candidates)]
    advised = named if advised is None else advised
    if advised is not None:
        candidates[advised] = replace(candidates[advised], variant=False, chosen=True)
    others = [candidate.code for candidate in candidates]
    completed = [join_blocks(candidate.code, others[:at] + others[at + 1 :]) for at, candidate in enumerate(candidates)]
    candidates = [
        replace(
            candidate,
            code=code,
            reading=candidate.reading if code == candidate.code else read_code(code),
            notes=(*candidate.notes, *notes),
        )
        for candidate, (code, notes) in zip(candidates, completed, strict=True)
    ]
    candidates = [found for candidate, block in zip(candidates, whole, strict=True) for found in _with_continued(candidate, block, blocks)]
    if not any(candidate.reading.shape is Shape.WHOLE or candidate.reading is _GOES_ON for candidate in candidates):
        joined = join_methods([block.code for block in whole])
        if joined:
            candidates.append(_Candidate(joined, read_code(joined), ("Several blocks were put together.",)))
    candidates += [
        _Candidate(block.code, CodeReading(Shape.CUT, "the code block does not end")) for block in blocks[-1:] if block not in whole
    ]
    order = {id(one): place for place, one in enumerate(candidates)}
    best = max(candidates, key=lambda one: (one.reading.shape, not one.variant, one.chosen, order[id(one)]), default=None)
    return None if best is None else _note_rivals(best, candidates, base)


def _note_rivals(best: _Candidate, candidates: Sequence[_Candidate], base: str) -> _Candidate:
    """The best candidate, with a note where another whole program has as much to say for it but its place."""
    alike = [one.code for one in candidates if one.reading.shape is best.reading.shape is Shape.WHOLE and one.variant is best.variant]
    rivals = [] if best.chosen else list_rivals(best.code, [code for code in alike if not repeats(code, base)])
    words = f"Of the {len(rivals) + 1} whole programs in the answer the last is taken."
    return replace(best, notes=(*best.notes, words)) if rivals else best


def _put_below(leads: Sequence[str], candidates: Sequence[_Candidate]) -> list[_Candidate]:
    """Candidates with the program above that they derive from."""
    made: list[_Candidate] = []
    for lead, one in zip(leads, candidates, strict=True):
        above = made[-1].code if made and made[-1].reading.shape is Shape.WHOLE and one.reading.shape is Shape.OTHER else ""
        if above and not one.variant and puts_below(lead, one.code, above):
            code = f"{above.rstrip()}\n\n\n{one.code}"
            one = replace(one, code=code, reading=read_code(code), notes=(*one.notes, "Several blocks were put together."))
        made.append(one)
    return made


def _from_plain(text: str, finish_reason: str) -> _Candidate | None:
    """The code of an answer without fences; None for one with them."""
    found = None if find_fenced_blocks(text) else find_plain_code(text, finish_reason)
    return _Candidate(*found) if found is not None else None


def _find_placed(candidates: Sequence[_Candidate], text: str) -> tuple[set[int], int | None]:
    """Places of candidates that the words behind them take back, and of the one that they name; whole programs alone are counted."""
    places = [at for at, one in enumerate(candidates) if one.reading.shape is Shape.WHOLE]
    gone, named = find_placed(behind_code(text), len(places))
    return {places[at] for at in gone}, places[named] if named is not None else None


def _with_continued(candidate: _Candidate, block: CodeBlock, blocks: Sequence[CodeBlock]) -> list[_Candidate]:
    """A program and, where the next block goes on with it, both together; it is cut off where that block says so and does not fit."""
    place = next(at for at, one in enumerate(blocks) if one is block) + 1
    if place >= len(blocks) or candidate.reading.shape < Shape.CUT:
        return [candidate]
    following = blocks[place].code
    if candidate.reading.shape > Shape.CUT and parse(following) is not None:
        return [candidate]
    joined = continue_block(candidate.code, blocks[place])
    if joined:
        return [candidate, _Candidate(joined, read_code(joined), (*candidate.notes, "Several blocks were put together."))]
    if CONTINUES.search(blocks[place].lead) and candidate.reading.shape > Shape.CUT and read_code(following).shape is Shape.OTHER:
        return [replace(candidate, reading=_GOES_ON)]
    return [candidate]


def _close(block: CodeBlock) -> CodeBlock:
    """A last block without its closing fence, ended where the program is whole and the author goes on in words."""
    if block.closed:
        return block
    code, rest = find_longest_parsing(undo_damage(drop_prose_behind(block.code))[0])
    if looks_like_code(rest) or read_code(code).shape < Shape.NO_NEXT:
        return block
    return replace(block, code=code, closed=True)


def _read_marked(block: CodeBlock, base: str) -> _Candidate | None:
    """A block that shows the whole program with its changed lines marked; no answer by itself where it shows another one or a part."""
    old, new = read_marked_lines(block.code)
    if not new or (base.strip() and not repeats(old, base)):
        return _Candidate(block.code, CodeReading(Shape.OTHER)) if new and base.strip() else None
    notes = ("Taken out of a diff that shows the whole program.",)
    return _Candidate(new, read_code(new), notes) if read_code(new).shape is Shape.WHOLE else None


def _read_block(block: CodeBlock) -> _Candidate:
    code, undone = undo_damage(unwrap_program(block.code))
    notes = ((f"Undone in the code: {', '.join(undone)}.",) if undone else ()) + (("Several blocks were put together.",) * block.joined)
    return _Candidate(
        code, read_code(code), notes, variant=is_announced_beside(block.lead, code, block.tag), chosen=is_announced_choice(block.lead)
    )


_KINDS = {
    Shape.BROKEN: AnswerProblem.UNPARSABLE,
    Shape.CUT: AnswerProblem.CUT_OFF,
    Shape.NO_NEXT: AnswerProblem.NO_NEXT,
    Shape.ELIDED: AnswerProblem.ELIDED,
}


def _describe(found: _Candidate) -> Extraction:
    """The extraction of a candidate that may fall short of a whole strategy."""
    shape, where = found.reading.shape, found.reading.where
    if shape is Shape.WHOLE:
        return Extraction(found.code, notes=found.notes)
    if shape is Shape.OTHER:
        return Extraction(problem="The answer holds no Python code with a class derived from `bt.Strategy`.", kind=AnswerProblem.NO_CODE)
    words = {
        Shape.BROKEN: f"The code does not parse ({where}).",
        Shape.CUT: f"The answer ends inside the code ({where}).",
        Shape.NO_NEXT: f"The strategy has no `next` that does anything, so it never acts ({where}).",
        Shape.ELIDED: f"Parts of the program are left out ({where}).",
    }
    code = found.code if shape is Shape.BROKEN else None
    return Extraction(code, problem=words[shape], kind=_KINDS[shape], notes=found.notes)


def _describe_missing(text: str, finish_reason: str) -> Extraction:
    if not text.strip():
        return Extraction(
            problem="The answer is empty." if finish_reason != "length" else "The answer was cut off before any code came.",
            kind=(AnswerProblem.EMPTY if finish_reason != "length" else AnswerProblem.CUT_OFF),
        )
    if finish_reason == "length":
        return Extraction(problem="The answer was cut off before any code came.", kind=AnswerProblem.CUT_OFF)
    if text.lstrip().startswith(("{", "[")) and mentions_strategy(text.replace("\\n", "\n")):
        problem = "The answer is JSON that cannot be read: quotes inside a text are not escaped, perhaps. Give one ```python block instead."
        return Extraction(problem=problem, kind=AnswerProblem.NO_CODE)
    if any(re.search(r"\bself\.", block.code) for block in find_fenced_blocks(text)):
        problem = "The answer holds parts of a program whose place in it cannot be told. Send the complete program."
        return Extraction(problem=problem, kind=AnswerProblem.NO_CODE)
    what = "no Python code with" if find_fenced_blocks(text) else "no code: give one ```python block with"
    return Extraction(problem=f"The answer holds {what} a class derived from `bt.Strategy`.", kind=AnswerProblem.NO_CODE)
