"""Candle patterns: 1 on the bar that completes the shape, else 0. Shapes only; whether a trend precedes them is another row's condition."""

from dataclasses import dataclass

from core.language.catalogue.indicator import Indicator, IndicatorGroup, OutputLine, Param, Unit

BAR_TEMPLATE = "o{n}, h{n}, l{n}, c{n} = self.data.open[{at}], self.data.high[{at}], self.data.low[{at}], self.data.close[{at}]"


@dataclass(frozen=True, slots=True)
class _Shape:
    """One pattern: how many bars it needs and what must hold; o, h, l, c are this bar, o1.. one bar before, o2.. two before."""

    name: str
    class_name: str
    title: str
    explanation: str
    bars: int
    test: str
    article: str = "a"
    """Article before its name in a sentence; empty for a name in the plural."""


SHAPES = (
    _Shape("doji", "Doji", "Doji", "Open and close are nearly equal: indecision.", 1, "h > l and abs(c - o) <= 0.1 * (h - l)"),
    _Shape(
        "hammer",
        "Hammer",
        "Hammer",
        "Small body at the top of a bar with a long lower shadow: buyers came back.",
        1,
        "h > l and min(o, c) - l >= 2 * abs(c - o) and h - max(o, c) <= 0.15 * (h - l) and min(o, c) - l >= 0.5 * (h - l)",
    ),
    _Shape(
        "shooting_star",
        "ShootingStar",
        "Shooting star",
        "Small body at the bottom of a bar with a long upper shadow: sellers came back.",
        1,
        "h > l and h - max(o, c) >= 2 * abs(c - o) and min(o, c) - l <= 0.15 * (h - l) and h - max(o, c) >= 0.5 * (h - l)",
    ),
    _Shape(
        "marubozu_up",
        "MarubozuUp",
        "Rising marubozu",
        "A rising bar that is nearly all body.",
        1,
        "h > l and c - o >= 0.9 * (h - l)",
    ),
    _Shape(
        "marubozu_down",
        "MarubozuDown",
        "Falling marubozu",
        "A falling bar that is nearly all body.",
        1,
        "h > l and o - c >= 0.9 * (h - l)",
    ),
    _Shape(
        "bullish_engulfing",
        "BullishEngulfing",
        "Bullish engulfing",
        "A rising body that covers the falling body of the bar before.",
        2,
        "c1 < o1 and c > o and o <= c1 and c >= o1 and c - o > o1 - c1",
    ),
    _Shape(
        "bearish_engulfing",
        "BearishEngulfing",
        "Bearish engulfing",
        "A falling body that covers the rising body of the bar before.",
        2,
        "c1 > o1 and c < o and o >= c1 and c <= o1 and o - c > c1 - o1",
    ),
    _Shape(
        "bullish_harami",
        "BullishHarami",
        "Bullish harami",
        "A rising body inside the falling body of the bar before.",
        2,
        "c1 < o1 and c > o and o >= c1 and c <= o1 and c - o < o1 - c1",
    ),
    _Shape(
        "bearish_harami",
        "BearishHarami",
        "Bearish harami",
        "A falling body inside the rising body of the bar before.",
        2,
        "c1 > o1 and c < o and o <= c1 and c >= o1 and o - c < c1 - o1",
    ),
    _Shape(
        "piercing_line",
        "PiercingLine",
        "Piercing line",
        "After a falling bar, a rising one that opens lower and closes above the middle of the body before.",
        2,
        "c1 < o1 and c > o and o < c1 and (o1 + c1) / 2 < c < o1",
    ),
    _Shape(
        "dark_cloud_cover",
        "DarkCloudCover",
        "Dark cloud cover",
        "After a rising bar, a falling one that opens higher and closes below the middle of the body before.",
        2,
        "c1 > o1 and c < o and o > c1 and o1 < c < (o1 + c1) / 2",
    ),
    _Shape("inside_bar", "InsideBar", "Inside bar", "High and low lie within the bar before.", 2, "h <= h1 and l >= l1", "an"),
    _Shape("outside_bar", "OutsideBar", "Outside bar", "High and low lie beyond the bar before.", 2, "h > h1 and l < l1", "an"),
    _Shape("gap_up", "GapUp", "Gap up", "The low lies above the high of the bar before.", 2, "l > h1"),
    _Shape("gap_down", "GapDown", "Gap down", "The high lies below the low of the bar before.", 2, "h < l1"),
    _Shape(
        "tweezer_bottom",
        "TweezerBottom",
        "Tweezer bottom",
        "A falling and a rising bar with nearly the same low.",
        2,
        "c1 < o1 and c > o and abs(l - l1) <= 0.05 * max(h - l, h1 - l1)",
    ),
    _Shape(
        "tweezer_top",
        "TweezerTop",
        "Tweezer top",
        "A rising and a falling bar with nearly the same high.",
        2,
        "c1 > o1 and c < o and abs(h - h1) <= 0.05 * max(h - l, h1 - l1)",
    ),
    _Shape(
        "bullish_reversal",
        "BullishReversal",
        "Bullish key reversal",
        "A lower low than the bar before, but a close above its high.",
        2,
        "l < l1 and c > h1",
    ),
    _Shape(
        "bearish_reversal",
        "BearishReversal",
        "Bearish key reversal",
        "A higher high than the bar before, but a close below its low.",
        2,
        "h > h1 and c < l1",
    ),
    _Shape(
        "morning_star",
        "MorningStar",
        "Morning star",
        "A long falling bar, a small body below it, and a rising bar that closes above the middle of the first.",
        3,
        "o2 - c2 >= 0.5 * (h2 - l2) > 0 and abs(c1 - o1) <= 0.3 * (o2 - c2) and max(o1, c1) <= c2 and c > o and c > (o2 + c2) / 2",
    ),
    _Shape(
        "evening_star",
        "EveningStar",
        "Evening star",
        "A long rising bar, a small body above it, and a falling bar that closes below the middle of the first.",
        3,
        "c2 - o2 >= 0.5 * (h2 - l2) > 0 and abs(c1 - o1) <= 0.3 * (c2 - o2) and min(o1, c1) >= c2 and c < o and c < (o2 + c2) / 2",
        "an",
    ),
    _Shape(
        "three_white_soldiers",
        "ThreeWhiteSoldiers",
        "Three white soldiers",
        "Three rising bars, each opening within the body before and closing higher, near its high.",
        3,
        "c2 > o2 and c1 > o1 and c > o and o2 < o1 <= c2 < c1 and o1 < o <= c1 < c "
        "and h1 - c1 <= 0.3 * (h1 - l1) and h - c <= 0.3 * (h - l)",
        "",
    ),
    _Shape(
        "three_black_crows",
        "ThreeBlackCrows",
        "Three black crows",
        "Three falling bars, each opening within the body before and closing lower, near its low.",
        3,
        "c2 < o2 and c1 < o1 and c < o and o2 > o1 >= c2 > c1 and o1 > o >= c1 > c "
        "and c1 - l1 <= 0.3 * (h1 - l1) and c - l <= 0.3 * (h - l)",
        "",
    ),
    _Shape(
        "three_inside_up",
        "ThreeInsideUp",
        "Three inside up",
        "A bullish harami confirmed by a close above the first bar's open.",
        3,
        "c2 < o2 and c1 > o1 and o1 >= c2 and c1 <= o2 and c > o and c > o2",
    ),
    _Shape(
        "three_inside_down",
        "ThreeInsideDown",
        "Three inside down",
        "A bearish harami confirmed by a close below the first bar's open.",
        3,
        "c2 > o2 and c1 < o1 and o1 <= c2 and c1 >= o2 and c < o and c < o2",
    ),
)


def _source(shape: _Shape) -> str:
    """The indicator class of a pattern."""
    used = [n for n in range(shape.bars) if any(f"{letter}{n or ''}" in _words(shape.test) for letter in "ohlc")]
    lines = [
        f"class {shape.class_name}(Stepwise):",
        f'    """{shape.explanation}"""',
        "",
        '    lines = ("found",)',
        "",
        *(["    def __init__(self):", f"        self.addminperiod({shape.bars})", ""] if shape.bars > 1 else []),
        "    def next(self):",
        *(f"        {BAR_TEMPLATE.format(n=n or '', at=-n if n else 0)}" for n in used),
        f"        self.lines.found[0] = float({shape.test})",
    ]
    return "\n".join(lines) + "\n"


def _words(test: str) -> set[str]:
    return set("".join(char if char.isalnum() else " " for char in test).split())


def _entry(shape: _Shape) -> Indicator:
    return Indicator(
        name=shape.name,
        title=shape.title,
        explanation=shape.explanation,
        group="pattern",
        params=(),
        lines=(OutputLine("value", Unit.FLAG, 0, 1),),
        phrase=shape.title[0].lower() + shape.title[1:],
        code=f"{shape.class_name}({{data}})",
        warmup=lambda p, bars=shape.bars: bars,  # type: ignore[misc]
        reference=f"Nison, Japanese Candlestick Charting Techniques (1991), as numbers: {shape.test}.",
        classes=(shape.class_name,),
        article=shape.article,
    )


NARROW_RANGE = Indicator(
    name="narrow_range",
    title="Narrow range",
    explanation="The smallest range of the last bars (NR4, NR7): a pause before a move.",
    group="pattern",
    params=(Param("period", 7, 2, 100, meaning="bars"),),
    lines=(OutputLine("value", Unit.FLAG, 0, 1),),
    phrase="narrowest range of {period} bars",
    code="NarrowRange({data}, period={period})",
    warmup=lambda p: p["period"],
    reference="Crabel (1990): high - low is smaller than on each of the other bars.",
    classes=("NarrowRange",),
    article="the",
)

PATTERNS = IndicatorGroup(
    "Candle patterns (1 or 0; a condition by themselves)",
    {shape.name: _entry(shape) for shape in SHAPES} | {NARROW_RANGE.name: NARROW_RANGE},
    {shape.class_name: _source(shape) for shape in SHAPES}
    | {
        "NarrowRange": '''class NarrowRange(Stepwise):
    """1 when the bar has the smallest range of the last bars."""

    lines = ("found",)
    params = (("period", 7),)

    def __init__(self):
        self.addminperiod(self.p.period)

    def next(self):
        span = self.data.high[0] - self.data.low[0]
        self.lines.found[0] = float(all(span < self.data.high[-ago] - self.data.low[-ago] for ago in range(1, self.p.period)))
''',
    },
)
