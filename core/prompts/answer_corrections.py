"""Corrections that an author makes behind a program of his own answer: a method again, a line, a pair of words in backticks."""

import re
from collections.abc import Iterator, Sequence

from core.prompts.answer_blocks import CodeBlock
from core.prompts.answer_code import Shape, find_strategies, parse, read_code
from core.prompts.answer_edits import Edit, Edits, apply_edits, find_edits, is_applied
from core.prompts.answer_parts import is_fragment, put_in_parts
from core.prompts.answer_variants import is_announced_beside, last_words, takes_back

_ADDS = re.compile(
    r"\b(?:also add|add (?:this|the following|these)|then add|füge|ajoutez?|añade|aggiungi|adicione|добавьте)\b|添加|加上", re.IGNORECASE
)
"""Words by which an author adds to the program before them."""
_PAIRS = re.compile(
    r"(?:(?<!to )(?<!i )(?<!we )(?<!the )(?<!did )\b(?:change|replace|ersetze|remplacez?|reemplaza|sostituisci|substitua|замените)\b"
    r"(?:(?!\bfrom\b)[^.`\n]){0,40}`(?P<old>[^`\n]+)` ?(?:to|with|by|into|->|=>|→|durch|par|por|con|на) ?`(?P<new>[^`\n]+)`"
    r"|`(?P<wrong>[^`\n]+)` (?:should (?:be|read|have been)|->|=>|→|➜) `(?P<right>[^`\n]+)`)",
    re.IGNORECASE,
)
"""Words that ask for a change of the program; those that tell of one ("I changed ...") are a report."""


_MODAL = r"(?:should|must|needs? to|has to|ought to) (?:be|read|use|call|check|compare|have been)"
_POLITE = (
    r"(?:please|now|then|so|p\.? ?s\.?|note|fix|important|sorry|remember to|make sure (?:to|you)|be sure to|don't forget to"
    r"|you (?:must|need to|have to|should)|on (?:reflection|second thoughts?)|actually|corrections?|corrected|errat(?:um|a)|edit)"
)
_REQUESTS = re.compile(
    rf"`(?P<value>[^`\n]+)` {_MODAL} -?\d[\d.]*(?=[,;:!)]|\.?$| (?:not|instead|rather)\b)"
    rf"|\b{_MODAL} `[^`\n]+`,? (?:rather than|instead of|and not|not) `(?P<old>[^`\n]+)`"
    rf"|^\W*(?:{_POLITE}\b\W*){{0,3}}(?:remove|delete)\b[^`\n]{{0,40}}`(?P<gone>[^`\n]+)`"
    rf"|^\W*(?:(?:{_POLITE}\b\W*){{0,3}}set\b|(?:{_POLITE}\b\W*){{1,3}}(?:use|take|read)\b|(?:corrections?|errat(?:um|a)|edit)\b)"
    r"[^`\n]{0,40}`(?P<name>[^`\n=]+?) ?= ?(?P<set>[^`\n]+)`(?! (?:to|if|when|on|in)\b)"
    rf"|^\W*(?:{_POLITE}\b\W*){{0,3}}(?:change|replace|switch)\b[^`\n]{{0,40}}`(?P<was>[^`\n]+)` (?:to|with|by) (?:`|-?\d)"
    rf"|^\W*(?:{_POLITE}\b\W*){{0,3}}(?:set|change|switch)\b[^`\n]{{0,20}}`(?P<changed>[^`\n]+)` (?:to|from) -?\d[\d.]*(?=[,;:!)]|\.?$)"
    rf"|^\W*(?:{_POLITE}\b\W*){{1,3}}(?:set|change|switch)\b (?:the )?(?P<bare>[A-Za-z_]\w*) to (?P<to>-?\d+(?:\.\d+)?)(?=[,;:!)]|\.?$)",
    re.IGNORECASE,
)
"""Sentences that say of a part of the program what it should be instead."""
_SETTING = re.compile(r"(?<![\w.])[A-Za-z_]\w*(?: ?= ?)-?\d+(?:\.\d+)?(?![\w.]*\w)")
_PLEAS = re.compile(
    r"\bplease (?:also )?(?:adjust|amend|change|correct|fix|update)\b(?! (?:the )?(?:paths?|symbols?|dates?))", re.IGNORECASE
)
_INSTEAD = re.compile(r"^\W*(?:please )?(?:so )?use (?:this|the following|these)\b[^\n]{0,60}\binstead\b", re.IGNORECASE)
"""A sentence before a block that puts it in the place of what stands above."""
_OFFERS = re.compile(
    r"\b(?:could|can|might|may|would|if|optional\w*|try|consider|kann\w*|könn\w+|falls|peu\w+|pued\w+|pod\w+)\b", re.IGNORECASE
)
_IDEAS = re.compile(
    r"\b(?:alternativ\w*|variant\w*|variations?|optional\w*|next steps?|ideas?|suggest\w*|experiments?|improvements?|further"
    r"|tuning|tweak\w*)\b",
    re.IGNORECASE,
)
"""Words of a paragraph from which on nothing is asked for."""
_AIMS = re.compile(r"^\W*(?:to|for|in order to|feel free|next)\b|\bfor (?!now\b)", re.IGNORECASE)
"""Beginnings of advice: what to do for something else than this program."""


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
        if whole or not block.closed or not _asks_for(last_words(block.lead)):
            continue
        corrected, _ = put_in_parts("", [block], changed)
        if not corrected and not is_fragment(block.code, changed):
            continue
        if not corrected:
            first = block.code.strip().split("\n")[0].strip()[:80]
            return "", f"A correction behind the program cannot be put into it; it begins with `{first}`. Send the complete program."
        changed = corrected
    behind = _mark_settings(behind)
    for paragraph in (*(_mark_settings(block.lead) for block in blocks), *behind.split("\n\n")):
        pairs = list(_list_pairs(paragraph)) if takes_back(paragraph) else []
        known = [pair for pair in pairs if _counts(pair[0], changed) and pair[0] != pair[1]]
        edits = Edits(tuple(Edit((old,), (new,), within_lines=True) for old, new in known))
        corrected, problem = apply_edits(changed, edits) if known else (changed, "")
        if problem or read_code(corrected).shape is not Shape.WHOLE:
            return "", f"A correction behind the program cannot be put into it: `{known[0][0][:80]}`. Send the complete program."
        changed = corrected
    if said := _find_open_request(behind, changed):
        return "", f"The words behind the program ask for a change that is not in it: {said} Send the complete program."
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


def _find_open_request(behind: str, code: str) -> str:
    """Find the sentence behind a program that asks for a change of it which has not been made; empty without one.

    >>> _find_open_request("Sorry, `fast` should be 12, not 15.", "params = dict(fast=15)")
    'Sorry, `fast` should be 12, not 15.'
    >>> _find_open_request("On reflection, use `fast=12`.", "params = dict(fast=15)")
    'On reflection, use `fast=12`.'
    >>> _find_open_request("`fast` should be below `slow`. Set `fast=15`. To tune it, set `fast=9`.", "params = dict(fast=15)")
    ''
    """
    plain = code.replace(" ", "")
    for paragraph in behind.split("\n\n"):
        if _IDEAS.search(paragraph):
            return ""
        if _PLEAS.search(paragraph) and any(_counts(part, code) for part in re.findall(r"`([^`\n]+)`", paragraph)):
            return paragraph.strip()[:160]
        for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z*`(])|\n", paragraph):
            found = None if _OFFERS.search(sentence) or _AIMS.search(sentence) else _REQUESTS.search(sentence)
            part = next(filter(None, found.groups()), "") if found else ""
            named, value = (found["name"] or found["bare"], found["set"] or found["to"]) if found else (None, None)
            done = value is not None and f"{named}={value}".replace(" ", "") in plain
            if part and not done and _counts(part.strip(), code):
                return sentence.strip()[:160]
    return ""


def _mark_settings(text: str) -> str:
    """The text with settings that stand bare in its sentences in backticks, as they do in others: `fast=12`."""
    return "`".join(part if at % 2 else _SETTING.sub(r"`\g<0>`", part) for at, part in enumerate(text.split("`")))


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
    last = re.split(r"(?<=[.!?])\s+", lead.strip())[-1]
    return takes_back(lead) or _INSTEAD.search(last) is not None or (_ADDS.search(lead) is not None and _OFFERS.search(lead) is None)


def _counts(part: str, code: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(part)}(?!\w)", code) is not None
