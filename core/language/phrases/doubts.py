"""Phrases that are taken back: a short pattern inside a larger phrase that was not understood would say something else than the text."""

import re

from core.domain.workflow import Measure, Section
from core.language.phrases.choices import DISTANCE_IF, is_asked_behind
from core.language.phrases.fillers import ENDED, HARMLESS, TURNING, list_words
from core.language.phrases.found import Found
from core.language.phrases.habits import ALL_RULES
from core.language.phrases.half_told import NEAR, OF_A_PART, goes_on_later, has_unread_exception
from core.language.phrases.left_orders import is_of_one_bar, is_of_whole_trade, is_ordered_otherwise
from core.language.phrases.other_values import is_of_another_value, is_title
from core.language.phrases.sayings import PART
from core.language.spoken.instruments import STOCK

CUT = re.compile(
    r"[.;,:!?()]+(?:\s|$)|(?:^|\s)(?:and|or|but|then|if|when|whenever|while|provided|once|unless|until|because|so)(?=\s|$)", re.IGNORECASE
)
"""The end of a clause."""
SENTENCE = re.compile(r"[.;!?]+(?:\s|$)")
STATED = re.compile(
    r"[<>=]|\b(?:is|are|was|above|below|under|over|than|between|through|crosses"
    r"|crossing|rises|falls|rising|falling|touch\w*|bounces?|pull\w*"
    r"|turns?|gaps?|down|up|within|at least|closes|bullish|bearish|overbought|oversold)\b",
    re.IGNORECASE,
)
"""Words that make a phrase a statement of its own; a bare name of a level, a pattern or a time is none."""
LABELED = re.compile(r"\s*(?:rule|condition|criterion) [a-d1-4]:", re.IGNORECASE)
BARE = re.compile(r"(?:on )?(?:above|below|over|under|higher|lower|greater|less)\b", re.IGNORECASE)
"""Beginnings of a statement whose subject stands before it."""
INDICATOR = re.compile(
    r"\b(?:macd|histogram|rsi|stochastics?|%k|adx|cci|mfi|obv|atr|roc|volume"
    r"|vix|gap|bandwidth|momentum|ao|spread|ratio|breadth|yield|heikin)\b",
    re.IGNORECASE,
)
OF_PRICE = re.compile(
    r"(?:count\()?(?:falling|rising)\((?:close|high|low)\b|count\(close [<>] (?:open|close)|(?:close|low|high) [<>]=? |roc\(1\)"
)
NAMES_PRICE = re.compile(r"\b(?:price|close[sd]?|stock|market|days?|it|index|candles?)\b", re.IGNORECASE)
LOWER_HIGH = re.compile(r"\b(?:lower|higher) $", re.IGNORECASE)
ITSELF = re.compile(
    r"(?P<name>\w+) [<>]=? (?:[\d.]+ \* (?P=name)|(?P=name) [-+] .*)|near\((?P<one>\w+), (?P=one), [\d.]+\)"
    r"|[sewh]ma\(\d+\) [<>]=? (?:0|-[\d.]+)"
)
"""A value compared with a share of itself: a reference to what was not found."""
CONDITIONAL = re.compile(
    r"(?:^|[.;!?,:]\s*|\b(?:and|but)\s+)(?:if|when|whenever|once|after|unless|until|as soon as)\s+(?P<what>[^.;!?]*?),?\s*$", re.IGNORECASE
)
"""An open condition right before a rule."""
AT_THE_OPEN = re.compile(
    r"\b(?:at|on) (?:(?:the|tomorrow's|tomorrow at the) )?(?:next )?(?:day's )?open(?:ing)?\b[^.;]{0,30}?"
    r"\b(?:if|when|provided|as long as)(?: (?:it|there is|we have))?\s*$",
    re.IGNORECASE,
)
"""An order for an opening, right before what is asked of it."""
OPENING = re.compile(r"(?:it|that|(?:the |tomorrow's )?open(?:ing)?(?: price)?)\b|(?:a )?gap(?:s|ped)?\b", re.IGNORECASE)
"""A statement about that opening, which no row can read before it is there: a limit on open is the one order that waits for it."""
LEAVING = re.compile(r"\b(?:sell|exit|out|leave|cover|close (?:it|out|the|all)|hold|holding|flat|time)\b", re.IGNORECASE)
BEGINS = re.compile(r",? (?:only |but only )?(?:once|after|when|as soon as) (?:the |my |we |i |it |price )", re.IGNORECASE)
"""Words behind a trail for what it waits for."""
ADDS = re.compile(r"\badd(?:ing|ed|s)?\b|\b(?:each|every) (?:new|additional|further)\b|\banother\b", re.IGNORECASE)
PART_OF = re.compile(r"\b(?:half|third|quarter)(?: of)?(?: it| the position| my position)?\s*$", re.IGNORECASE)
EARLIEST = re.compile(r"\b(?:not (?:before|until|earlier than)|minimum(?: of)?|no (?:sooner|earlier) than)\s*$", re.IGNORECASE)
PART_BEFORE = re.compile(
    rf"{PART_OF.pattern}|\b(?:sell|exit|close|cover|take)(?: off)? \d+ ?%(?: of (?:it|the position|my position))?\s*$", re.IGNORECASE
)
PART_WHEN = re.compile(r"\b(?:half|third|quarter)(?: of)?(?: it| the position| my position)? (?:when|if|once|at|on)\s*$", re.IGNORECASE)
OTHER_SHARE = re.compile(
    r"\b(?:other|another|remaining|next) \d+ ?%(?: of (?:it|the position|my position))? (?:when|if|once|at|on)\s*$", re.I
)
PART_BEHIND = re.compile(
    r"[\s,]*(?:i |we |then )*(?:sell|exit|close|cover|take)(?: off)? (?:another |an? |one )?(?:half|third|quarter)\b", re.IGNORECASE
)
PARTS = re.compile(r"\b(?:half|third|quarter)\b", re.IGNORECASE)
GUARDED = ("trailing_stop", "break_even", "time_stop", "take_profit", "partial_exit")
"""Rules that change their meaning with the condition on which they begin."""


LONE = re.compile(
    r"chandelier(?: exit| stop)?|[$€£] ?\d[\d,]*|(?:\d[\d,]*|two|three|four|five) (?:shares|units|contracts|coins)"
    r"|(?:for|after|within|or|or after|or for) (?:\d+|two|three|four|five|six|seven|eight|nine|ten) (?:trading )?"
    r"(?:bars?|days?|sessions?|candles?|hours?|weeks?|months?)|(?:at|with|after|on) (?:an? )?\d+(?:\.\d+)? ?(?:%"
    r"|percent|r) (?:profit|gain)",
    re.IGNORECASE,
)
"""An amount or a time alone: the words around it say what it is for."""
OF_ONE_SIDE = re.compile(r" (?:for|on) (?:the )?(?:longs?|shorts?|buys?|sells?)\b", re.IGNORECASE)
PAID = re.compile(r"\b(?:invest|buy|put in) $", re.IGNORECASE)
COMPUTED = re.compile(r"\)? ?[/*×÷] ?[\w(]|\)? per (?:n|atr|r)\b", re.IGNORECASE)
OF_THAT = re.compile(r" (?:that|which|where) (?!i\b|we\b)", re.IGNORECASE)
OF_SOMETHING = re.compile(r" of (?!the day\b|equity|my )", re.IGNORECASE)
IMPOSSIBLE = re.compile(
    r"crosses_above\((?:close|open), high\)|crosses_below\((?:close|open), low\)|(?:close|open) > high|(?:close|open) < low"
    r"|between\([a-z]+, [\d.]+, [\d.]+ \* [^,]+\)"
)
"""Comparisons that no bar can fulfill with its own high or low: those of another bar, or of a range, were meant."""
OF_A_RANGE = re.compile(r" of (?:[\w']+ ){0,4}(?:range|candle|bar|gap|height|width|channel|body|atr|move)\b", re.IGNORECASE)
BEYOND = re.compile(r" ?(?:minus|plus|less|[-+–]) ?(?:\d|half)", re.IGNORECASE)


def drop_doubtful(text: str, found: list[Found]) -> list[Found]:
    """Take back what stands inside a phrase that was not understood as a whole; the words are named with it."""
    while True:
        kept = [each for each in found if not _is_doubtful(text, each, found)]
        if len(kept) == len(found):
            return kept
        found = kept


def _is_doubtful(text: str, phrase: Found, found: list[Found]) -> bool:
    if phrase.side is not None and phrase.side.share:
        place = next(number for number, each in enumerate(found) if each is phrase)
        return not any(each.expression for each in found[place + 1 : place + 2])  # another size, without its condition
    told = phrase.rule[3][0] if phrase.rule and phrase.rule[3] else phrase.expression
    if "bbands(20, 2)" in told and OTHER_BANDS.search(text) and not re.search(r"boll|\bbb", text[phrase.start : phrase.end], re.IGNORECASE):
        return True  # a line of what is not known
    before = text[max((each.end for each in found if each.end <= phrase.start), default=0) : phrase.start]
    if phrase.rule:
        if phrase.rule[1] == "time_stop" and re.match("within", text[phrase.start : phrase.end], re.IGNORECASE):
            return not LEAVING.search(SENTENCE.split(text[: phrase.start])[-1])
        around = f"{_find_unread_before(text, phrase, found)} {_find_unread_behind(text, phrase, found)}"
        if phrase.rule[1] == "time_stop" and EARLIEST.search(text[: phrase.start]):
            return True  # it is held so long at least
        if phrase.rule[1] in ("time_stop", "flat_at_close") and PART_BEFORE.search(text[: phrase.start]):
            return True  # a part leaves then
        if phrase.rule[1] == "trailing_stop" and (BEGINS.match(text, phrase.end) or re.search(r"\bactivat", around, re.IGNORECASE)):
            return True  # it begins where it is told, and not at once
        if phrase.rule[1] == "pyramiding" and ADDS.search(around):
            return True  # it is added to on something else than the entry's signal
        if phrase.rule[1] == "pyramiding" and re.match("add|pyramid|scale", text[phrase.start : phrase.end], re.IGNORECASE):
            return bool(list_words(CUT.split(text[phrase.end :])[0]))
        if phrase.rule[0] is Section.RISK and not phrase.one_side and OF_ONE_SIDE.match(text, phrase.end):
            return True  # another one holds for the other side
        said = text[phrase.start : phrase.end].strip()
        if LONE.fullmatch(said) and not (said[0] in "$€£" and PAID.search(text[: phrase.start])) and _list_beside(text, phrase, found):
            return True
        if phrase.rule[1] in ("stop_order", "limit_order") and OF_SOMETHING.match(text, phrase.end):
            return True  # the high of what is not known
        if COMPUTED.match(text, phrase.end) and phrase.rule[0] is Section.SIZING:
            return True  # a part of a sum
        if phrase.rule[2] is Measure.PRICE and OF_THAT.match(text, phrase.end):
            return True  # of a bar that is told behind it
        if phrase.rule[1] == "stop_loss" and re.search(r"\btrailing\s*$", before, re.IGNORECASE):
            return True  # it moves
        if phrase.rule[1] in ("stop_loss", "take_profit") and (BEYOND.match(text, phrase.end) or OF_A_RANGE.match(text, phrase.end)):
            return True  # so far beyond it
        if phrase.rule[0] is Section.RISK and has_unread_exception(text, phrase, found):
            return True  # it holds only where something is so that was not understood
        if is_asked_behind(text, phrase, found):
            return True  # another one holds where that is not so
        asked = CONDITIONAL.search(before)
        return phrase.rule[1] in GUARDED and asked is not None and bool(list_words(asked["what"]))
    if phrase.expression and DISTANCE_IF.search(before):
        return True  # asked of the distance of a stop or a target
    if phrase.expression and not phrase.expression.startswith("skip(") and _is_defined_behind(text, phrase, found):
        return True
    if phrase.expression and any(asks(text, phrase, found) for asks in (is_ordered_otherwise, is_of_one_bar, is_of_whole_trade)):
        return True
    if phrase.expression and OF_A_PART.search(before):
        return True  # a part is traded there, or what follows is counted from something else
    if phrase.expression and re.search(r"(?:[/*]|\b(?:minus|plus))\s*$", text[: phrase.start]):
        return True  # a part of a sum or product
    if phrase.expression and re.match(r" ?[-+*/] ?\d", text[phrase.end :]):
        return True  # a part of a sum
    if phrase.expression and re.search(r"\bgap(?:s|ped)? (?:up|down)\s*$", before, re.IGNORECASE):
        return True  # how far the gap is
    if phrase.expression and (_is_named_apart(text, phrase) or _asks_of_the_opening(text, phrase)):
        return True
    if not phrase.expression or not re.match(r"[a-zA-Z_(]+.*[<>=(]|[a-z_ ]+$", phrase.expression) or phrase.expression.startswith("skip("):
        return False
    if is_of_another_value(text, phrase, before):
        return True
    if ITSELF.fullmatch(phrase.expression) or IMPOSSIBLE.fullmatch(phrase.expression) or LOWER_HIGH.search(text[: phrase.start]):
        return True
    if (
        INDICATOR.search(_find_unread_before(text, phrase, found))
        and OF_PRICE.match(phrase.expression)
        and not NAMES_PRICE.search(text[phrase.start : phrase.end])
    ):
        return True  # it is said of that indicator
    if OF_PRICE.match(phrase.expression) and re.match(r"it\b", text[phrase.start :], re.IGNORECASE) and _follows_ratio(phrase, found):
        return True  # it is the ratio
    if (
        OF_PRICE.match(phrase.expression)
        and re.search(r"\bafter(?: at least)?\s*$", before, re.IGNORECASE)
        and _follows_indicator(phrase, found)
    ):
        return True  # bars of the indicator
    behind = text[phrase.end : min((each.start for each in found if each.start >= phrase.end), default=len(text))]
    beside = [*list_words(CUT.split(before)[-1] or ""), *list_words(CUT.split(behind)[0] or "")]
    said = text[phrase.start : phrase.end]
    unread = _find_unread_before(text, phrase, found)
    if SPREAD.search(unread) or (FRAMED.search(unread) and "tf(" not in phrase.expression):
        return True  # between two values, or of longer bars
    part = PART_BEHIND.match(text, phrase.end)
    if part and not any((each.rule or each.expression.startswith(PART)) and phrase.end <= each.start < part.end() for each in found):
        return True  # a part leaves there
    if OTHER_SHARE.search(before) or (PART_WHEN.search(before) and len(PARTS.findall(text)) > 1):
        return True  # a part is bought or sold there
    if PART_OF.search(before) and LEAVING.search(SENTENCE.split(text[: phrase.start])[-1]):
        return True  # a part leaves there, and not all of it
    if re.search(r"\b(?:with )?each\s*$", before, re.IGNORECASE) and OF_PRICE.match(phrase.expression):
        return True  # said of several bars
    if is_title(text, phrase) and not STATED.search(said):
        return True
    if re.match(r"atrs?\b", said, re.IGNORECASE) and re.search(r"\d ?x? ?$", text[: phrase.start]):
        return True  # a distance, and no value
    if re.match(r"\s*(?:that|which) (?:is|are|has|have|was|does)\b", behind) and any(word not in HARMLESS for word in list_words(behind)):
        return True  # more is asked of it
    if re.search(r"\bthat$", said) and re.match(r" (?:first|last|previous|initial|second)\b", behind):
        return True  # so far from an earlier fill
    if "(high - low)" in phrase.expression and OTHER_RANGE.search(text) and re.match(r"(?:the )?range\b", said, re.IGNORECASE):
        return True  # the range of several bars
    if any(each.rule and each.start == phrase.end + 1 and text[each.start].isdigit() for each in found):
        return True  # so much of it: `price falls 10% from ...`
    if re.match(r"(?:is|are|closes|trades|stays)\b", said) and re.search(r"\b[A-Z]{2,5} $", before) and STOCK.search(text):
        return True  # of another instrument than the stock
    if re.match(r"[A-Z]{2,5}\b", said) and OTHER_MARKET.search(text[: phrase.start]):
        return True  # of the market, beside what is traded
    if re.match(r"\d", said) and re.search(r"\b(?:above|below|over|under|than)\s*$", before, re.IGNORECASE):
        return True  # the number of a statement before
    if re.search(r"\b(?:ratio|spread)\b", said, re.IGNORECASE) and not re.search(r"other\(|[a-z)] / ", phrase.expression):
        return True  # no price
    if re.match(r"yesterday\b", said, re.IGNORECASE) and re.search(r"\bday before\s*$", before, re.IGNORECASE):
        return True  # the day before that
    if (others := re.search(r"\b([A-Z]{2,5}) (?:and|or) ([A-Z]{2,5})\b", said)) and not any(
        name.lower() in phrase.expression.lower() for name in others.groups()
    ):
        return True  # other instruments
    if re.match(r"[A-Z]{2,5}\)", said):
        return True  # the value before the parenthesis is another one
    if re.match(r"(?:no|not) (?:more|less) than|(?:more|less) than", said, re.IGNORECASE) and COUNTED.match(behind):
        return True  # so many of something
    if AGO.match(behind) or MEASURED.match(behind) or OF_FIRST_BAR.match(behind) or OF_FRAME.search(before):
        return True  # against another value, later, or of other bars
    if phrase.expression.startswith("changed(") and re.match(r"\s*(?:or more )?in (?:one|a|a single|the) (?:day|bar|session)\b", behind):
        return True  # of that bar, and not since the entry
    if _is_of_another_clause(text, phrase, found):
        return True
    if BARE.match(said.strip()):
        subject = list_words(re.split(r"[.;,:!?()]+(?:\s|$)", before)[-1])
        if [word for word in subject if word not in HARMLESS]:
            return True
    following = min((each.start for each in found if each.start >= phrase.end and each.side is None), default=len(text))
    if phrase.expression.startswith("minute_of_day ==") and CLOSED.search(before):
        return True
    if CALENDAR.match(phrase.expression) and (
        _asks_more(behind) or _asks_more(re.sub(r"^\W*(?:buy|sell|go long|go short)", "", text[phrase.end : following]))
    ):
        return True  # a moment without what is asked at it
    if re.match(r"(?:close|high|low) [<>]=? (?:highest|lowest)\(", phrase.expression) and _goes_on(behind):
        return True
    if re.match(r"(?:close|high|low) [<>]=? (?:highest|lowest)\(", phrase.expression) and NEAR.search(before):
        return True  # no break of it
    if re.match(r"roc\(1\)|changed\(", phrase.expression) and re.search(r"\bagain\b[^.;]*$", text[: phrase.start], re.IGNORECASE):
        return True  # since the purchase before
    if STATED.search(said):
        if re.match(r"\s*(?:by |for )?(?:another|an? (?:further|additional)|further|more) \d", behind, re.IGNORECASE):
            return True  # so much from where it stands
        if re.match(r"\s*(?:from|off|since)\b", behind) and re.match(r"roc\(|changed\(", phrase.expression):
            return True  # measured from elsewhere
        return any(word in TURNING for word in beside) or _goes_on(behind) or goes_on_later(text, phrase, found)
    return any(word not in HARMLESS for word in beside)


AGO = re.compile(
    r"\s*(?:\d+|two|three|four|five|ten) (?:trading )?(?:days|bars|candles|weeks|sessions|months) (?:ago|earlier|before)\b", re.IGNORECASE
)
COUNTED = re.compile(r" (?!and\b|or\b|but\b|for\b|then\b|when\b|if\b|on\b|after\b|in\b)[a-z]", re.IGNORECASE)
SPREAD = re.compile(r"\b(?:spread|difference|distance) (?:between|of)\b[^,]*$", re.IGNORECASE)
FRAMED = re.compile(r"\b(?:hourly|daily|weekly|monthly|\d+[- ]?h(?:our)?)[\s(]*$", re.IGNORECASE)
OF_FIRST_BAR = re.compile(r"\s*(?:in|on|of|during) the first (?:\d+[- ]?min(?:ute)?s? )?(?:bar|candle)\b", re.IGNORECASE)
OF_FRAME = re.compile(
    r"\b(?:\d+[- ]?(?:hours?|h|min(?:ute)?s?)|weekly|monthly|for every [\d.]+ ?% (?:that|which))\s*(?:the )?$", re.IGNORECASE
)
MEASURED = re.compile(
    r"\s*(?:on both\b|of (?:the (?:last|past) )?\d+ (?:days|bars|candles|periods|weeks)\b"
    r"|(?:of|on) the (?:\d+[- ]?(?:hours?|h|min(?:ute)?s?)|daily|weekly|monthly|hourly)\b|for the first time\b"
    r"|(?:compared|relative|measured|versus|vs\.?)\b"
    r"|for (?:at least |about )?\w+ (?:consecutive |straight"
    r" )?(?:weeks|months|days|bars|candles|hours)\b|(?:within|in) (?:the (?:next|following) |\w+ (?:bars|days|candles"
    r"|sessions|closes)\b(?! (?:of|ago)))|at (?:noon"
    r"|\d{1,2}:\d\d)(?: compared| relative| than| versus)\b)",
    re.IGNORECASE,
)
OTHER_BANDS = re.compile(r"\b(?:regression|trend|price|std|parallel) channel|envelopes?\b|pitchfork|deviation channel", re.IGNORECASE)
MAIN = re.compile(r"(?P<main>[^,;:]*?)\b(?:when(?:ever)?|if|once|as soon as)\s*(?:the |its |it |price )?$", re.IGNORECASE)
ASKED = re.compile(r"\s*(?:if|when(?:ever)?|once|as soon as)\b", re.IGNORECASE)


def _is_of_another_clause(text: str, phrase: Found, found: list[Found]) -> bool:
    """Tell a condition of something that was not understood: `I want more leverage when A`, `if A, lock in 1%`."""
    start = phrase.start - len(SENTENCE.split(text[: phrase.start])[-1])
    end = phrase.end + len(SENTENCE.split(text[phrase.end :])[0])
    inside = [each for each in found if start <= each.start < end]
    if any(each.side is not None or each.rule is not None for each in inside):
        return False
    led = MAIN.search(_find_unread_before(text, phrase, found))
    if led is not None and any(word not in HARMLESS | ENDED for word in list_words(led["main"])):
        return True
    behind = text[max(each.end for each in inside) : end]
    return ASKED.match(text, start) is not None and any(word not in HARMLESS | ENDED for word in list_words(behind))


OTHER_MARKET = re.compile(r"\b(?:market|index|broad market) (?:regime )?filter:? $", re.IGNORECASE)
OTHER_RANGE = re.compile(
    r"\b(?:session|asian?|london|opening|morning|overnight|night|tokyo|hour|box) range\b|\brange (?:of|from|between) ", re.IGNORECASE
)
DEFINED = re.compile(r" ?\((?!e\.g|i\.e|bullish|bearish)(?P<what>[^()]*\d[^()]*)\)", re.IGNORECASE)


def _is_defined_behind(text: str, phrase: Found, found: list[Found]) -> bool:
    """Tell a value whose lengths stand in parentheses behind it and were not read: `above average volume (50 day)`."""
    match = DEFINED.match(text, phrase.end)
    if match is None or any(each.start < match.end() and match.start() < each.end for each in found):
        return False
    numbers = re.findall(r"\d+(?:\.\d+)?", match["what"])
    return any(not re.search(rf"(?<![\d.]){float(number):g}(?![\d.])", phrase.expression) for number in numbers)


def _list_beside(text: str, phrase: Found, found: list[Found]) -> list[str]:
    """The words of the clause around a phrase that belong to no other one, and are not harmless."""
    before = text[max((each.end for each in found if each.end <= phrase.start), default=0) : phrase.start]
    behind = text[phrase.end : min((each.start for each in found if each.start >= phrase.end), default=len(text))]
    words = [*list_words(CUT.split(before)[-1] or ""), *list_words(CUT.split(behind)[0] or "")]
    return [word for word in words if word not in HARMLESS | ENDED]


CLOSED = re.compile(r"\b(?:clos(?:e|ed|ing)|out|flat|by|before|until|cancel\w*)(?: \w+){0,2}\s*$", re.IGNORECASE)
"""Words right before a moment for something that ends then."""
CALENDAR = re.compile(
    r"(?:minute_of_day == time\(\d+, \d+(?:, \"[\w/]+\")?\)|(?:weekday|month|trading_day_of_month) == \d+|month end|(?:first"
    r"|last)[ _]trading[ _]day[ _]of(?: the)?[ _]month)$"
)


def _asks_more(behind: str) -> bool:
    """Tell whether a condition that was not understood follows at once: `at 10:00 if the first half hour's return is positive`."""
    asked = re.match(r"\s*,?\s*(?:only )?(?:if|when|provided)\b(?P<what>[^.;]*)", behind, re.IGNORECASE)
    return asked is not None and any(word not in HARMLESS for word in list_words(asked["what"]))


THEN = re.compile(r"(?:^|,|\s)\s*(?:and |but )?(?:then|(?:the )?next (?:candle|bar)) (?P<what>[^.;!?]+)", re.IGNORECASE)


def _goes_on(behind: str) -> bool:
    """Tell whether a statement goes on with `then` and words that were not understood: alone it would be the half of a sequence."""
    then = THEN.search(SENTENCE.split(behind)[0])
    return then is not None and any(word not in HARMLESS for word in list_words(then["what"]))


def _find_before(phrase: Found, found: list[Found]) -> str:
    """The expression of the statement before a phrase; empty where there is none."""
    return max(
        (each for each in found if each.expression and each.end <= phrase.start), key=lambda each: each.end, default=Found(0, 0)
    ).expression


def _follows_ratio(phrase: Found, found: list[Found]) -> bool:
    """Tell whether the statement before is about a ratio of two instruments."""
    return _find_before(phrase, found).startswith("(close / other")


def _follows_indicator(phrase: Found, found: list[Found]) -> bool:
    """Tell whether the statement before is about an indicator, and not about a price."""
    return re.match(r"(?:crosses_\w+\()?(?:macd|rsi|stoch|cci|adx|mfi|obv|roc)\b", _find_before(phrase, found)) is not None


def _find_unread_before(text: str, phrase: Found, found: list[Found]) -> str:
    """The words of the sentence before a phrase that belong to no other one."""
    start = phrase.start - len(SENTENCE.split(text[: phrase.start])[-1])
    kept = ""
    for each in sorted((one for one in found if start <= one.start < phrase.start), key=lambda one: one.start):
        kept += text[start : each.start] + " "
        start = max(start, each.end)
    return kept + text[start : phrase.start]


def _find_unread_behind(text: str, phrase: Found, found: list[Found]) -> str:
    """The words of the sentence behind a phrase that belong to no other one."""
    end = phrase.end + len(SENTENCE.split(text[phrase.end :])[0])
    kept, start = "", phrase.end
    for each in sorted((one for one in found if phrase.end <= one.start < end), key=lambda one: one.start):
        kept += text[start : each.start] + " "
        start = max(start, each.end)
    return kept + text[start:end]


def _is_named_apart(text: str, phrase: Found) -> bool:
    """True for a rule that is called by a letter, unless the text asks for all of them together: where it counts is told later."""
    return LABELED.match(SENTENCE.split(text[: phrase.start])[-1]) is not None and re.search(ALL_RULES, text, re.IGNORECASE) is None


def _asks_of_the_opening(text: str, phrase: Found) -> bool:
    """True for `buy at the open if it is above X`: read on a close, it would be asked of another price."""
    return AT_THE_OPEN.search(text[: phrase.start]) is not None and OPENING.match(text[phrase.start :]) is not None
