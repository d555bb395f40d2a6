"""Corrections that an author makes behind a program of his own answer: a method again, a line, a pair of words in backticks."""

import re
from collections.abc import Iterator, Sequence

from core.prompts.answer_blocks import CodeBlock
from core.prompts.answer_code import Shape, find_strategies, parse, read_code
from core.prompts.answer_edits import Edit, Edits, apply_edits, find_edits, is_applied
from core.prompts.answer_parts import is_fragment, put_in_parts
from core.prompts.answer_variants import is_announced_beside

_CORRECTS = re.compile(
    r"\b(?:correct(?:ion|ing|ed)|corrigend(?:um|a)|erratum|oops|whoops|my bad|mistakes?|typo|(?:one|small|quick|last|a|the) fix|bug"
    r"|actually|on second thought|scratch that"
    r"|i (?:forgot|missed|overlooked)|should have been|must be|korrektur|berichtigung|fehler|erreur|correcci[óo]n|correzione|errore"
    r"|correção|исправлен\w+|ошибк\w+)\b|更正|修正|訂正|정정",
    re.IGNORECASE,
)
"""Words by which an author takes something back."""
_ADDS = re.compile(
    r"\b(?:also add|add (?:this|the following|these)|then add|füge|ajoutez?|añade|aggiungi|adicione|добавьте)\b|添加|加上", re.IGNORECASE
)
"""Words by which an author adds to the program before them."""
_PAIRS = re.compile(
    r"(?:(?<!to )(?<!i )(?<!we )(?<!the )(?<!did )\b(?:change|replace|ersetze|remplacez?|reemplaza|sostituisci|substitua|замените)\b"
    r"(?:(?!\bfrom\b)[^.`\n]){0,40}`(?P<old>[^`\n]+)` ?(?:to|with|by|into|->|=>|→|durch|par|por|con|на) ?`(?P<new>[^`\n]+)`"
    r"|`(?P<wrong>[^`\n]+)` should (?:be|read|have been) `(?P<right>[^`\n]+)`)",
    re.IGNORECASE,
)
"""Words that ask for a change of the program; those that tell of one ("I changed ...") are a report."""


_OFFERS = re.compile(
    r"\b(?:could|can|might|may|would|if|optional\w*|try|consider|kann\w*|könn\w+|falls|peu\w+|pued\w+|pod\w+)\b", re.IGNORECASE
)


def put_in_corrections(code: str, blocks: Sequence[CodeBlock], behind: str) -> tuple[str, str]:
    """Put into a program what its author corrects behind it: the whole and no problem, or the reason why a correction cannot be put in.

    `blocks` are those of the answer, `behind` the words behind the last of them. Two empty texts where nothing is corrected.
    """
    blocks = [block for block in blocks[_place_behind(code, blocks) :] if not is_announced_beside(block.lead, block.code)]
    changed, problem = _apply_edits_behind(code, blocks, behind)
    if problem:
        return "", problem
    for block in blocks:
        tree = parse(block.code)
        whole = tree is not None and find_strategies(tree)
        if whole or not block.closed or not _asks_for(_last_words(block.lead)):
            continue
        corrected, _ = put_in_parts("", [block], changed)
        if not corrected and not is_fragment(block.code, changed):
            continue
        if not corrected:
            first = block.code.strip().split("\n")[0].strip()[:80]
            return "", f"A correction behind the program cannot be put into it; it begins with `{first}`. Send the complete program."
        changed = corrected
    for paragraph in (*(block.lead for block in blocks), *behind.split("\n\n")):
        pairs = list(_list_pairs(paragraph)) if _CORRECTS.search(paragraph) else []
        known = [pair for pair in pairs if _counts(pair[0], changed) and pair[0] != pair[1]]
        edits = Edits(tuple(Edit((old,), (new,), within_lines=True) for old, new in known))
        corrected, problem = apply_edits(changed, edits) if known else (changed, "")
        if problem or read_code(corrected).shape is not Shape.WHOLE:
            return "", f"A correction behind the program cannot be put into it: `{known[0][0][:80]}`. Send the complete program."
        changed = corrected
    return ("", "") if changed == code else (changed, "")


def _apply_edits_behind(code: str, blocks: Sequence[CodeBlock], behind: str) -> tuple[str, str]:
    """The program with edits that stand behind it; a diff that fits nowhere only shows what was done."""
    text = "\n".join([*(f"{block.lead}\n```{block.tag}\n{block.code}```" for block in blocks), behind])
    edits = find_edits(text)
    if edits is None or is_applied(code, edits):
        return code, ""
    changed, problem = apply_edits(code, edits)
    if edits.shown and problem:
        return code, ""
    return changed, f"The edits behind the program cannot be applied to it: {problem} Send the complete program." if problem else ""


def _list_pairs(paragraph: str) -> Iterator[tuple[str, str]]:
    """Old and new words of the sentences that ask for a change; those that offer one ask for nothing."""
    for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z*])", paragraph):
        if not _OFFERS.search(sentence):
            yield from ((pair["old"] or pair["wrong"], pair["new"] or pair["right"]) for pair in _PAIRS.finditer(sentence))


def _place_behind(code: str, blocks: Sequence[CodeBlock]) -> int:
    """Place behind the last block that holds the program's strategy."""
    names = _list_strategies(code)
    return max((at + 1 for at, block in enumerate(blocks) if names & _list_strategies(block.code)), default=len(blocks))


def _list_strategies(code: str) -> set[str]:
    tree = parse(code)
    return {node.name for node in find_strategies(tree)} if tree is not None else set()


def _asks_for(lead: str) -> bool:
    """True for words that correct the program before them, or add to it."""
    return _CORRECTS.search(lead) is not None or (_ADDS.search(lead) is not None and _OFFERS.search(lead) is None)


def _last_words(lead: str) -> str:
    return lead.strip().split("\n\n")[-1]


def _counts(part: str, code: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(part)}(?!\w)", code) is not None
