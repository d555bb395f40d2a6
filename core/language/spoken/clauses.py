"""Conditions put together from their parts: a value, what it does, against what, for how long, and when. Values are the work of `nouns`.

A clause is read from left to right, so that parts which nobody has seen together are read too; where a part is missing nothing is read.
"""

import re
from dataclasses import dataclass, replace

from core.language.spoken.changes import Condition
from core.language.spoken.crossings import write_as_state
from core.language.spoken.endings import AGAIN, add_motions, find_other, read_by
from core.language.spoken.noun import Noun, count_bars, put_back, put_on_frame, read_frame, turn_on_frame
from core.language.spoken.nouns import read_value
from core.language.spoken.relations import join, read_relation, say
from core.language.spoken.scanner import Scanner
from core.language.spoken.verbs import OVER, UNDER, read_side, read_small, read_verb
from core.language.spoken.vocabulary import BARS, FRAME


@dataclass(frozen=True, slots=True)
class Clause:
    """A condition that was read from a text."""

    start: int
    end: int
    expression: str
    within: int = 1
    """Bars on one of which it may have been true."""
    subject: str = ""
    """The value that it is about."""
    other: str = ""
    """The value that it is compared with."""


REACHES = re.compile(
    r"it crosses (?:through )?-?\d+(?:\.\d+)? (?:from (?:above|below)|upwards?|downwards?)|it (?:is |goes |gets |rises"
    r" |falls |crosses |drops |climbs |moves |comes |turns )?(?:back )?(?:above|over|below"
    r"|under) -?\d+(?:\.\d+)?"
    r"(?! ?(?:%|percent|[-]?(?:day|bar|period|week)|atr|[sewh]?ma\b))",
    re.IGNORECASE,
)
"""Words that compare `it` with a plain number."""


def find_clauses(text: str) -> list[Clause]:
    """Find the clauses in a text, from left to right; what a clause leaves out (`and is now under 70`) is taken from the one before."""
    found: list[Clause] = []
    at, level = 0, ""
    turner: Clause | None = None
    for word in re.finditer(r"(?<![\w%.'’])(?:[\w%+-]|['’](?=s\b))", text):
        if word.start() < at:
            continue
        before = found[-1] if found else None
        if turner is not None and re.match(r"(?:it|this|that) (?:turns|flips|goes|changes)\b", text[word.start() :], re.IGNORECASE):
            before = turner  # what has turned before turns again
        scaled = next((one for one in reversed(found) if one.subject != "close" and re.fullmatch(r"-?[\d.]+", one.other)), None)
        if before is not None and before.subject == "close" and scaled is not None and REACHES.match(text, word.start()):
            before = scaled  # a plain number is one of the value that has such numbers
        clause = _read_clause(Scanner(text, word.start(), level=level), before)
        if clause is not None:
            found.append(clause)
            turner = clause if re.search(r"\.direction|\[2\]$|psar", clause.expression) else turner
            at = clause.end
            level = clause.other if clause.other and not re.fullmatch(r"-?[\d.]+", clause.other) else level
            level = clause.subject if not clause.other and AGAIN.match(clause.subject) else level
    return [clause for clause in found if clause.expression]


def _read_clause(scan: Scanner, before: Clause | None) -> Clause | None:
    """Read one clause at a place: with its value, or without one where the words before allow that."""
    text, start = scan.text, scan.at
    if (event := _read_event(scan)) is not None:
        return event
    subject = read_value(scan)
    if subject is not None and not subject.number:
        return _put_on_chart(text, _read_about(scan, subject, start))
    scan.at = start
    if before is not None and before.other and (match := scan.take(r"which|(?:that|the) (?:moving average|average|line)")):
        condition = read_relation(scan, Noun(before.other))
        if condition is not None:
            return _finish(text, match.start(), scan, condition, Noun(before.other))
        scan.at = start
    pronoun = scan.take(
        r"it|that|this|they|both(?: lines| of them| averages)?|(?:the|this) (?:ratio|spread|indicator|oscillator|reading|value)"
    )
    if pronoun is None and (not _may_leave_out(text, start, before) or re.match(r"cut (?:it|my|the)\b", text[start:], re.IGNORECASE)):
        return None
    if before is not None and (back := _read_back(scan, before)) is not None:
        return _finish(text, start, scan, back, Noun(before.subject))
    subject = _recall(scan, before, both=pronoun is not None and "both" in pronoun.group().lower())
    place = scan.at
    condition = read_relation(scan, subject) if subject else None
    if condition and before and before.other and pronoun is not None and "both" in pronoun.group().lower():
        scan.at = place
        other = read_relation(scan, Noun(before.other))
        condition = join(condition, other) if other else None
    return _finish(text, start, scan, condition, subject) if condition and subject else None


LINES = {"d": ".k", "signal": ".macd"}
LINES_OF = re.compile(r"\.(d|signal)$")
"""A line that only its own indicator crosses."""


EVENT = (
    r"(?:(?:an? |the |any |another )?(?:first |new |daily |clean |clear )*(?P<event>break[- ]?outs?|break[- ]?downs?"
    r"|pull-?backs?|break(?= of\b))"
    r"|(?:an? |any |another |the |(?<=[%t]) ?)(?:first |new |daily |clean |clear )*(?P<event2>break|cross(?:ing|over)?|move|push|drop|dip"
    r"|fall|rise|rally))(?: back)?"
)
"""A move of the price, as a noun."""


def _read_event(scan: Scanner) -> Clause | None:
    """`A breakout above the highest high of the last 10 days`, `a dip to the 20 EMA`: what the price does, as a noun."""
    start, text = scan.at, scan.text
    share = scan.take(
        r"(?:an? |the |any |every )?(?P<share>\d+(?:\.\d+)?) ?(?:%|percent)(?= (?:dip|drop|fall|pull-?back|decline|move|rise|rally))"
    )
    match = scan.take(EVENT)
    of = (
        scan.take(r"of (?:at least |more than )?(?P<share>\d+(?:\.\d+)?) ?(?:%|percent)(?: or more)?(?= (?:above|below|under|over|from)\b)")
        if match
        else None
    )
    share = share or of
    side = read_side(scan) if match else None
    toward = scan.take(r"from" if share else r"of|from|to|into|out of") if match and side is None else None
    base = _read_level(scan) if side or toward else None
    if match is None or base is None:
        scan.at = start
        return None
    word, level = (match["event"] or match["event2"]).lower(), base.expression
    down = (
        side in ("<", "<=")
        if side in ("<", "<=", ">", ">=")
        else word.startswith(("breakd", "break-d", "break d", "drop", "dip", "fall", "pull"))
    )
    down = down or (side is None and re.search(r"^lowest|\blow(?:er)?\)?(?:\[|$)|^swing_low", level) is not None)
    if share:
        if (toward is not None and not base.extreme) or re.search(r"[-+*]", level):
            scan.at = start
            return None
        factor = 1 + (-1 if down else 1) * float(share["share"]) / 100
        return _finish(text, start, scan, say(f"close {'<=' if down else '>='} {factor:g} * {level}"), Noun("close"))
    reached = toward is not None and toward.group().strip().lower() in ("to", "into") and not word.startswith("break")
    if reached:
        told = f"{'low <=' if down else 'high >='} {level}"
    elif re.fullmatch(r"(?:(?:highest|lowest)\(.+\)|open|high|low|close)\[\d+\]", level):
        told = f"close {'<' if down else '>'} {level}"
    elif base.extreme:
        told = f"close {'<' if down else '>'} {put_back(level, 1)}"
    else:
        told = f"crosses_{'below' if down else 'above'}(close, {level})"
    return _finish(text, start, scan, say(told), Noun("close"))


def _read_level(scan: Scanner) -> Noun | None:
    """A price that words name."""
    noun = read_value(scan)
    known = noun is not None and not noun.number and not noun.price and not noun.percent
    return noun if known and noun is not None and not noun.scaled else None


CHART = re.compile(rf"\bon (?:the |an? )?(?:{FRAME})(?: charts?| bars?| time ?frame)?,?(?: the)?\s*$", re.IGNORECASE)


def _put_on_chart(text: str, clause: Clause | None) -> Clause | None:
    """`On the weekly chart the RSI is above 50`: the bars that are named before."""
    match = CHART.search(text[: clause.start]) if clause is not None and clause.expression else None
    frame = read_frame(match, text) if match else ""
    if clause is None or match is None or (not frame and match["word"] is None):
        return clause
    expression = clause.expression if "tf(" in clause.expression else put_on_frame(clause.expression, frame)
    return replace(clause, start=match.start(), expression=expression)


def _read_about(scan: Scanner, subject: Noun, start: int) -> Clause | None:
    """Read what is said of a value, or of two at once: `20-day and 60-day momentum are both positive`."""
    place = scan.at
    if scan.text[:start].endswith("("):
        scan.take(r"\)")
    scan.take(r"(?:that|which)(?= (?:is|has|was|turns?|crosses|closes|moves|rises|falls|stays))")
    condition = read_relation(scan, subject)
    if condition is None:
        scan.at = place
        longer = scan.take(rf"on (?:the |an? )?(?:{FRAME})(?: chart| bars?| time ?frame| candles?)?")
        if longer is not None:
            told = replace(subject, expression=put_on_frame(subject.expression, read_frame(longer, scan.text)))
            condition = read_relation(scan, told)
            subject = told if condition else subject
    if condition is None:
        scan.at = place
        second = read_value(scan) if scan.take(r"and(?: also)?|as well as") else None
        if second is not None and not _are_alike(subject, second, scan.text[scan.at :]):
            second = None
        after = scan.at
        one = read_relation(scan, subject) if second and not second.number else None
        scan.at = after
        other = read_relation(scan, second) if one and second else None
        condition = join(one, other) if one and other else None
    if condition is None:
        named = not subject.price and re.match(r"\s*[.,:;]", scan.text[place:])
        return Clause(start, place, "", subject=subject.expression) if named else None
    return _finish(scan.text, start, scan, condition, subject)


def _are_alike(one: Noun, other: Noun, behind: str) -> bool:
    """Tell whether one thing is said of two values: they are of one kind, or a verb in the plural follows."""
    plural = re.match(r"\s+(?:are|were|both|have|point|cross|turn|rise|fall|slope)\b", behind, re.IGNORECASE)
    return plural is not None or one.expression.split("(")[0] == other.expression.split("(")[0]


def _read_back(scan: Scanner, before: Clause) -> Condition | None:
    """`closes back inside`, `comes back above it`: the level of the clause before, from its other side."""
    start = scan.at
    away = re.fullmatch(r"(zscore\(.+\)) ([<>])=? -?[\d.]+", before.expression)
    if away and scan.take(r"(?:is |comes |gets |returns |reverts )?(?:back )?(?:at|to) (?:its|the) (?:mean|average)"):
        return say(f"{away[1]} {'>=' if away[2] == '<' else '<='} 0")
    verb = read_verb(scan)
    match = scan.take(
        rf"(?:(?P<side>{OVER}|{UNDER}|inside|through) (?:it|that|them|(?:the|that) (?:band|line|level|average))|inside(?: the"
        r" (?:bands?|channel))?)(?=[\s.,;:!?)]|$)"
    )
    if (
        match is None
        or not verb.said.strip()
        or not before.other
        or (re.fullmatch(r"-?[\d.]+", before.other) and before.subject == "close")
    ):
        scan.at = start
        return None
    under = "<" in before.expression or "below" in before.expression
    side = (match["side"] or "inside").lower()
    down = re.fullmatch(UNDER, side) is not None if side not in ("inside", "through") else not under
    crossing = verb.crossing or (verb.moving and "back" in verb.said)
    left, right = before.subject, before.other
    if crossing:
        return lambda ago: f"crosses_{'below' if down else 'above'}({put_back(left, ago)}, {put_back(right, ago)})"
    return lambda ago: f"{put_back(left, ago)} {'<' if down else '>'} {put_back(right, ago)}"


def _may_leave_out(text: str, start: int, before: Clause | None) -> bool:
    """Tell whether a clause may begin with its verb here: after a word that opens one, or joined to the clause before."""
    ahead = text[:start].rstrip().lower()
    if before is not None and text[before.end : start].strip(" ,").lower() in (
        "and",
        "but",
        "or",
        "yet",
        "and then",
        "but then",
        "and also",
        "then",
        "",
    ):
        return True
    return (
        ahead == ""
        or re.search(
            r"(?:\b(?:if|when|whenever|once|while|unless|until|after|buy|sell|exit|enter|longs?|shorts?|cover|only|out|in)|[:;.])$", ahead
        )
        is not None
    )


def _recall(scan: Scanner, before: Clause | None, *, both: bool = False) -> Noun | None:
    """The value that a clause without one is about: that of the clause before where a plain number follows, otherwise the price."""
    if both:
        return Noun(before.subject) if before is not None and before.other else None
    ahead = Scanner(scan.text, scan.at)
    verb = read_verb(ahead)
    side = read_side(ahead)
    other = read_value(ahead) if side or verb.crossing or ahead.take(r"(?:in )?between") else None
    plain = other is not None and other.number and not other.percent and not other.money
    if other is not None and (line := LINES_OF.search(other.expression)):
        if line[1] == "signal" and "macd" not in scan.text.lower():
            return None
        return Noun(other.expression[: line.start()] + LINES[line[1]])
    signed = side is None and ahead.take(r"(?:in(?:to)? )?(?:positive|negative)") is not None
    moves = side is None and (
        ahead.take(r"increasing|decreasing|(?:slop|point|trend|head)(?:s|ing) (?:up|down)(?:wards?)?|expanding|contracting") is not None
        or re.search(
            r"\b(?:rising|falling|turn\w* (?:up|down)|rises|falls|risen|fallen|climbing"
            r"|declining)\s*$",
            verb.said,
        )
        is not None
    )
    again = plain or signed or moves or (other is not None and other.own)
    if (
        before is not None
        and before.subject.startswith("(")
        and re.match(r"\s*(?:makes?|hits?|sets?|reaches)\b", scan.text[scan.at :], re.IGNORECASE)
    ):
        return Noun(before.subject)
    about_price = re.search(r"\b(?:clos|trad|open|end|finish)", verb.said) is not None
    same = (
        plain and before is not None and re.fullmatch(r"-?[\d.]+", before.other) is not None
    )  # `RSI falls below 20, then closes above 30`
    if before is not None and before.subject not in ("", "close") and again and (same or not about_price):
        return Noun(before.subject)
    return None if plain or signed or moves else Noun("close")


def _finish(text: str, start: int, scan: Scanner, condition: Condition, subject: Noun) -> Clause | None:
    """Read what stands behind a condition: how long, when, on which bars."""
    within, ago, frame, lasting, held = 1, 0, "", 0, 0
    while True:
        if match := scan.take(
            r"(?:for |on |during )?(?:at least |the last |the past |more than |a minimum of )?(?P<count>\d+|two|three|four"
            rf"|five) (?:consecutive |straight |successive )?{BARS}"
            r"(?P<row> in a row| running| straight| on end| in succession)?(?! ago)"
        ):
            told = match.group().strip().lower()
            count = read_small(match["count"])
            if not (match["row"] or told.startswith(("for", "on", "during")) or "consecutive" in told or "straight" in told):
                scan.at = match.start()
                break
            lasting = count + ("more than" in told)
        elif match := scan.take(
            r"(?:,? ?(?:at some point |at least once |any ?time |once ))?(?:with)?(?:in|during|over) (?:the |any of the"
            rf" )?(?:last|past|previous|prior|preceding) (?P<count>\d+|two|three|four|five) {BARS}"
        ):
            if re.search(r"\b(?:not|never)\b|n['’]t\b", text[start : match.start()], re.IGNORECASE):
                lasting = read_small(match["count"])  # on none of them
            else:
                within = read_small(match["count"])
        elif match := scan.take(
            r"on (?:at least )?(?P<hits>\d+|two|three|four|five) (?:out )?of the (?:last|past|previous) (?P<count>\d+|three"
            r"|four|five|six|seven) (?:days|bars|sessions|candles)"
        ):
            held, lasting = read_small(match["hits"]), read_small(match["count"])
        elif match := scan.take(
            rf"(?:(?P<count>\d+|two|three|four|five) (?P<unit>{BARS}|weeks?|months?)|an? (?P<one>week|month|year)) (?:ago|before|earlier)"
        ):
            ago = count_bars(str(read_small(match["count"])) if match["count"] else None, match["unit"] or match["one"])
        elif match := scan.take(
            r"yesterday|the (?:day|bar) before|on the (?:previous|prior|day before) ?(?:day|bar)?|the (?:previous|prior) (?:day|bar)"
        ):
            ago = 1
        elif match := scan.take(rf"on (?:the |a |an )?(?:{FRAME})(?: chart| bars?| time ?frame| basis| candles?| charts)?"):
            frame = read_frame(match, text)
        elif "crosses_" in condition(0) and (
            match := scan.take(rf"(?:while )?(?:still )?(?P<side>{OVER}|{UNDER}) (?P<zone>-?\d+(?:\.\d+)?)(?! ?(?:%|percent|[-]?day|bar))")
        ):
            zone = f"{subject.expression} {'<' if re.fullmatch(UNDER, match['side'], re.IGNORECASE) else '>'} {match['zone']}"
            condition = join(condition, say(zone))
        elif (away := read_by(scan, condition(0), subject)) is not None:
            condition = away
        elif (motion := re.fullmatch(r"(?:rising|falling)\((.+), (\d+)\)", condition(0))) and (
            match := scan.take(rf"from (?P<side>{OVER}|{UNDER}) (?P<zone>-?\d+(?:\.\d+)?|zero)")
        ):
            sign = "<" if re.fullmatch(UNDER, match["side"], re.IGNORECASE) else ">"
            zone = "0" if match["zone"].lower() == "zero" else match["zone"]
            condition = join(condition, say(f"{motion[1]}[{lasting or motion[2]}] {sign} {zone}"))
        elif not subject.price and (match := scan.take(rf"from (?P<side>{OVER}|{UNDER}) (?P<zone>-?\d+(?:\.\d+)?|zero)")):
            sign = "<" if re.fullmatch(UNDER, match["side"], re.IGNORECASE) else ">"
            zone = "0" if match["zone"].lower() == "zero" else match["zone"]
            condition = join(condition, say(f"{put_back(subject.expression, 1)} {sign} {zone}"))
        elif not scan.take(r"now|today|again|as well|too|on the day|on an? (?:closing|daily closing) basis|by (?:an?|one|1|a single) tick"):
            break
    expression = turn_on_frame(add_motions(condition(ago), text[start : scan.at]))
    if lasting:
        expression = f"count({write_as_state(expression)}, {lasting}) {'>=' if held else '=='} {held or lasting}"
    compared = find_other(condition(0), subject.expression)
    if lasting and re.search(r"\bafter\s*$", text[:start], re.IGNORECASE):
        expression = f"count({write_as_state(condition(0))}, {lasting})[1] {'>=' if held else '=='} {held or lasting}"
    return Clause(start, scan.at, put_on_frame(expression, frame), within, subject.expression, compared)
