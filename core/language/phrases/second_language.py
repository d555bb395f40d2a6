"""English as it is written by people who think in another language, and the words of the phrases for it. Put in by `wording`."""

_COUNT = r"\d+|two|three|four|five"
_SIZE = r"\d+(?:\.\d+)? ?(?:%|percent)"
_HAVE = r"(?:have|win|gain|earn|make|get|reach|am (?:up|winning))"
_OUT = r"(?P<lead>(?:^|(?<=[.;,:] ))(?:or )?|\bor |\b(?:sell|exit|close|cover|out)(?: it| the position| the trade)? )"
SECOND_LANGUAGE: tuple[tuple[str, str], ...] = (
    (
        r"\b(?:i am|i'm|we are|we're) (?P<verb>buy|sell|enter|exit|cover|short)ing"
        r"(?= (?:when|if|once|after|at|on|only|the|an?|it|long|short)\b)",
        r"\g<verb>",
    ),
    (
        r"\b(?:i|we) (?:make|do|open|place|put) (?:an? )?(?:buy|purchase|long)(?: (?:operation|order|trade|entry|position))?"
        r"(?= (?:when|if|once|after)\b)",
        "buy",
    ),
    (r"\b(?:i|we) (?:go|get|come) in(?:to)?(?: the (?:market|trade))?(?= (?:when|if|once)\b)", "buy"),
    (r"\b(?:i|we) (?:go|get|come) out(?: (?:of )?(?:the (?:market|trade)|it))?(?= (?:when|if|once|after)\b)", "exit"),
    (r"\b(?P<which>the|my|this|each|one|every) operations?\b", r"\g<which> trade"),
    (
        rf"\b(?:the )?(?:price|close|market|stock) (?:is )?(?:going|goes|moving|coming|falling|falls|drops) down (?:for |since |during )?"
        rf"(?P<count>{_COUNT}) (?:days|bars|candles)(?: consecutive(?:ly)?| in a row| followed)?\b(?! ago)",
        r"\g<count> consecutive lower closes",
    ),
    (
        rf"\b(?:the )?(?:price|close|market|stock) (?:is )?(?:going|goes|moving|coming|rising|climbs) up (?:for |since |during )?"
        rf"(?P<count>{_COUNT}) (?:days|bars|candles)(?: consecutive(?:ly)?| in a row| followed)?\b(?! ago)",
        r"\g<count> consecutive higher closes",
    ),
    (
        rf"\b(?P<count>{_COUNT}) (?P<color>(?:green|red|up|down|bullish|bearish) )?(?P<unit>days|bars|candles|closes)"
        r" (?:consecutive(?:ly)?|followed|continuous(?:ly)?)\b(?! by)",
        r"\g<count> consecutive \g<color>\g<unit>",
    ),
    (r"\b(?:the )?double (?:of|than) (?:the |its )?(?=(?:average|normal|usual|mean|\d))", "twice the "),
    (r"\b(?:the )?triple (?:of|than) (?:the |its )?(?=(?:average|normal|usual|mean|\d))", "3 times the "),
    (
        r"\b(?P<kind>(?:simple |exponential |moving )*average)(?: of)? (?P<count>\d{1,3})"
        r" (?P<unit>day|bar|period|candle|session)s\b(?! ago)",
        r"\g<count>-\g<unit> \g<kind>",
    ),
    (r"\b(?:mobile average|average mobile|media mobile)\b", "moving average"),
    (r"\b(?:superior|major|bigger) (?:than|to|of)\b|\b(?:above|over) (?:of|than|from)\b(?= )", "above"),
    (r"\b(?:inferior|minor|smaller) (?:than|to|of)\b|\b(?:under|below) (?:of|than)\b(?= )", "below"),
    (r"\b(?P<side>above|below|over|under) from (?=the |my |its |\d|[sewh]ma\b|rsi\b)", r"\g<side> "),
    (rf"{_OUT}(?:if|when|once) (?:i|we) {_HAVE} (?:an? )?(?P<far>{_SIZE})(?: (?:of )?(?:benefit|profit|gain|win)s?)?(?=[.,;]|$| or\b)",
     r"\g<lead>take profit \g<far>"),
    (rf"{_OUT}(?:if|when|once) (?:i|we) (?:lose|am losing|lost|have lost) (?:an? )?(?P<far>{_SIZE})(?=[.,;]|$| or\b)",
     r"\g<lead>stop loss \g<far>"),
    (r"\binferior (?P<kind>(?:bollinger |keltner |donchian )?(?:band|line))\b", r"lower \g<kind>"),
    (r"\bsuperior (?P<kind>(?:bollinger |keltner |donchian )?(?:band|line))\b", r"upper \g<kind>"),
    (r"\b(?P<band>(?:lower|upper|middle|mid) (?:band|line)) of (?:the )?bollinger(?: bands?)?\b", r"\g<band>"),
    (r"\barrives? (?:to|at) (?=\d|the |its )", "reaches "),
    (r"(?<=%) (?:of )?(?:benefits?|winnings?)\b", " profit"),
    (r"\bbenefit of (?=\d)", "profit of "),
    (r"\bmaximal(?:ly)?\b", "maximum"),
    (r"\bminimal(?:ly)?\b", "minimum"),
    (r"\bactual (?=(?:price|close|candle|bar|volume)\b)", "current "),
)  # fmt: skip
"""Words as they are written, and those for them, one after the other."""
