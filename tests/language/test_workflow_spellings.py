"""As people type it: what is taken as meant, and what is refused with the right spelling beside it."""

import ast
import json
import re
from pathlib import Path

import pytest
from operand_checks import check_operand
from workflow_runs import is_true, row, workflow

from core.domain.workflow import Section
from core.language import CATALOGUE, check, compile_workflow, parse
from core.language.catalogue.rules import RULES
from core.language.syntax.expression import parse_expression
from core.language.syntax.hints import HINTS
from core.language.syntax.spelling import respell
from core.language.syntax.synonyms import KNOWN_NAMES, LINE_ALIASES, PARAM_ALIASES, SYNONYMS, VOLUME_ALIASES

TAKEN = """
CrossOver(close, sma(20)) > 0                    crosses_above(close, sma(20))
crossover(close, sma(20)) < 0                    crosses_below(close, sma(20))
CrossOver(close, sma(20)) == 1                   crosses_above(close, sma(20))
crosses_below(close, sma(20)) == True            crosses_below(close, sma(20))
hammer == 1                                      hammer == 1
(close > open) == 0                              not (close > open)
BB.bot                                           bbands.lower
MACDHisto                                        macd.histogram
macd_histo > 0                                   macd.histogram > 0
pivot_high                                       swing_high
pivotlow(5, 5)                                   swing_low(5, 5)
kijun_sen(26)                                    ichimoku(kijun=26).kijun
tenkan(7)                                        ichimoku(tenkan=7).tenkan
senkou_span_b(60)                                ichimoku(senkou=60).senkou_b
date >= '2025-11-01'                             date >= 2025-11-01
date == 2025/11/01                               date == 2025-11-01
piercing pattern                                 piercing_line
bullish engulfing pattern                        bullish_engulfing
hammer candle                                    hammer
weekday in (0, 2, 4)                             weekday == 0 or weekday == 2 or weekday == 4
weekday in [Monday, Friday]                      weekday == 0 or weekday == 4
weekday not in (0, 4)                            not (weekday == 0 or weekday == 4)
weekday is Monday                                weekday == 0
weekday is not Friday                            weekday != 4
weekday is Monday or Friday                      weekday == 0 or weekday == 4
month in (1, 2)                                  month == 1 or month == 2
supertrend is up                                 supertrend.direction > 0
supertrend(10, 3) is bearish                     supertrend(10, 3).direction < 0
psar is down                                     psar.direction < 0
heikin_ashi is green                             heikin_ashi.close > heikin_ashi.open
ema(20) is up                                    rising(ema(20), 1)
ema(20) rising for 3 bars                        rising(ema(20), 3)
rsi(14) has been falling for the last 2 bars     falling(rsi(14), 2)
close is rising and rsi(14) < 30                 rising(close, 1) and rsi(14) < 30
sma(20) of atr(14)                               sma(atr(14), 20)
ema(9) of rsi(14) > 50                           ema(rsi(14), 9) > 50
HH20                                             highest(high, 20)
LL(10)                                           lowest(low, 10)
close crosses up sma(20)                         crosses_above(close, sma(20))
close crosses down through sma(20)               crosses_below(close, sma(20))
roc(10) > 3%                                     roc(10) > 3
open_profit >= 2.5%                              open_profit >= 2.5
gap < -1%                                        gap < -1
consecutive_losses >= 3                          losses_in_row >= 3
first_day_of_month                               first_trading_day_of_month
month_end                                        last_trading_day_of_month
start_of_week                                    bar_of_week == 1
position is long                                 position > 0
position is flat                                 position == 0
bb.bot(20, 2.5)                                  bbands(20, 2.5).lower
MACDHist > 0                                     macd.histogram > 0
macd is positive                                 macd > 0
weekday in (Monday)                              weekday == 0
month not in (8)                                 not month == 8
hammer is true                                   hammer
sma(20) > sma(50) is true                        sma(20) > sma(50)
(close > open) is false                          not (close > open)
SMA(20)                                          sma(20)
Close > SMA(20)                                  close > sma(20)
C > O                                            close > open
price > ma(200)                                  close > sma(200)
RSI 14                                           rsi(14)
RSI(14) < 30                                     rsi(14) < 30
rsi14 < 30                                       rsi(14) < 30
ema_200                                          ema(200)
macd 12 26 9                                     macd(12, 26, 9)
nr7                                              narrow_range(7)
HHV(H,20)                                        highest(high, 20)
llv(low, 10)                                     lowest(low, 10)
stdev(close,20)                                  stddev(close, 20)
average(volume, 20)                              sma(volume, 20)
sma(20) of volume                                sma(volume, 20)
avg_volume(50)                                   sma(volume, 50)
volume_sma_20                                    sma(volume, 20)
volume > 150% of avg_volume                      volume > 1.5 * sma(volume, 20)
previous_day().high                              yesterday.high
yesterday_low                                    yesterday.low
pdh                                              yesterday.high
day_high                                         today.high
orb_high(15)                                     opening_range(15).high
atr%                                             natr
ATR(10)% > 2                                     natr(10) > 2
bb_upper                                         bbands.upper
bb_lower(20, 2.5)                                bbands(20, 2.5).lower
Bollinger Bands(20, 2).up                        bbands(20, 2).upper
donchian(20).high                                donchian(20).upper
macd_hist                                        macd.histogram
macd_line                                        macd.macd
%k < 20                                          stoch.k < 20
stoch.%d                                         stoch.d
tenkan_sen > kijun_sen                           ichimoku.tenkan > ichimoku.kijun
di+ > di-                                        plus_di > minus_di
parabolic_sar                                    psar
williams %r                                      williams_r
inside bar                                       inside_bar
pivot.r1                                         pivot_points.r1
ema(length=20)                                   ema(period=20)
bbands(20, stddev=2).upper                       bbands(20, 2).upper
sma(period:20)                                   sma(period=20)
ta.sma(close, 10)                                sma(close, 10)
ta.crossover(ta.sma(close, 5), ta.sma(close, 9)) crosses_above(sma(close, 5), sma(close, 9))
close crosses above sma(20)                      crosses_above(close, sma(20))
rsi(14) crossed below 30 and close > open        crosses_below(rsi(14), 30) and close > open
close cross_over sma(20) * 1.01                  crosses_above(close, sma(20) * 1.01)
close is above sma(20)                           close > sma(20)
rsi(14) is less than or equal to 30              rsi(14) <= 30
close > open for 3 bars                          count(close > open, 3) == 3
close 5 bars ago                                 close[5]
close.shift(2)                                   close[2]
df['close'] > df['open']                         close > open
self.data.close[0] > 1                           close > 1
close > open AND NOT hammer                      close > open and not hammer
close > open && !hammer || doji                  close > open and not hammer or doji
AND(close > open, OR(doji, hammer))              close > open and (doji or hammer)
IF(close > open, volume, 0)                      volume if close > open else 0
close = open                                     close == open
(close = open) and doji                          close == open and doji
close <> open                                    close != open
close => open                                    close >= open
rsi(14) ≥ 70                                rsi(14) >= 70
close ≤ sma(20) × 1.02                 close <= sma(20) * 1.02
close – open − 1                       close - open - 1
“close > open”                         close > open
close^2                                          close ** 2
volume > 1,000,000                               volume > 1000000
volume > 1_500_000                               volume > 1500000
volume > 1.5M                                    volume > 1500000
close > $10                                      close > 10
close - 2ATR                                     close - 2 * atr
1½ * atr(14)                                1.5 * atr(14)
time >= 9:45 and time < 3:30 pm                  minute_of_day >= time(9, 45) and minute_of_day < time(15, 30)
weekday == Friday                                weekday == 4
month == "January"                               month == 1
tf("weekly", close)                              tf("1w", close)
bars_held >= 5                                   bars_in_trade >= 5
=close > open;                                   close > open
day is Friday                                weekday == friday
day of the week is Monday                    weekday == monday
day in (Monday, Wednesday)                   weekday in (monday, wednesday)
day == 4                                     day == 4
close is below the sma(50)                   close < sma(50)
volume > 2x sma(volume, 20)                  volume > 2 * sma(volume, 20)
volume > 1.5 times sma(volume, 20)           volume > 1.5 * sma(volume, 20)
close > yesterday's high                     close > yesterday.high
close < the previous day's low               close < yesterday.low
close > last week's high                     close > last_week.high
high > prior month high                      high > last_month.high
adx > 25 and +DI > -DI                       adx > 25 and plus_di > minus_di
macd histogram > 0                           macd.histogram > 0
macd(8, 21, 5) signal line > 0               macd(8, 21, 5).signal > 0
close > keltner upper band                   close > keltner.upper
MACDSignal > 0                               macd.signal > 0
rsi(14) between 30 and 70                         between(rsi(14), 30, 70)
rsi between 30 and 70                            between(rsi, 30, 70)
rsi(14) from 30 to 70                            between(rsi(14), 30, 70)
rsi(14) is not between 30 and 70                 outside(rsi(14), 30, 70)
rsi(14) outside of 30 and 70                     outside(rsi(14), 30, 70)
rsi(14) in 30..70                                between(rsi(14), 30, 70)
rsi 30..70                                       between(rsi, 30, 70)
cci(20) from -100 to 100 and close > open        between(cci(20), -100, 100) and close > open
close between sma(20) and sma(50)                between(close, sma(20), sma(50))
(close - low) / atr(14) between 1 and 2          between((close - low) / atr(14), 1, 2)
not rsi(14) between 30 and 70                    not between(rsi(14), 30, 70)
3 up days                                        rising(close, 3)
2 down closes                                    falling(close, 2)
three green candles in a row                     count(close > open, 3) == 3
4 lower lows and close > open                    falling(low, 4) and close > open
3 consecutive higher highs                       rising(high, 3)
an up day                                        close > close[1]
red candle and hammer                            close < open and hammer
at least 3 up days in the last 5                 count(close > close[1], 5) >= 3
close > 100$                                     close > 100
close > 1,500 €                                  close > 1500
close > £12.50                                   close > 12.5
close > 100 USD                                  close > 100
after 10:30                                      minute_of_day >= time(10, 30)
before noon                                      minute_of_day < time(12, 0)
before 3pm and close > open                      minute_of_day < time(15, 0) and close > open
not after 15h30                                  minute_of_day <= time(15, 30)
at 15:45                                         minute_of_day == time(15, 45)
time between 10:00 and 15:30                     minute_of_day >= time(10, 0) and minute_of_day < time(15, 30)
from 9:45 to 11:00                               minute_of_day >= time(9, 45) and minute_of_day < time(11, 0)
10:00-15:30                                      minute_of_day >= time(10, 0) and minute_of_day < time(15, 30)
outside 12:00-13:00                              minute_of_day < time(12, 0) or minute_of_day >= time(13, 0)
between 22:00 and 2:00                           minute_of_day >= time(22, 0) or minute_of_day < time(2, 0)
in the first hour                                minutes_since_open <= 60
after the first 30 minutes                       minutes_since_open > 30
not in the last half hour                        minutes_to_close >= 30
10 minutes before the close                      minutes_to_close <= 10
is monday                                        weekday == 0
on fridays                                       weekday == 4
on mondays and wednesdays                        weekday == 0 or weekday == 2
monday to wednesday                              weekday == 0 or weekday == 1 or weekday == 2
not on friday                                    weekday != 4
close > open and on tuesdays                     close > open and weekday == 1
on weekends                                      weekday >= 5
in august                                        month == 8
not in august or september                       month != 8 and month != 9
from november to january                         month == 11 or month == 12 or month == 1
rsi(2) < 10 within 3 bars                        count(rsi(2) < 10, 3) >= 1
rsi(2) < 10 within the last 3 bars               count(rsi(2) < 10, 3) >= 1
close crosses above sma(20) in the last 5 bars   count(crosses_above(close, sma(20)), 5) >= 1
rsi(2) < 10 for 2 days                           count(rsi(2) < 10, 2) == 2
hammer within 3 days                             count(hammer, 3) >= 1
close > sma(20) for 3 days                       count(close > sma(20), 3) == 3
"""

REFUSED = {
    "prev_close": "Write `close[1]` for the bar before, or `yesterday.close` for the day before.",
    "close > 2%": "Leave the sign out",
    "(close - low) / (high - low) > 70%": "with `0.05`",
    "20-day high": "Write `highest(high, 20)[1]`: of the bars before this one.",
    "close > 52 week high": "Write `highest(high, 252)[1]`",
    "close > open ? 1 : 0": "Write `a if condition else b`.",
    "close > open and doji within 3 bars": "use the column within",
    "volume > average volume in the last 20 bars": "Write the length in the value",
    "close > open and doji for 3 bars": "Write `count(close > open, 3) == 3`",
    "rsi(14) < 30,5": "Write a decimal point: `30.5`.",
    "cross(close, sma(20))": "Write `crosses_above(a, b)` or `crosses_below(a, b)`.",
    "Ref(C, -1)": "Write `close[1]` for one bar ago.",
    "close[-1]": "Write `close[1]` for one bar ago.",
    "Close[-5]": "Write `Close[5]` for 5 bars ago.",
    "3%": "Leave the sign out",
    "rsi(14) > 70%": "Leave the sign out",
    "pct_change(5)": "Write `roc(close, 5)`",
    "pct_change": "Write `roc(close, 1)`",
    "poc": "Volume by price is not in the bars.",
    "close > value area high": "Volume by price is not in the bars.",
    "chikou > close": "write `close > close[26]`",
    "machine_learning": "Fitted models (machine learning) cannot be written",
    "cumulative_delta > 0": "Order flow is not in the bars.",
    "earnings": "no_entries_on",
    "dayofweek == 2": "Monday is 0",
    "time > 930": "Write `minute_of_day >= time(9, 30)`.",
    "prev_high": "Write `high[1]` for the bar before, or `yesterday.high` for the day before.",
    "pct_change(close, 1)": "Write `roc(close, 1)`: the change in percent.",
    "engulfing": "Did you mean `bearish_engulfing` or `bullish_engulfing`?",
    "upper_band": "`keltner(20, 2, 10).upper`",
    "nz(close[1])": "Leave it out",
    'security("SPY", close)': '`other("SPY").close` for another symbol',
    "5 bps": "`0.0005`",
    "volume > 1m": "`1.5M`",
    "crosses above sma(20)": "Write `crosses_above(close, sma(20))`, or choose the operator.",
    "consecutive(close > open)": "`count(close > open, 3) == 3`",
}


@pytest.mark.parametrize("line", TAKEN.strip().splitlines(), ids=lambda line: re.split(r"\s{2,}", line)[0])
def test_a_common_spelling_is_taken_as_it_is_meant(line: str) -> None:
    typed, right = re.split(r"\s{2,}|(?<=9\)\)) (?=crosses)", line.strip())

    assert parse_expression(typed) == parse_expression(right)


@pytest.mark.parametrize("typed", ["poc", "xyz", "zz", "rvi", "gator", "foo(20)", "delta_x", "vidya(10)", "chandemo"])
def test_nothing_is_suggested_for_a_name_that_only_looks_like_another(typed: str) -> None:
    assert not any("Did you mean" in problem.remedy for problem in check_operand(typed, Section.EXIT_LONG))


@pytest.mark.parametrize(
    ("typed", "meant"), [("bbadns(20)", "bbands"), ("supertrned", "supertrend"), ("smaa(20)", "sma"), ("clsoe", "close")]
)
def test_a_slip_of_the_fingers_is_recognized(typed: str, meant: str) -> None:
    assert any(f"Did you mean `{meant}`" in problem.remedy for problem in check_operand(typed, Section.EXIT_LONG))


@pytest.mark.parametrize("typed", REFUSED)
def test_a_spelling_that_could_mean_several_things_is_refused_with_the_right_one(typed: str) -> None:
    assert REFUSED[typed] in " ".join(problem.remedy for problem in check_operand(typed, Section.EXIT_LONG))


def test_the_smaller_of_a_price_and_a_period_is_doubted() -> None:
    (problem,) = check_operand("close < min(low, 5)", Section.ENTRY_LONG)

    assert "write `lowest(low, 5)`" in problem.remedy


def test_other_names_lead_to_names_that_exist_and_hide_none() -> None:
    targets = [(*right.partition("."),) for right in SYNONYMS.values()]

    assert not KNOWN_NAMES & {*SYNONYMS, *VOLUME_ALIASES, *HINTS}
    assert {name for name, _, _ in targets} <= KNOWN_NAMES
    assert all(CATALOGUE[name].line(line) for name, dot, line in targets if dot)
    assert all(any(entry.line(name) for entry in CATALOGUE.values()) for name in LINE_ALIASES)
    assert all(any(param.name == name for entry in CATALOGUE.values() for param in entry.params) for name in PARAM_ALIASES)


def test_every_hint_gives_a_spelling_that_can_be_read() -> None:
    advised = [text for words in HINTS.values() for text in re.findall(r"`([^`]+)`", re.sub(r"\{(\d+)\}", r"\1", words))]

    for text in advised:
        operands = text.replace("(a, b)", "(close, open)")
        assert operands in RULES or check_operand(operands, Section.EXIT_LONG) == (), text


def test_what_is_written_rightly_is_left_alone() -> None:
    folders = (Path(__file__).parents[2] / "data" / "workflows", Path(__file__).parents[1] / "reach")
    documents = [json.loads(file.read_text(encoding="utf-8")) for folder in folders for file in folder.glob("*.json")]
    rows = [line for document in documents for line in document.get("workflow", document)["rows"]]
    cells = {
        cell for line in rows if line["section"] not in ("risk", "sizing") for cell in (*line["indicators"], *line.get("thresholds", ()))
    }

    assert len(cells) > 200
    for cell in cells:
        assert ast.dump(ast.parse(respell(str(cell)).text)) == ast.dump(ast.parse(str(cell).strip())), cell


def test_a_document_may_call_operators_sections_and_rules_as_people_do() -> None:
    told = {
        "name": "x",
        "direction": "Long Only",
        "rows": [
            {
                "id": "a",
                "section": "buy",
                "indicators": "close",
                "operator": "crosses_above",
                "thresholds": "SMA(20)",
                "timeframe": "weekly",
            },
            {"id": "b", "section": "risk management", "indicators": ["Stop Loss"], "operator": "%", "thresholds": ["2%"]},
            {"id": "c", "section": "exit-long", "indicators": ["close", "low"], "join": "OR", "operator": "≤", "thresholds": ["sma(5)"]},
        ],
    }

    rows = parse(told).rows

    assert [(line.section, line.operator, line.join) for line in rows] == [
        ("entry_long", "crosses above", "all"),
        ("risk", "percent", "all"),
        ("exit_long", "<=", "any"),
    ]
    assert (rows[0].timeframe, rows[0].thresholds, rows[1].indicators) == ("1w", ("SMA(20)",), ("stop_loss",))
    assert "stop_loss_percent=2.0" in compile_workflow(parse(told))


def test_a_percent_sign_belongs_to_a_rule_in_percent() -> None:
    told = workflow(is_true("entry_long", "close > open"), row("risk", "stop_loss", "atr", "2%"))

    assert next(problem.remedy for problem in check(told)) == "Choose the measure percent, or leave the sign out."


def test_bars_in_a_row_are_no_free_number() -> None:
    code = compile_workflow(workflow(is_true("entry_long", "close > open for 3 bars"), row("risk", "time_stop", "bars", 1)))

    assert "count(self.seen_1, 3) == 3" in code
