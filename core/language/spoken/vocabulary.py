"""Words for indicators, lines, periods and longer bars, and what each is called in the language."""

import re

BARS = r"(?:trading |business )?(?:days?|bars?|candles?|sessions?|closes|periods?)"
LENGTHS = {"week": 5, "month": 21, "quarter": 63, "year": 252}
"""Bars of a period, on daily bars."""
LAST = r"(?:the )?(?:last|past|previous|prior|preceding|latest|most recent)"
KINDS = {
    "exponential": "ema", "weighted": "wma", "hull": "hma", "smoothed": "smma", "kaufman": "kama",
    "ema": "ema", "wma": "wma", "hma": "hma", "dema": "dema", "tema": "tema", "kama": "kama", "vwma": "vwma", "smma": "smma",
}  # fmt: skip
KIND = r"(?:simple|exponential|weighted|hull|smoothed|kaufman)"
SHORT = r"(?:[sewh]ma|dema|tema|kama|vwma|smma|ma)"
NAMED = (

    (r"stoch(?:astic)? ?rsi(?!(?:['’]s)? %?[kd](?![a-z]))", "stochrsi", "14"),
    (r"(?:connors rsi|crsi)(?! ?\(\d+\))", "connors_rsi", ""),
    (r"rsi|relative strength index", "rsi", "14"),
    (r"cci|commodity channel index", "cci", "20"), (r"adx|average directional index", "adx", "14"),
    (r"mfi|money[- ]flow index", "mfi", "14"),
    (r"williams(?:'s?)? ?%? ?r|%r", "williams_r", "14"),
    (r"cmf|chaikin money flow", "cmf", "20"),
    (r"roc|rate of change", "roc", "10"), (r"trix", "trix", "15"), (r"tsi|true strength index", "tsi", ""), (r"cmo", "cmo", "14"),
    (r"natr|atr (?:as a (?:percent|percentage|%) of (?:the )?(?:price|close)|percent|%)", "natr", "14"),
    (r"atr|average true range", "atr", "14"),
    (r"(?:parabolic )?sar|psar", "psar", ""), (r"ultimate oscillator", "ultimate_oscillator", ""),
    (r"awesome oscillator|ao", "awesome_oscillator", ""),
    (r"kama|kaufman(?:'s)? adaptive (?:moving )?average", "kama", "10, 2, 30"),
    (r"force index", "force_index", "13"), (r"obv|on[- ]balance volume", "obv", ""),
    (r"z[- ]?score", "zscore", "20"), (r"choppiness(?: index)?", "choppiness", "14"), (r"hurst(?: exponent)?", "hurst", "100"),
    (r"volatility(?! (?:target|is expand|contract))", "realised_volatility", ""),
    (r"(?:reali[sz]ed|historical) volatility|standard deviation of (?:the |its )?(?:daily )?returns", "realised_volatility", "20"),
    (r"standard deviation", "stddev", "20"), (r"percent(?:ile)? rank", "percent_rank", "100"), (r"ibs|internal bar strength", "ibs", ""),
    (r"(?:total |price |percent(?:age)? )?(?:returns?|price change|performance)", "roc", ""), (r"momentum", "roc", "10"),
    (r"plus di|\+ ?di|di ?\+", "plus_di", "14"), (r"minus di|- ?di|di ?-", "minus_di", "14"), (r"coppock(?: curve)?", "coppock", ""),
    (r"vwap", "vwap", ""),
)  # fmt: skip
"""Words for indicators of one line, their names here, and their usual length; those without one need a length or take none."""
MEASURED = ("roc", "realised_volatility")
"""Indicators whose bare word (`return`, `volatility`) means nothing without a length."""
LINED = (
    (r"stoch(?:astic)?[- ]?rsi(?:['’]s)? %?k(?: line)?(?![a-z])", "stochrsi(14).k"),
    (r"stoch(?:astic)?[- ]?rsi(?:['’]s)? %?d(?: line)?(?![a-z])", "stochrsi(14).d"),
    (r"(?:heikin[- ]?ashi|ha) clos(?:e|ing price)", "heikin_ashi.close"), (r"(?:heikin[- ]?ashi|ha) open", "heikin_ashi.open"),
    (r"(?:macd(?:['’]?s)? )?histogram", "macd(12, 26, 9).histogram"), (r"(?:macd )?signal(?: line)?", "macd(12, 26, 9).signal"),
    (r"macd(?: line)?", "macd(12, 26, 9).macd"), (r"ppo(?: line)?", "ppo(12, 26, 9).ppo"), (r"kst(?: line)?", "kst(9).kst"),
    (r"(?:slow |fast )?(?:stochastics? |stoch )?%d(?: line)?|stoch(?:astics?)? d", "stoch(14, 3, 3).d"),
    (r"(?:slow |fast )?(?:stochastics? |stoch )?%k(?: line)?|(?:slow )?stoch(?:astics?)?(?:"
r" oscillator)?(?: k(?![a-z]))?", "stoch(14, 3, 3).k"),
    (r"aroon[- ]up", "aroon(25).up"), (r"aroon[- ]down", "aroon(25).down"), (r"aroon(?: oscillator)?", "aroon(25).oscillator"),
    (r"kijun(?:[- ]sen)?(?: line)?|base line", "ichimoku.kijun"), (r"tenkan(?:[- ]sen)?(?: line)?|conversion line", "ichimoku.tenkan"),
    (r"(?:bollinger )?band[- ]?width|width of the (?:bollinger )?bands", "bbands(20, 2).width"),
    (r"(?:bollinger )?(?:%b|percent b)", "bbands(20, 2).percent_b"),
    (r"all[- ]time[- ]high", "all_time_high"), (r"all[- ]time[- ]low", "all_time_low"),
    (r"%k(?! line)|(?:stochastic )?%k line|k(?= ?(?:[<>]|above|below|over|under|is |crosses))", "stoch(14, 3, 3).k"),
    (r"supertrend", "supertrend(10, 3).direction"),
    (r"open profit|(?:the |my )?(?:position|trade)(?='s| (?:is|has|was|gains?|gained|loses))", "open_profit"),
    (r"true range", "true_range"),
    (r"daily range|(?:day|bar)'s range|range of the (?:day|bar)", "(high - low)"),
    (
        r"range(?= (?:that is |is |was )?(?:bigger|larger|greater|wider|smaller|narrower|tighter|above|below|over|under|more|less) )",
        "(high - low)",
    ),
    (r"(?:pivot(?: point)? |resistance )?r1", "pivot_points.r1"), (r"(?:pivot(?: point)? |resistance )?r2", "pivot_points.r2"),
    (r"(?:pivot(?: point)? |support )?s1", "pivot_points.s1"), (r"(?:pivot(?: point)? |support )?s2", "pivot_points.s2"),
    (r"(?:pivot(?: point)? |support )?s3|s3 pivot", "pivot_points.s3"), (r"(?:pivot(?: point)? |resistance )?r3", "pivot_points.r3"),
    (r"(?:daily |central )?pivot(?: point)?(?! (?:high|low|point))", "pivot_points.p"),
    (r"(?:(?:last|most recent|latest|recent) )?swing high", "swing_high(3, 3)"),
    (r"(?:(?:last|most recent|latest|recent) )?swing low", "swing_low(3, 3)"), (r"zero(?: line)?", "0"),
)  # fmt: skip
BANDS = {"bollinger": "bbands(20, 2)", "keltner": "keltner(20, 2)", "donchian": "donchian(20)"}
LINES = {"upper": "upper", "top": "upper", "lower": "lower", "bottom": "lower", "middle": "mid", "mid": "mid", "center": "mid"}
SWINGS = {"rsi": (30, 70), "stoch": (20, 80), "cci": (-100, 100), "mfi": (20, 80), "williams_r": (-80, -20)}
"""Oversold and overbought of each oscillator, as every book has them."""
FRAMES = {"hourly": "1h", "daily": "1d", "weekly": "1w", "monthly": "1mo"}
MINUTES = {"1": "1m", "2": "2m", "3": "3m", "5": "5m", "10": "10m", "15": "15m", "30": "30m", "60": "1h"}
FRAME = r"(?P<word>hourly|daily|weekly|monthly)|(?P<count>\d+)(?:[- ](?P<unit>min(?:ute)?s?|hours?|h)|(?P<letter>[mh])(?!\w))"
INTRADAY = re.compile(
    r"\d+[- ]?min(?:ute)?|\b\d+[- ]?h(?:ours?|rs?)?\b(?! high| low)|\b[mh](?:1|4|5|15|30)\b|\b(?:1|2|3|5|15|30)m\b(?!"
    r" return| momentum)|\bhourly\b|\bvwap\b|opening range|\borb\b|\d{1,2}:\d\d|\b\d{1,2} ?[ap]m\b|intraday|first (?:half )?hour",
    re.IGNORECASE,
)
DETERMINER = r"(?:the|its|a|an|their|this|current|today's|latest|own|same|present)"
MOTION = r"rising|falling|climbing|declining|up(?:ward)?s?[- ]sloping|down(?:ward)?s?[- ]sloping"
"""Words for what a value does that stand before its name."""
