"""Strategies as books, forums and script pages describe them: whole texts to rows, and what is named instead of read as something else."""

import pytest

from core.domain.errors import Severity
from core.language import ProposedRow, check, propose_workflow

SAID = """
If price is below VWAP I only look for shorts: a bearish engulfing candle. If price is above VWAP I only look for longs: a bullish \
engulfing candle. Stop 1%. | entry_short close < vwap; entry_short bearish_engulfing; entry_long close > vwap; entry_long \
bullish_engulfing; risk stop_loss percent 1
Buy a hammer. Sell half the position at the upper Bollinger band and the other half at the first close below the 10 SMA. | entry_long \
hammer; risk partial_exit price bbands(20, 2).upper 50; exit_long close < sma(10)
Buy a hammer. Exit if two candles close under the 21 EMA. | entry_long hammer; exit_long count(close < ema(21), 2) == 2
Never short. I buy new 3 month highs and sell when the price loses the 50 day line. | entry_long close > highest(high, 63)[1]; \
exit_long crosses_below(close, sma(50))
EMA 13 above EMA 34 and price dips to EMA 13, then closes above it -> long. SL 12 pips. | entry_long ema(13) > ema(34); entry_long low <= \
ema(13); entry_long close > ema(13); risk stop_loss pips 12
If the market opens above the daily pivot and pulls back to it, I buy with a target at R1 and a stop at S1. Closed by 16:00. | entry_long \
today.open > pivot_points.p; entry_long low <= pivot_points.p; risk take_profit price pivot_points.r1; risk stop_loss price \
pivot_points.s1; risk flat_at_close time 16:00
If price pulls back to VWAP and then a bar closes above the prior bar's high, buy. Stop 1%. | entry_long sequence(low <= vwap, close > \
high[1], within=10); risk stop_loss percent 1
Buy a hammer. Once I am up 20% I sell half. The remainder goes when it breaks the 50 day average. | entry_long hammer; risk partial_exit \
percent 20 50; exit_long crosses_below(close, sma(50))
5/20 EMA cross, both directions. Stop 1%. | entry_long crosses_above(ema(5), ema(20)); risk stop_loss percent 1; entry_short \
crosses_below(ema(5), ema(20))
Buy a hammer. Exit when any of these: close < ema(50), RSI > 70, 20 bars in trade. | entry_long hammer; \
exit_long close < ema(50); exit_long B rsi(14) > 70; risk time_stop bars 20
RSI 14 crosses up through 30, buy. Crosses down through 70, sell. Only take it if price > EMA 200. SL 3%. | entry_long \
crosses_above(rsi(14), 30); exit_long crosses_below(rsi(14), 70); filter close > ema(200); risk stop_loss percent 3
Wait for RSI < 35, then enter when RSI is back above 40. Stop 2%. | entry_long sequence(rsi(14) < 35, crosses_above(rsi(14), 40), \
within=10); risk stop_loss percent 2
Tenkan crosses Kijun upward above the cloud = buy. Close below Kijun = out. | entry_long crosses_above(ichimoku.tenkan, ichimoku.kijun); \
entry_long close > max(ichimoku.senkou_a, ichimoku.senkou_b); exit_long close < ichimoku.kijun
Asian range = high and low between 0:00 and 7:00. After 8:00 buy if price closes above the Asian high. SL other side of the range. \
Close all at 20:00. | entry_long minute_of_day >= time(8, 0); entry_long close > value_when(minute_of_day >= time(0, 0) and \
minute_of_day < time(7, 0), highest_since(minute_of_day == time(0, 0), high)); risk stop_loss \
price value_when(minute_of_day >= time(0, 0) and \
minute_of_day < time(7, 0), lowest_since(minute_of_day == time(0, 0), low)); risk flat_at_close time 20:00
Setup A: hammer -> buy, exit after 5 days. Setup B: three lower closes in a row -> buy, exit when close > 5-day MA. | entry_long hammer; \
exit_long B setup is A and bars_in_trade >= 5; entry_long B falling(close, 3); exit_long setup is B and close > sma(5)
At month end, if SPY is above its 200 day moving average buy, otherwise I sit in cash. | entry_long last_trading_day_of_month; entry_long \
close > sma(200); exit_long last_trading_day_of_month and close <= sma(200)
Buy a hammer. Add a second lot if the price drops another 5% from my entry. Stop = low of the entry day. Sell everything at the first \
close over the 10 day SMA. | entry_long hammer; sizing pyramiding percent 2 -5; risk stop_loss price low at fill; exit_long close > sma(10)
Long when the 9 EMA crosses above the 21 EMA and RSI is above 50. Vice versa for shorts. Stop below the swing low, target 2R. | entry_long \
crosses_above(ema(9), ema(21)); entry_long rsi(14) > 50; risk stop_loss price swing_low(3, 3); risk take_profit r 2; entry_short \
crosses_below(ema(9), ema(21)); entry_short rsi(14) < 50; risk stop_loss price swing_high(3, 3)
Only when the close is above the 200 SMA and ADX above 20. Buy when RSI(3) crosses above 20. Vice versa for shorts. Stop 3%. | entry_long \
close > sma(200); filter adx(14) > 20; entry_long crosses_above(rsi(3), 20); risk stop_loss percent 3; entry_short close < sma(200); \
entry_short crosses_below(rsi(3), 80)
If the first candle of the day is green, I go long at a break of its high, with a stop at its low. Exit at 17:15 at the latest. | \
entry_long value_when(first_bar_of_day, close) > value_when(first_bar_of_day, open); entry_long \
crosses_above(close, value_when(first_bar_of_day, high)); risk stop_loss price value_when(first_bar_of_day, low); \
risk flat_at_close time 17:15
ADX above 25. Long when MACD crosses above signal. Short when MACD crosses below signal. Stop 3%. | filter adx(14) > 25; entry_long \
crosses_above(macd(12, 26, 9).macd, macd(12, 26, 9).signal); entry_short crosses_below(macd(12, 26, 9).macd, macd(12, 26, 9).signal); \
risk stop_loss percent 3
Buy when the 10 EMA crosses above the 30 EMA. My stop sits 1.5 ATR away and I give the trade 20 sessions at most. | entry_long \
crosses_above(ema(10), ema(30)); risk stop_loss atr 1.5; risk time_stop bars 20
I put 10% of the account in when Donchian 55 high breaks. Exit at the 20 day low. | sizing position_size percent 10; entry_long \
crosses_above(close, donchian(55).upper); exit_long close < lowest(low, 20)[1]
Sell short when the RSI(2) is above 95 and cover on the close of the same day. | entry_short rsi(2) > 95; risk flat_at_close bars 1
Enter long when price exceeds the 20-day high by a single tick, short on a break of the 20-day low. Exit longs on a 10-day low, shorts \
on a 10-day high. | entry_long close > highest(high, 20)[1]; entry_short close < lowest(low, 20)[1]; exit_long close < lowest(low, \
10)[1]; exit_short close > highest(high, 10)[1]
Buy when the 20 day high is taken out. Stop 5%. | entry_long close > highest(high, 20)[1]; risk stop_loss percent 5
Wait until BandWidth is at its lowest level in six months, then buy when price closes above the upper band. Use the lower band as the \
stop. Target 1:3. | entry_long sequence(bbands(20, 2).width <= lowest(bbands(20, 2).width, 126), close > bbands(20, 2).upper, within=10); \
risk stop_loss price bbands(20, 2).lower; risk take_profit r 3
Enter on a MACD cross up below the zero line. Exit after 5 days. | entry_long crosses_above(macd(12, 26, 9).macd, macd(12, 26, \
9).signal) and macd(12, 26, 9).macd < 0; risk time_stop bars 5
I get in on new 100 day highs. Sell if it has not made a new high for 15 days. | entry_long close > highest(high, 100)[1]; exit_long \
count(close > highest(high, 15)[1], 15) == 0
Long when the 50-day average is above the 200-day, position size targets 15% annualized volatility. Exit after 9 days. | entry_long \
sma(50) > sma(200); sizing volatility_target percent 15; risk time_stop bars 9
Buy when the close is above the 20 day high, if it hasn't closed below its 100-day average in the last 50 days. Stop 5%. | entry_long \
close > highest(high, 20)[1]; entry_long count(close >= sma(100), 50) == 50; risk stop_loss percent 5
Buy stop at the high of the first 30 minutes, sell stop at the low. Close out at 15:50. | entry_long stop_order price \
opening_range(30).high; entry_short stop_order price opening_range(30).low; risk flat_at_close time 15:50
An inside day: buy tomorrow above today's high. Stop 2%. | entry_long inside_bar; entry_long stop_order price high; risk stop_loss percent 2
Buy when IBS is below 0.2 and yesterday's IBS was below 0.2 too. SL under the supertrend. | entry_long ibs < 0.2; entry_long ibs[1] < 0.2; \
risk stop_loss price supertrend(10, 3)
If the stock drops 3 days in a row, buy. Do not trade for 3 days after a losing trade. Stop 3%. | entry_long falling(close, 3); risk \
cool_down bars 3; risk stop_loss percent 3
Only longs above the 200 EMA. Enter on an EMA 8/21 cross. Exit after 5 days. | filter close > ema(200); entry_long \
crosses_above(ema(8), ema(21)); risk time_stop bars 5
Go long when MACD's histogram ticks up below zero. Stop 3%. | entry_long macd(12, 26, 9).histogram > macd(12, 26, 9).histogram[1] and \
macd(12, 26, 9).histogram[1] <= macd(12, 26, 9).histogram[2] and macd(12, 26, 9).histogram < 0; risk stop_loss percent 3
Buy a new 55 day high. Get out on a 20 day low. | entry_long close > highest(high, 55)[1]; exit_long close < lowest(low, 20)[1]
Only trade the long side. Wait for the RSI to dip under 35, then buy once it climbs back over 35. Bail out if it drops 6% from my entry, \
otherwise sell after 15 sessions. | entry_long crosses_above(rsi(14), 35); risk stop_loss percent 6; risk time_stop bars 15
Wait until the RSI goes above 70, then short once it falls back under 70. Cover after 5 days. | entry_short crosses_below(rsi(14), 70); \
risk time_stop bars 5
30-minute ORB, long only. Enter on the first close above the opening range high after 10:00 as long as price is above VWAP. Stop is \
the opening range low. Take half off at 1R, move stop to breakeven, and trail the rest under the 9 EMA. | entry_long close > \
opening_range(30).high; entry_long minute_of_day >= time(10, 0); filter close > vwap; risk stop_loss price opening_range(30).low; risk \
partial_exit r 1 50; risk break_even r 1; risk trailing_stop price ema(9)
Halloween strategy: be long from the start of November to the end of April. In cash for the rest of the year. | entry_long month in \
(11, 12, 1, 2, 3, 4); exit_long month in (5, 6, 7, 8, 9, 10)
DCA into bitcoin: buy $50 every Monday, $100 if the price is below the 200-day moving average. Never sell. | entry_long weekday == 0; \
sizing position_size cash 100 if close < sma(200) else 50; risk hold_to_end; sizing pyramiding count 100
BTC weekend: buy Friday at 20:00 UTC and sell Sunday at 20:00 UTC. Stop loss 5%. | entry_long weekday == 4 and minute_of_day == \
time(20, 0, "UTC"); exit_long weekday == 6 and minute_of_day == time(20, 0, "UTC"); risk stop_loss percent 5
NQ scalper: long when the 9 EMA crosses above the 21 EMA on the 5 minute chart and price is above VWAP. Stop 20 points, target 40 \
points. No trades between 11:30 and 13:30. Max 3 trades a day and stop after 2 losses. | entry_long crosses_above(ema(9), ema(21)); \
entry_long close > vwap; risk stop_loss points 20; risk take_profit points 40; filter minute_of_day < time(11, 30) or minute_of_day >= \
time(13, 30); risk max_trades_per_day count 3; risk max_losses_per_day count 2
GBPUSD: sell when the 14-period RSI on the 4-hour chart crosses below 70 and price is below the 200 EMA. SL 40 pips, TP 80 pips. Move \
to breakeven at +30 pips. | entry_short crosses_below(rsi(14), 70); entry_short close < ema(200); risk stop_loss pips 40; risk \
take_profit pips 80; risk break_even pips 30
Supertrend (10, 3) flips bullish: buy. Supertrend flips bearish: sell and go short. Use only if ADX > 20. | entry_long \
crosses_above(supertrend(10, 3).direction, 0); exit_long crosses_below(supertrend(10, 3).direction, 0); entry_short \
crosses_below(supertrend(10, 3).direction, 0); filter adx(14) > 20
Stochastic(14,3,3): go long when %K crosses over %D while both are under 20; exit when %K goes over 80 and then crosses back under %D. \
Only with the 50 SMA above the 200 SMA. | entry_long crosses_above(stoch(14, 3, 3).k, stoch(14, 3, 3).d); filter stoch(14, 3, 3).k < \
20 and stoch(14, 3, 3).d < 20; exit_long sequence(crosses_above(stoch(14, 3, 3).k, 80), crosses_below(stoch(14, 3, 3).k, stoch(14, 3, \
3).d), within=10); filter sma(50) > sma(200)
Williams %R(14) drops below -90 and then closes back above -80 within 5 days: buy. Sell when it's above -20. Time stop after 10 days. \
| entry_long sequence(williams_r(14) < -90, williams_r(14) > -80, within=5); exit_long williams_r(14) > -20; risk time_stop bars 10
MFI(14) below 20 with the close above the 100-day SMA - buy. MFI above 80 - sell. Hard stop 8%. | entry_long mfi(14) < 20; entry_long \
close > sma(100); exit_long mfi(14) > 80; risk stop_loss percent 8
Heikin Ashi: go long after two green Heikin Ashi candles with no lower wick. Exit on the first red Heikin Ashi candle. Filter: price \
above the 200 EMA. | entry_long count(heikin_ashi.close > heikin_ashi.open and heikin_ashi.low == min(heikin_ashi.open, \
heikin_ashi.close), 2) == 2; exit_long heikin_ashi.close < heikin_ashi.open; filter close > ema(200)
Bullish engulfing at the 50-day moving average in an uptrend (50 above 200). Entry above the engulfing bar's high. Stop under its low. \
Target 3 times the risk. | entry_long bullish_engulfing; entry_long low <= sma(50) <= high; entry_long sma(50) > sma(200); entry_long \
stop_order price high; risk stop_loss price low; risk take_profit r 3
Sell 1/3 at 1R, 1/3 at 2R and trail the last third by 2 ATR. Entry is a close above the 20-day high. Initial stop 1.5 ATR. | risk \
partial_exit r 1 33; risk partial_exit r 2 33; risk trailing_stop atr 2; entry_long close > highest(high, 20)[1]; risk stop_loss atr \
1.5
Buy when 14-day RSI crosses up through 50 while the 50-day MA slopes up. If not profitable after 5 days, exit. Otherwise hold until \
RSI crosses below 45. | entry_long crosses_above(rsi(14), 50); filter rising(sma(50), 1); exit_long bars_in_trade >= 5 and open_profit \
<= 0; exit_long B crosses_below(rsi(14), 45)
Parabolic SAR flips below price and the close is above the 100 EMA: long. Exit on the opposite flip. | entry_long crosses_above(close, \
psar); entry_long close > ema(100); exit_long crosses_below(close, psar)
12-1 momentum: buy when the return over the past 12 months excluding the last month is positive; rebalance monthly; sell when it turns \
negative. | entry_long roc(231)[21] > 0; sizing rebalance when first_trading_day_of_month; exit_long crosses_below(roc(231)[21], 0)
VWAP reversion: short when price is 2 standard deviations above VWAP after 11:00. Cover at VWAP. Stop 0.3%. Not in the last hour. | \
entry_short close >= vwap(2).upper; entry_short minute_of_day >= time(11, 0); exit_short low <= vwap; risk stop_loss percent 0.3; \
filter minutes_to_close >= 60
Position sizing: risk $500 per trade. Entry when price closes above the upper Keltner band. Stop at the middle line. No more than 2 \
entries per day. | sizing risk_per_trade cash 500; entry_long close > keltner(20, 2).upper; risk stop_loss price keltner(20, 2).mid; \
risk max_trades_per_day count 2
Max exposure 50% of the account. Buy if the close is below the 20-day low; sell at the 10-day high; no trades in December. | risk \
max_exposure percent 50; entry_long close < lowest(low, 20)[1]; exit_long close > highest(high, 10)[1]; filter month != 12
If the daily candle closes above the high of the previous three days, buy with a stop at the lowest low of those three days. Trail the \
stop to each new three-day low. | entry_long close > highest(high, 3)[1]; risk stop_loss price lowest(low, 3); risk trailing_stop \
price lowest(low, 3)
Buy on the 25th of the month and sell on the 5th of the next month. Skip if the 50-day SMA is under the 200-day SMA. | entry_long day \
>= 25 and day[1] < 25; exit_long day >= 5 and day[1] < 5; filter sma(50) >= sma(200)
Be long from October to April, flat from May to September. Use a 10% stop. | entry_long month in (10, 11, 12, 1, 2, 3, 4); exit_long \
month in (5, 6, 7, 8, 9); risk stop_loss percent 10
Crypto trend: 4-hour close above the 55-period Donchian high goes long, 4-hour close under the 20-period Donchian low exits. Risk 0.5% \
per trade. Trailing stop 3.5 ATR. | entry_long close > donchian(55).upper; exit_long close < donchian(20).lower; sizing risk_per_trade \
percent 0.5; risk trailing_stop atr 3.5
Price closes below the lower Bollinger band two days in a row, then closes back inside the band. Buy. Sell at the upper band, stop 5%. \
| entry_long count(close < bbands(20, 2).lower, 2)[1] == 2; entry_long close > bbands(20, 2).lower; exit_long high >= bbands(20, \
2).upper; risk stop_loss percent 5
Supertrend(14, 2.5) turns up with volume above its 30-day average: buy. Exit when it turns down or at a 12% profit. | entry_long \
crosses_above(supertrend(14, 2.5).direction, 0); entry_long volume > sma(volume, 30); exit_long crosses_below(supertrend(14, \
2.5).direction, 0); risk take_profit percent 12
MACD crosses below its signal above the zero line: short. Cover when it crosses back above. Stop above the recent swing high. | \
entry_short crosses_below(macd(12, 26, 9).macd, macd(12, 26, 9).signal) and macd(12, 26, 9).macd > 0; exit_short \
crosses_above(macd(12, 26, 9).macd, macd(12, 26, 9).signal); risk stop_loss price swing_high(3, 3)
Slow stochastic below 25 turning up in an uptrend (close above 100 SMA). Exit at 75. Stop 6 percent. | entry_long stoch(14, 3, 3).k < \
25; entry_long stoch(14, 3, 3).k > stoch(14, 3, 3).k[1] and stoch(14, 3, 3).k[1] <= stoch(14, 3, 3).k[2]; entry_long close > sma(100); \
exit_long stoch(14, 3, 3).k >= 75; risk stop_loss percent 6
Three red Heikin Ashi candles followed by a green one: buy. Exit at the first red candle. | entry_long heikin_ashi.close > \
heikin_ashi.open and count(heikin_ashi.close < heikin_ashi.open, 3)[1] == 3; exit_long heikin_ashi.close < heikin_ashi.open
Outside day that closes above yesterday's high, in an uptrend over the 50 SMA: buy and hold 5 days. | entry_long outside_bar; \
entry_long close > yesterday.high; entry_long close > sma(50); risk time_stop bars 5
Own the ETF when its 6-month return is positive and it's above its 10-month average, otherwise hold cash. Rebalance on the last \
trading day of the month. | entry_long roc(126) > 0; entry_long close > tf("1mo", sma(10)); exit_long roc(126) <= 0; exit_long B close \
<= tf("1mo", sma(10)); sizing rebalance when last_trading_day_of_month
Three losing trades in a row: stop for 10 days. Buy RSI(2) under 5 above the 200 SMA, sell above the 10 SMA. | filter losses_in_row < \
3 or bars_since_exit >= 10; entry_long rsi(2) < 5; entry_long close > sma(200); exit_long close > sma(10)
Daily loss limit $1,000, daily profit target $2,000. Long when EMA(9) crosses above EMA(20), short when it crosses below. Flat at \
16:00. | risk daily_loss_limit cash 1000; risk daily_profit_target cash 2000; entry_long crosses_above(ema(9), ema(20)); entry_short \
crosses_below(ema(9), ema(20)); risk flat_at_close time 16:00
Short the break of the 20-day low if the price is below the 100-day average. Cover half at 10% profit and the rest at the 10-day high. \
Stop 3 ATR. | entry_short close < lowest(low, 20)[1]; entry_short close < sma(100); risk partial_exit percent 10 50; exit_short close \
> highest(high, 10)[1]; risk stop_loss atr 3
Buy when today's close is below the lows of the previous five days. Sell when it's above the highs of the previous five days. Market \
must be above the 200 SMA. | entry_long close < lowest(low, 5)[1]; exit_long close > highest(high, 5)[1]; filter close > sma(200)
Long at the pivot point S2 with a target of S1 and a stop 10 points below S2. Not on Fridays. | entry_long low <= pivot_points.s2; \
risk take_profit price pivot_points.s1; risk stop_loss price pivot_points.s2 - 10; filter weekday != 4
Enter short when the 10 EMA is below the 30 EMA and the price rallies to the 10 EMA. Stop 1.5 ATR, cover at 2R or when the 10 EMA \
crosses back above the 30 EMA. | entry_short ema(10) < ema(30); entry_short high >= ema(10); risk stop_loss atr 1.5; risk take_profit \
r 2; exit_short crosses_above(ema(10), ema(30))
Trade from 9:35 to 11:00. Buy when price breaks the high of the first 5 minutes, sell short when it breaks the low of the first 5 \
minutes. Stop 0.4%, target 0.8%. Close everything at 11:30. | risk trading_hours time 09:35 11:00; entry_long crosses_above(close, \
opening_range(5).high); entry_short crosses_below(close, opening_range(5).low); risk stop_loss percent 0.4; risk take_profit percent \
0.8; risk flat_at_close time 11:30
EURJPY: long if the 1-hour candle closes above the daily pivot and stochastic is above 50. Stop 25 pips, target 50 pips. Trade only \
between 7:00 and 16:00 London time. | entry_long close > pivot_points.p; entry_long stoch(14, 3, 3).k > 50; risk stop_loss pips 25; \
risk take_profit pips 50; filter minute_of_day >= time(7, 0, "Europe/London") and minute_of_day < time(16, 0, "Europe/London")
Stochastic RSI crosses above 0.2: go long. Crosses below 0.8: exit. Stop 3%. | entry_long crosses_above(stochrsi(14), 20); exit_long \
crosses_below(stochrsi(14), 80); risk stop_loss percent 3
Shooting star at a 20-day high: short the break of its low. Stop above its high. Cover half at 1R and the rest at 2R. | entry_short \
shooting_star; entry_short high >= highest(high, 20); entry_short stop_order price low; risk stop_loss price high; risk \
partial_exit r 1 50; risk take_profit r 2
At most 2 trades per day and quit for the day after one loss. Buy pullbacks to VWAP in an uptrend (price above the 50 EMA). Stop 0.5%, \
target 1%. | risk max_trades_per_day count 2; risk max_losses_per_day count 1; entry_long low <= vwap; entry_long close > ema(50); \
risk stop_loss percent 0.5; risk take_profit percent 1
Wait 5 bars after an exit before the next entry. Buy when the close is above the 20-day high. Exit at 3 ATR below the highest close. | \
filter bars_since_exit >= 5; entry_long close > highest(high, 20)[1]; risk trailing_stop atr 3
Accumulate: buy 5% of equity each time RSI(14) drops below 30, up to 5 times. Sell all when RSI(14) rises above 70. | sizing \
position_size percent 5; entry_long rsi(14) < 30; sizing pyramiding count 5; exit_long crosses_above(rsi(14), 70)
If the 5-day ATR is less than 75% of the 20-day ATR buy a stop at the 5-day high. Cancel after 3 days. Stop at the 5-day low, exit \
after 10 days. | entry_long atr(5) < 0.75 * atr(20); entry_long stop_order price highest(high, 5) within 3; risk stop_loss price \
lowest(low, 5); risk time_stop bars 10
Buy a hammer, opening limit at the low. Sell after 2 days. | entry_long hammer; entry_long limit_on_open price low; risk time_stop bars 2
Buy a hammer. LOO 1% under the close. Sell after 2 days. | entry_long hammer; entry_long limit_on_open price 0.99 * close; risk \
time_stop bars 2
Buy a hammer, stop 50 cents below the entry. | entry_long hammer; risk stop_loss points 0.5
Buy a doji at the open on the next day if it is below the close. Sell after 3 days. | entry_long doji; entry_long limit_on_open price \
close; risk time_stop bars 3
Buy a hammer with a buy stop above the hammer's high. Cancel after 2 days. Stop 5%. | entry_long hammer; entry_long stop_order price \
high within 2; risk stop_loss percent 5
Buy a gap down between 1% and 3%, no trades from 12:00 to 1:30 pm, out by 3:55 pm. | entry_long between(gap, -3, -1); filter \
minute_of_day < time(12, 0) or minute_of_day >= time(13, 30); risk flat_at_close time 15:55
Buy a hammer. ATR(20) x 2.5 stop, R:R 1:3. After a stop out wait 5 days. | entry_long hammer; risk stop_loss atr 2.5 20; risk \
take_profit r 3; risk cool_down bars 5
Heikin Ashi candles turn green above the 50 EMA: long. Heikin Ashi candles turn red: out. | entry_long \
crosses_above(heikin_ashi.close, heikin_ashi.open); entry_long close > ema(50); exit_long crosses_below(heikin_ashi.close, heikin_ashi.open)
Donchian 50: buy a close above the upper channel, sell a close under the middle of the channel. | \
entry_long close > donchian(50).upper; exit_long close < donchian(50).mid
Max loss 1% per day. Buy after two consecutive closes under the 10-day low, out at 5 pm. | risk daily_loss_limit percent 1; entry_long \
count(close < lowest(low, 10)[1], 2) == 2; risk flat_at_close time 17:00
Buy a break of the opening range high of the first 15 minutes. Stop at the opening range low. | entry_long \
crosses_above(close, opening_range(15).high); risk stop_loss price opening_range(15).low
Buy when close > sma(50). Short when close < sma(50). Never buy above the upper Bollinger band. Don't go short when RSI < 40. Stop 2%. | \
entry_long close > sma(50); entry_short close < sma(50); entry_long close <= bbands(20, 2).upper; entry_short rsi(14) >= 40; risk \
stop_loss percent 2
Buy above the 20-day high. Short below the 20-day low. Exit when the close crosses the 10-day average. Exit on Friday. | entry_long \
close > highest(high, 20)[1]; entry_short close < lowest(low, 20)[1]; exit_long crosses_below(close, sma(10)); exit_short \
crosses_above(close, sma(10)); exit_long B weekday == 4; exit_short B weekday == 4
If ADX(14) is over 25, buy when close > sma(50), short when close < sma(50). Stop 3%. | filter adx(14) > 25; entry_long close > sma(50); \
entry_short close < sma(50); risk stop_loss percent 3
Buy when close > sma(200) and a hammer or a bullish engulfing forms. Stop 2%. | entry_long close > sma(200); entry_long hammer or \
bullish_engulfing; risk stop_loss percent 2
If +DI < -DI and price pulls back to the 20 EMA, sell short. Stop 1 ATR beyond the 50 EMA. | entry_short plus_di(14) < minus_di(14); \
entry_short high >= ema(20); risk stop_loss price ema(50) - 1 * atr(14)
Buy when close > 55-day high and volume > 20-day average. Stop 2%. | entry_long close > highest(high, 55)[1]; entry_long volume > \
sma(volume, 20); risk stop_loss percent 2
Buy when the Supertrend is green. Exit when the Supertrend turns red. | entry_long supertrend(10, 3).direction > 0; exit_long \
crosses_below(supertrend(10, 3).direction, 0)
Buy when RSI(14) crosses above 50. Exit if RSI(14) crosses below 50 after having been above 70. | entry_long crosses_above(rsi(14), 50); \
exit_long sequence(rsi(14) > 70, crosses_below(rsi(14), 50), within=10)
Short when RSI goes above 80 and turns down. Stop 2%. | entry_short rsi(14)[1] > 80; entry_short rsi(14) < rsi(14)[1] and rsi(14)[1] >= \
rsi(14)[2]; risk stop_loss percent 2
Buy when RSI < 30, then a green candle. Stop 2%. | entry_long sequence(rsi(14) < 30, close > open, within=10); risk stop_loss percent 2
Bullish engulfing confirmed by RSI crossing above 50 within 3 days. Stop 2%. | entry_long sequence(bullish_engulfing, \
crosses_above(rsi(14), 50), within=3); risk stop_loss percent 2
Range 9:00 to 9:30. Buy if price closes above the range high. Stop other side. Flat by 15:00. | entry_long close > \
value_when(minute_of_day >= time(9, 0) and minute_of_day < time(9, 30), highest_since(minute_of_day == time(9, 0), high)); risk \
stop_loss price value_when(minute_of_day >= time(9, 0) and minute_of_day < time(9, 30), lowest_since(minute_of_day == time(9, 0), low)); \
risk flat_at_close time 15:00
Buy when the close is 2 standard deviations below the 20-day mean. The next day closes above the prior day's high. Stop 3%. | \
entry_long (close <= bbands(20, 2).lower)[1]; entry_long close > yesterday.high; risk stop_loss percent 3
4H chart. Buy a hammer if the daily EMA 50 is above the daily EMA 200. Trailing stop: activate at 8% profit, trail by 3%. No trades on \
Friday after 18:00. | entry_long hammer; entry_long tf("1d", ema(50) > ema(200)); risk trailing_stop percent 3 8; filter weekday != 4 or \
minute_of_day < time(18, 0)
Buy a hammer. Stop under the Kijun minus 0.5 ATR. Position size: (1% of equity) / (3*ATR). Done for the day after +$500 or -$300. | \
entry_long hammer; risk stop_loss price ichimoku.kijun - 0.5 * atr(14); sizing position_size units equity * 0.01 / (3 * atr(14)); risk \
daily_profit_target cash 500; risk daily_loss_limit cash 300
Buy when the RSI crosses 30 from below. Exit when it crosses 70 from above. | entry_long crosses_above(rsi(14), 30); exit_long \
crosses_below(rsi(14), 70)
Buy when %K(14) crosses %D(3) below 20. Sell when %K crosses %D above 80. | entry_long crosses_above(stoch(14, 3, 3).k, \
stoch(14, 3, 3).d) and stoch(14, 3, 3).k < 20; exit_long crosses_below(stoch(14, 3, 3).k, stoch(14, 3, 3).d) and stoch(14, 3, 3).k > 80
Buy on a pullback to the 10 EMA after a close above the 20-day high. Sell if price falls 10% from the highest close since entry. | \
entry_long sequence(close > highest(high, 20)[1], low <= ema(10) and close > ema(10), within=10); risk trailing_stop percent 10
Buy if ADX(14) > 25 and increasing and the RSI has been below 40 for 3 days and today it is above 40. Stop 3%. | entry_long ADX(14) > 25; \
entry_long rising(adx(14), 1); entry_long count(rsi(14) < 40, 3)[1] == 3; entry_long rsi(14) > 40; risk stop_loss percent 3
Long only above VWAP, short only below VWAP. Long when EMA(9) crosses above EMA(20), short when EMA(9) crosses below EMA(20). Stop 0.5%. | \
entry_long close > vwap; entry_short close < vwap; entry_long crosses_above(ema(9), ema(20)); entry_short crosses_below(ema(9), ema(20)); \
risk stop_loss percent 0.5
Buy TQQQ when QQQ is above its 200-day SMA. Take profit when RSI(14) crosses below 70, stop loss when RSI(14) is under 20. | entry_long \
other("QQQ").close > other("QQQ").sma(200); exit_long crosses_below(rsi(14), 70); exit_long B rsi(14) < 20
"""
NAMED = """
Buy if momentum(10) > 0 for the first time in 20 days. Stop 5%. | momentum
Buy when the spread between the 10 and 30 day average exceeds 2% of price. Stop 5%. | sma(30)
Buy if RSI(2) < 5 on the 5 minute chart and the hourly trend is up (EMA 20 > EMA 50). Stop 5%. | ema(50)
Buy if RSI is below 30 on both the daily and the weekly chart. Stop 5%. | rsi(14)
When RSI(14) rises above 70 sell a third, when it rises above 80 sell another third. Buy a hammer. Stop 5%. | 70
Buy a hammer. Sell at the close on Friday. Stop 5%. | flat_at_close
Buy a hammer. Stop 5%. Risk 1% per trade, max 5 open positions. | pyramiding
Buy a hammer. Never more than two units. Stop 5%. | 2
Buy a hammer. Stop = 50% of last week's range. Sell after 3 days. | 50
Buy a hammer. Stop 5%. I want 1.5x leverage when VIX < 15. | VIX
Buy a hammer. Stop 5%. If profit gets to 3% lock in 1%. | 3
Buy a hammer. Stop 5%. RSI is above 50. No more than 1 trade a week. | <= 1
Buy a hammer. Only if SPY and QQQ are both above their 50-day MA. Stop 5%. | sma(50)
Linear regression channel: buy at the lower line. Stop 5%. | bbands
Buy if the day before yesterday was an inside day. Stop 5%. | inside_bar
Buy half when close > sma(20) and half when close > sma(50). Exit when RSI is above 70. | sma(20)
Buy on the second of three down days. Stop 3%. | falling
Buy when the 200 EMA is sloping upwards (today's value higher than 10 bars ago). Stop 5%. | rising
Buy on Wednesday if Monday and Tuesday both closed lower. Stop 5%. | weekday
Buy a hammer. Skip it if the London session range is wide. Asian session range (00:00-07:00 UTC). Stop 5%. | time
Buy when close > sma(20) for two weeks in a row. Stop 5%. | sma(20)
Buy when 4 hour macd crosses up and 1 hour RSI < 40. Stop 5%. | macd
5-minute chart. Buy a hammer. Exit after 2 days. Stop 5%. | 2
For every 5% that QQQ is below its 52-week high, buy. Stop 5%. | 252
Buy when the 21-day slope of the 200-day MA is positive. Stop 5%. | sma(200)
Enter a third at the breakout of the 20-day high, a third at +1 ATR, and the last third at +2 ATR. Stop 5%. | 33
No entries in the first 15 minutes and the last hour. Long above the opening range high (30 min). Stop 5%. | opening_range(15)
Buy a hammer. Sell half whenever the moon is full, the rest when RSI > 70. Stop 5%. | moon
If the fund fell more than 10% from its high, buy. Stop 5%. | roc
I go long at 10:00 if the moon is full. Close at 15:59. | minute_of_day
Vice versa for shorts. Stop 5%. | short
The trend is defined by the phase of the moon: close > open. Buy a hammer. Stop 5%. | moon
Buy a hammer. Stop 2 ATR, we trail by 3 ATR once the trade is 1R in profit. | trailing_stop
3 consecutive green candles with each close above VWAP: buy. Stop 5%. | vwap
Buy on a 20-day high. Pyramiding: up to three positions, adding on each new 55-day high. Stop 5%. | pyramiding
edge = my secret sauce. Buy when edge > 3 or RSI < 30. Stop 5%. | edge
Price dips below VWAP in the morning, then reclaims it on high volume: buy. Stop 2%. | vwap
Buy a hammer. SL 1 ATR under the 55. | atr(1)
Buy a hammer. Exit at the close two days later. | flat_at_close
If the ratio of the stock to SPY makes a 50 day high, own the stock; if it makes a 50 day low, be short. | lowest(low, 50)
Buy at a limit 1% below yesterday's close if yesterday's RSI(3) was under 20; exit after 3 days. | rsi(3)[1]
Add up the RSI(2) values of the last two days. If the sum is below 35, buy. Exit when RSI(2) is above 65. | sum
Buy a 20-day high. Stop $1500 per contract. | 1500
Mark the high and low between 00:00 and 07:00 GMT. Buy when RSI(14) is under 30. Stop 30 pips. | time
MACD histogram ticks up after at least three falling bars: buy. Stop 4%. | falling(close
Scale in: first a third at RSI below 30, then a third at RSI below 25. Exit all when RSI is above 55. | rsi(14) < 30
Triple EMA stack: 8 > 21 > 55. Exit when RSI is above 70. | 8 > 21
Short when price makes a lower high below a falling 50 EMA. Stop 4%. | high <
The low is below it and the close is above it. Buy a hammer. Stop 4%. | low <
OBV falls below its EMA: sell. Buy a hammer. | obv
Volume climax after a 10% fall in 10 days: buy. Stop 5%. | 95
"""


def _read(table: str) -> list[list[str]]:
    return [line.split(" | ") for line in table.strip().splitlines()]


def _say(each: ProposedRow) -> str:
    row = each.row
    cells = [row.operator, *row.thresholds] if row.thresholds else []
    group = [row.group] if row.group != "A" else []
    return " ".join([row.section, *group, *row.indicators, *cells, *([f"within {row.within}"] if row.within > 1 else [])])


@pytest.mark.parametrize(("text", "rows"), _read(SAID))
def test_a_described_strategy_is_said_in_full(text: str, rows: str) -> None:
    proposal = propose_workflow(text)

    assert "; ".join(_say(each) for each in proposal.rows if each.words) == rows
    assert proposal.unread == ()


@pytest.mark.parametrize(("text", "never"), _read(NAMED))
def test_what_is_not_understood_is_named_and_not_read_as_something_else(text: str, never: str) -> None:
    proposal = propose_workflow(text)

    told = [cell for each in proposal.rows if each.words for cell in (*each.row.indicators, *each.row.thresholds)]
    assert not any(never in cell for cell in told)
    assert proposal.unread


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Bollinger squeeze: the bandwidth is at its lowest in 120 days. Buy when price closes above the upper band. Stop 5%.", False),
        ("Donchian 20/10: buy the 20-day high, sell the 10-day low.", False),
        ("Weird event: buy. Stop 5%.", True),
        ("NR7 + inside day: buy a break above the high of the NR7 day. Stop 5%.", True),
        ("Volume spike: buy a close above the 20-day high. Stop 5%.", True),
    ],
)
def test_a_name_before_a_strategy_is_no_rule_but_a_condition_before_it_is(text: str, named: bool) -> None:
    assert bool(propose_workflow(text).unread) is named


def test_what_is_sold_first_with_a_stop_is_sold_short_and_no_error_is_left() -> None:
    proposal = propose_workflow("EURUSD: sell when RSI(14) is above 70. SL 40 pips, TP 80 pips.")

    assert [each.row.section.value for each in proposal.rows[:1]] == ["entry_short"]
    assert [problem for problem in check(proposal.workflow) if problem.severity is Severity.ERROR] == []


def test_bars_between_two_crossings_that_are_not_told_are_marked_as_assumed() -> None:
    text = "Buy a hammer. Exit when %K goes over 80 and then crosses back under %D."

    assert [each.guessed for each in propose_workflow(text).rows if "sequence" in each.row.indicators[0]] == [True]
