"""Phrases in a text, in reading order: those that patterns know, and clauses that are read from their parts where they say more."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache

from core.domain.workflow import Measure, Section
from core.language.phrases import (
    allowances,
    calendar_days,
    charts,
    checked_days,
    choices,
    clocks,
    conditions,
    discipline,
    distances,
    exits,
    extents,
    habits,
    idle_trades,
    levels,
    mirrored,
    moves,
    one_sided,
    openings,
    protection,
    returns,
    rules,
    sayings,
    sentences,
    sequences,
    terms,
)
from core.language.phrases.arguments import set_arguments_aside
from core.language.phrases.fillers import FILLERS
from core.language.phrases.found import Found
from core.language.phrases.kinds import choose_kinds
from core.language.phrases.reading_order import turn_sides
from core.language.phrases.sides import Opening, find_sides
from core.language.phrases.wording import write_plainly
from core.language.spoken.clauses import Clause, find_clauses
from core.language.spoken.crossings import write_as_state
from core.language.spoken.digits import write_digits
from core.language.spoken.verbs import read_small
from core.language.syntax.expression import find_meaning
from core.language.syntax.nodes import is_condition
from core.language.syntax.plain_words import rewrite_plain_words, write_duration

SHORT = 600
"""Characters of a text up to which a look for the words around a value costs less than what it saves."""


@cache
def compile_phrase(pattern: str) -> re.Pattern[str]:
    """A phrase, compiled once for all: there are more of them than `re` keeps by itself, which would compile each again in every text."""
    return re.compile(pattern, re.IGNORECASE)


def find_phrase(pattern: str, text: str) -> Iterator[re.Match[str]]:
    """Find a phrase in a text.

    One that names a value is thousands of characters long, and compiled only for texts that have the words around the value.
    """
    if terms.TERM in pattern and len(text) < SHORT and compile_phrase(pattern.replace(terms.TERM, r"[\s\S]*?")).search(text) is None:
        return iter(())
    return compile_phrase(pattern).finditer(text)


RULES = (
    *clocks.RULES,
    *discipline.RULES,
    *allowances.RULES,
    *protection.RULES,
    *exits.PATTERNS,
    *openings.PATTERNS,
    *rules.PATTERNS,
    *exits.LEVELS,
)
"""Phrases that name a rule, in order."""


def find_phrases(text: str) -> list[Found]:
    """Find every phrase, in reading order; places are those of the text as it was written."""
    wording = write_plainly(text)
    digits = write_digits(wording.text)
    plain = set_arguments_aside(digits.text)
    found = []
    for each in _find_without_arguments(plain.text):
        if each.expression:
            each = replace(each, expression=choose_kinds(each.expression, plain.text[each.start : each.end], plain.text))
        start, end, expression = plain.restore(each.start, each.end, each.expression)
        if each.rule is not None and each.rule[2] is Measure.PRICE:  # `stop at the lower Donchian (12)`
            told = plain.restore(each.start, each.end, "\n".join(each.rule[3]))[2]
            expression = "" if told is not None else None
            each = replace(each, rule=(*each.rule[:3], tuple((told or "").split("\n"))))
        if expression is not None:
            expression = re.sub(rf"({LINE_PRICE},? (?:[<>]=? )?supertrend\([^()]*\))\.direction", r"\1", expression)
            expression = (
                OWN_AVERAGE.sub(_average_own, expression) if re.search(r"\bits\b", plain.text[each.start : each.end]) else expression
            )
            start, end = (wording.restore(digits.restore(place, late=late), late=late) for place, late in ((start, False), (end, True)))
            beside = (
                NEXT_WORD.match(text, start) if not text[start:end].strip() else None
            )  # put in by a rewriting: it stands for the words there
            found.append(replace(each, start=start, end=beside.end() if beside else end, expression=expression))
    return found


NEXT_WORD = re.compile(r"\W*\w+")
OWN_AVERAGE = re.compile(
    r'tf\("(?P<frame>\w+)", (?P<what>(?:rsi|roc|cci|mfi|adx|atr|obv|williams_r)(?:\(\d+\))?)'
    r" (?P<sign>[<>]=?) (?P<kind>sma|ema|wma)\((?P<length>\d+)\)\)"
)
"""An indicator of longer bars beside an average that is called its own."""


def _average_own(match: re.Match[str]) -> str:
    what, kind, length = match["what"], match["kind"], match["length"]
    return f'tf("{match["frame"]}", {what} {match["sign"]} {kind}({what}, {length}))'


LINE_PRICE = r"\b(?:close|open|high|low)"
"""Prices, which are compared with the line of the supertrend and not with its direction."""
JOINED = ("when", "if", "on", "above", "below", "in", "with", "for")
"""Last words of a side that may belong to what follows."""
LEAVES = re.compile(r"(?:sell|exit|cover|close|out|get out|leave|take profits?)\b", re.IGNORECASE)
OR_WHEN = re.compile(
    r",? or (?:when|if|once|as soon as|(?:on|after|with|at)(?= (?:an?|the) (?:\w+[- ]){0,3}(?:close|cross\w*|break\w*)\b))", re.IGNORECASE
)
"""`Cover at 2R or when ...`, `exit at 15:45 or on a close below ...`: a further way out behind one that is a rule."""


def _find_without_arguments(text: str) -> list[Found]:
    """Every phrase, in reading order; of overlapping ones that which the earlier list names."""
    found = [part for match in moves.HOLD_SEASON.finditer(text) for part in _hold_season(match)]
    for start, end, told in idle_trades.find_idle(text):
        found += [Found(start, end, side=Opening(Section.EXIT_LONG)), Found(start, end, expression=told)]
    for match in moves.BEFORE_CLOSE.finditer(text):
        found.append(Found(*match.span(), side=Opening(Section.EXIT_LONG)))
        found.append(Found(*match.span(), expression=f"minutes_to_close <= {match['minutes']}"))
    found += [
        Found(start, end, rule=rule) for start, end, told in (*exits.find_pairs(text), *distances.find_distances(text)) for rule in told
    ]
    chosen = list(choices.find_choices(text))
    found = [each for each in found if not any(start < each.end and each.start < end for start, end, _ in chosen)]
    found += [Found(start, end, rule=rule) for start, end, rule in chosen if rule is not None]
    for pattern, build_rule in RULES:
        for match in find_phrase(rf"(?:{pattern})(?![a-z])", text):
            inside_word = match.group()[:1].isalpha() and text[: match.start()][-1:].isalpha()
            rule = None if inside_word else build_rule(match)
            if rule is not None:
                _add(found, one_sided.read_one_side(text, _read_validity(text, Found(match.start(), match.end(), rule=rule))))
    if any(each.within > 1 for each in found):
        for match in openings.CANCELED.finditer(text):
            found[:] = [each for each in found if each.end <= match.start() or each.start >= match.end()]
            found.append(Found(*match.span(), expression=conditions.SKIP))
    _add_conditions(text, found)
    found = [_read_within(text, each) if each.expression else each for each in found]
    typed = _add_clauses(text, found)
    _add_lasting(text, found)
    _join_sequences(text, found)
    for each in [each for each in found if each.rule and LEAVES.match(text, each.start)]:
        if also := OR_WHEN.match(text, each.end):
            _add(found, Found(*also.span(), side=Opening(Section.EXIT_LONG)))
    for start, end, side in find_sides(text):
        words = text[start:end].rsplit(" ", 1)
        if not _add(found, Found(start, end, side=side)) and words[-1].lower() in JOINED:
            _add(found, Found(start, start + len(words[0]), side=side))
    _add_typed(text, found)
    for each in typed:
        _add(found, each)
    returns.merge_returns(text, found)
    unsaid = [match.span() for match in moves.UNSAYABLE.finditer(text)]
    found = [each for each in found if each.rule or not any(start <= each.start < end for start, end in unsaid)]
    unread = [(start, end) for start, end, rule in chosen if rule is None]
    found = [each for each in found if not any(start <= each.start < end for start, end in unread)]
    unsaid += [(start, end) for start, end, _ in chosen]
    atoms = [
        Found(each.start, each.end, expression=each.expression, within=each.within)
        for each in find_clauses(text)
        if not any(start <= each.start < end for start, end in unsaid)
    ]
    return sentences.read_sentences(text, turn_sides(text, sorted(found, key=lambda each: each.start)), atoms)


def _add_conditions(text: str, found: list[Found]) -> None:
    """Find the conditions of the lists of phrases."""
    lists = (
        checked_days.PATTERNS,
        mirrored.PATTERNS,
        charts.FILTERS,
        clocks.FILTERS,
        discipline.FILTERS,
        calendar_days.FILTERS,
        conditions.FILTERS,
        clocks.PATTERNS,
        discipline.PATTERNS,
        allowances.PATTERNS,
        charts.PATTERNS,
        extents.PATTERNS,
        calendar_days.PATTERNS,
        moves.PATTERNS,
        habits.PATTERNS,
        levels.PATTERNS,
        sayings.PATTERNS,
        conditions.PATTERNS,
    )
    for patterns in lists:
        always, bare = patterns in lists[:7], patterns in (conditions.FILTERS, conditions.PATTERNS)
        for pattern, build in patterns:
            for match in find_phrase(pattern if bare else rf"(?<!\w)(?:{pattern})(?![a-z])", text):
                expression = build(match)
                if terms.is_about_another(match, expression):
                    continue
                if expression.startswith(sayings.MARKS) or find_meaning(expression) is not None:
                    _add(found, Found(match.start(), match.end(), expression=expression, filters=always))


def _add_clauses(text: str, found: list[Found]) -> list[Found]:
    """Put in the clauses that are read from their parts: in the gaps, and in place of phrases that say less of the same words.

    Gives those that are written in the language itself, which come last.
    """
    typed: list[Found] = []
    sides = [(start, end) for start, end, _ in find_sides(text)]
    for each_clause in find_clauses(text):
        begun = (end for start, end in sides if start <= each_clause.start < end < each_clause.end)  # `get out on a 20 day low`: a way out
        clause = replace(each_clause, start=max(begun, default=each_clause.start))
        inside = [each for each in found if each.start < clause.end and clause.start < each.end]
        if (
            any(text[each.start : clause.start].strip() or text[clause.end : each.end].strip(" .,;") for each in inside)
            or find_meaning(clause.expression) is None
        ):
            continue
        if inside and not _says_more(text, clause, inside):
            continue
        if re.search(r"[<>]", text[clause.start : clause.end]) and find_meaning(text[clause.start : clause.end]) is not None:
            typed += [] if inside else [Found(clause.start, clause.end, expression=text[clause.start : clause.end])]
            continue
        for each in inside:
            found.remove(each)
        found.append(Found(clause.start, clause.end, expression=clause.expression, within=clause.within))
    return typed


def _says_more(text: str, clause: Clause, inside: list[Found]) -> bool:
    """Tell whether a clause covers words with a meaning that the phrases within it leave out."""
    left, start = "", clause.start
    for each in sorted(inside, key=lambda one: one.start):
        left += text[start : each.start] + " "
        start = max(start, each.end)
    left += text[start : clause.end]
    words = re.findall(r"[\w%$']+", left.lower())
    if clause.subject != "close" and any(
        re.fullmatch(r"close [<>]=? -?[\d.]+|crosses_\w+\(close, -?[\d.]+\)", each.expression) for each in inside
    ):
        return True  # the number of another value, and no price
    if any(each.expression.startswith((terms.IT, terms.SAME)) for each in inside) or re.search(r"\bat or\b|\bor equal\b", left):
        return True
    return any(each.rule for each in inside) or any(word not in FILLERS and word not in ("of", "closes", "back") for word in words)


def _read_validity(text: str, phrase: Found) -> Found:
    """`A buy stop above the high, valid for three days`: the bars that a price order waits, also where they are told later."""
    if phrase.rule is None or phrase.rule[1] not in ("stop_order", "limit_order"):
        return phrase
    match = openings.VALID.match(text, phrase.end)
    bars = match or openings.CANCELED.search(text, phrase.end)
    return replace(phrase, end=match.end() if match else phrase.end, within=read_small(bars[1])) if bars else phrase


def _hold_season(match: re.Match[str]) -> list[Found]:
    """`Hold from November to April`: a way in and a way out in one phrase."""
    start, end = match.span()
    inside, outside = moves.split_season(match)
    places = ((Section.ENTRY_LONG, inside), (Section.EXIT_LONG, outside))
    return [part for section, told in places for part in (Found(start, end, side=Opening(section)), Found(start, end, expression=told))]


def _read_within(text: str, phrase: Found) -> Found:
    """`RSI was below 30 within the last five bars`."""
    match = terms.WITHIN.match(text, phrase.end)
    return replace(phrase, end=match.end(), within=terms.read_count(match[1])) if match else phrase


ROW = re.compile(
    r" (?:(?:for|on) )?(?P<count>\d+|two|three|four|five) (?:consecutive |straight )?(?:trading )?(?:days|bars|candles"
    r"|closes|sessions)(?P<row> in a row| running| straight| in succession)?(?! ago)",
    re.IGNORECASE,
)


def _add_lasting(text: str, found: list[Found]) -> None:
    """Read `for two days running` behind a condition that a pattern knows; a rule that took these words goes."""
    for phrase in [each for each in found if each.expression and not each.expression.startswith(sayings.MARKS)]:
        match = ROW.match(text, phrase.end)
        if match is None or not (match["row"] or re.search("consecutive|straight", match.group())):
            continue
        taken = [each for each in found if each.start < match.end() and each.end > match.start() and each is not phrase]
        if all(each.rule is not None for each in taken):
            bars = terms.read_count(match["count"])
            longer = replace(phrase, end=match.end(), expression=f"count({write_as_state(phrase.expression)}, {bars}) == {bars}")
            found[:] = [longer if each is phrase else each for each in found if each not in taken]


def _join_sequences(text: str, found: list[Found]) -> None:
    """Put `A, then B within 10 days` and `B within 3 days after A` in place of two conditions; a rule that took these words goes."""
    told = sorted((each for each in found if each.expression and not each.expression.startswith(sayings.MARKS)), key=lambda one: one.start)
    returns.add_returns(text, found)
    returns.merge_returns(text, found)
    for pair in sequences.find_sequences(text, [(each.start, each.end) for each in told]):
        first, second = told[pair.first], told[pair.second]
        if first.within > 1 or second.within > 1:
            continue
        told_so = f"sequence({first.expression}, {second.expression}, within={pair.bars})"
        places = (
            [(second.start, pair.end, told_so), (first.start, first.end, conditions.SKIP)]
            if pair.apart
            else [(pair.start, pair.end, told_so)]
        )
        for start, end, expression in places:
            found[:] = [each for each in found if each.end <= start or each.start >= end]
            found.append(Found(start, end, expression=expression))


def _add_typed(text: str, found: list[Found]) -> None:
    """Find what is written in the language itself among the pieces that no pattern knows."""
    for start, end in _find_gaps(text, found):
        for match in re.finditer(r"(?:\((?:[^()]|\((?:[^()]|\([^()]*\))*\))*\)|\.(?!\s)|[^,;:.])+", text[start:end]):
            for part in _split_joined(match.group()):
                place = text.index(part, start + match.start())
                node, plain = find_meaning(part), write_duration(rewrite_plain_words(part))
                named = plain != part and re.match(r"\s*[:(]", text[place + len(part) :])  # the text says itself what it means
                named = named or (plain != part and re.match(r"(?:the )?(?:first|last)\b", part, re.IGNORECASE))
                bare = (
                    BARE_NAME.search(part)
                    or re.match(r"\(?-?[\d.]+\)? ?(?:[<>]|above|below|over|under)", part)
                    or re.search(r"[a-z]{2}", part, re.IGNORECASE) is None
                )
                if node is not None and is_condition(node) and not named and not bare:
                    _add(found, Found(place, place + len(part), expression=plain))


BARE_NAME = re.compile(r"\b(?:sum|median|correlation|highest|lowest|count|near|since|slope|max|min)\b(?!\s*[(_])", re.IGNORECASE)
"""Names of functions that are words of a sentence where nothing stands in parentheses behind them."""


def _split_joined(piece: str) -> list[str]:
    """A piece without the words around it; in parts where it is joined by `and` or `or` and makes no sense as a whole."""
    bare = re.sub(r"^(?:\s|=(?!=)|and\b|or\b|when\b|if\b|the\b|on\b|then\b|once\b)+", "", piece, flags=re.IGNORECASE).strip(" .")
    bare = re.sub(r"\s+(?:and|or|then)$", "", bare, flags=re.IGNORECASE)
    if find_meaning(bare) is not None:
        return [bare]
    parts = [part.strip(" .") for part in re.split(r"\b(?:and|or|if|when)\b", bare, flags=re.IGNORECASE)]
    return [part for part in parts if part]


def _find_gaps(text: str, found: list[Found]) -> list[tuple[int, int]]:
    """The stretches of the text between phrases."""
    gaps, start = [], 0
    for each in sorted(found, key=lambda one: one.start):
        gaps.append((start, each.start))
        start = each.end
    return [*gaps, (start, len(text))]


def _add(found: list[Found], new: Found) -> bool:
    """Add a phrase where no other one stands; tells whether it was added."""
    free = new.end > new.start and all(new.end <= each.start or new.start >= each.end for each in found)
    if free:
        found.append(new)
    return free
