"""Names that Backtrader 1.9.78.123 has, as text: the gate looks them up without importing it. A test holds them against the library."""

_INDICATORS = """
ADX ADXR AO APO ATR AbsPriceOsc AbsolutePriceOscillator AccDeOsc AccelerationDecelerationOscillator Accum AdaptiveMovingAverage
AdaptiveMovingAverageEnvelope AdaptiveMovingAverageOsc AdaptiveMovingAverageOscillator AllN AnyN ApplyN ArithmeticMean AroonDown
AroonIndicator AroonOsc AroonOscillator AroonUp AroonUpDown AroonUpDownOsc AroonUpDownOscillator Average
AverageDirectionalMovementIndex AverageDirectionalMovementIndexRating AverageTrueRange AverageWeighted AwesomeOsc
AwesomeOscillator BBands BaseApplyN BollingerBands BollingerBandsPct CCI CointN CommodityChannelIndex CrossDown CrossOver CrossUp
CumSum CumulativeSum DEMA DEMAEnvelope DEMAOsc DEMAOscillator DI DM DMA DMAEnvelope DMAOsc DMAOscillator DMI DPO DV2
DemarkPivotPoint DetrendedPriceOscillator DicksonMA DicksonMAEnvelope DicksonMAOsc DicksonMAOscillator DicksonMovingAverage
DicksonMovingAverageEnvelope DicksonMovingAverageOsc DicksonMovingAverageOscillator DirectionalIndicator DirectionalMovement
DirectionalMovementIndex DoubleExponentialMovingAverage DoubleExponentialMovingAverageEnvelope DoubleExponentialMovingAverageOsc
DoubleExponentialMovingAverageOscillator DownDay DownDayBool DownMove EC ECEnvelope ECOsc ECOscillator EMA EMAEnvelope EMAOsc
EMAOscillator Envelope ErrorCorrecting ErrorCorrectingEnvelope ErrorCorrectingOsc ErrorCorrectingOscillator ExpSmoothing
ExpSmoothingDynamic ExponentialMovingAverage ExponentialMovingAverageEnvelope ExponentialMovingAverageOsc
ExponentialMovingAverageOscillator ExponentialSmoothing ExponentialSmoothingDynamic FibonacciPivotPoint FindFirstIndex
FindFirstIndexHighest FindFirstIndexLowest FindLastIndex FindLastIndexHighest FindLastIndexLowest HMA HMAEnvelope HMAOsc
HMAOscillator HeikinAshi Highest HullMA HullMAEnvelope HullMAOsc HullMAOscillator HullMovingAverage HullMovingAverageEnvelope
HullMovingAverageOsc HullMovingAverageOscillator Hurst HurstExponent Ichimoku Indicator KAMA KAMAEnvelope KAMAOsc KAMAOscillator
KST KnowSureThing LAGF LRSI LaguerreFilter LaguerreRSI Lowest MACD MACDHisto MACDHistogram MaxN Mean MeanDev MeanDeviation MinN
MinusDI MinusDirectionalIndicator ModifiedMovingAverage ModifiedMovingAverageEnvelope ModifiedMovingAverageOsc
ModifiedMovingAverageOscillator Momentum MomentumOsc MomentumOscillator MovingAverageAdaptive MovingAverageAdaptiveEnvelope
MovingAverageAdaptiveOsc MovingAverageAdaptiveOscillator MovingAverageBase MovingAverageDoubleExponential
MovingAverageDoubleExponentialEnvelope MovingAverageDoubleExponentialOsc MovingAverageDoubleExponentialOscillator
MovingAverageExponential MovingAverageExponentialEnvelope MovingAverageExponentialOsc MovingAverageExponentialOscillator
MovingAverageSimple MovingAverageSimpleEnvelope MovingAverageSimpleOsc MovingAverageSimpleOscillator MovingAverageSmoothed
MovingAverageSmoothedEnvelope MovingAverageSmoothedOsc MovingAverageSmoothedOscillator MovingAverageTripleExponential
MovingAverageTripleExponentialEnvelope MovingAverageTripleExponentialOsc MovingAverageTripleExponentialOscillator
MovingAverageWeighted MovingAverageWeightedEnvelope MovingAverageWeightedOsc MovingAverageWeightedOscillator MovingAverageWilder
MovingAverageWilderEnvelope MovingAverageWilderOsc MovingAverageWilderOscillator NZD NonZeroDifference OLS_BetaN
OLS_Slope_InterceptN OLS_TransformationN OperationN Oscillator OscillatorMixIn PGO PPO PPOShort PSAR ParabolicSAR PctChange
PctRank PercPriceOsc PercPriceOscShort PercentChange PercentRank PercentagePriceOscillator PercentagePriceOscillatorShort PeriodN
PivotPoint PlusDI PlusDirectionalIndicator PrettyGoodOsc PrettyGoodOscillator PriceOsc PriceOscillator RMI ROC ROC100 RSI
RSI_Cutler RSI_EMA RSI_SMA RSI_SMMA RSI_Safe RSI_Wilder RateOfChange RateOfChange100 ReduceN RelativeMomentumIndex
RelativeStrengthIndex SMA SMAEnvelope SMAOsc SMAOscillator SMMA SMMAEnvelope SMMAOsc SMMAOscillator SimpleMovingAverage
SimpleMovingAverageEnvelope SimpleMovingAverageOsc SimpleMovingAverageOscillator SmoothedMovingAverage
SmoothedMovingAverageEnvelope SmoothedMovingAverageOsc SmoothedMovingAverageOscillator StandardDeviation StdDev Stochastic
StochasticFast StochasticFull StochasticSlow SumN TEMA TEMAEnvelope TEMAOsc TEMAOscillator TR TRIX TSI
TripleExponentialMovingAverage TripleExponentialMovingAverageEnvelope TripleExponentialMovingAverageOsc
TripleExponentialMovingAverageOscillator Trix TrixSignal TrueHigh TrueLow TrueRange TrueStrengthIndicator UltimateOscillator UpDay
UpDayBool UpMove Vortex WMA WMAEnvelope WMAOsc WMAOscillator WeightedAverage WeightedMovingAverage WeightedMovingAverageEnvelope
WeightedMovingAverageOsc WeightedMovingAverageOscillator WilderMA WilderMAEnvelope WilderMAOsc WilderMAOscillator WilliamsAD
WilliamsR ZLEMA ZLEMAEnvelope ZLEMAOsc ZLEMAOscillator ZLInd ZLIndEnvelope ZLIndOsc ZLIndOscillator ZLIndicator
ZLIndicatorEnvelope ZLIndicatorOsc ZLIndicatorOscillator ZeroLagEma ZeroLagEmaEnvelope ZeroLagEmaOsc ZeroLagEmaOscillator
ZeroLagExponentialMovingAverage ZeroLagExponentialMovingAverageEnvelope ZeroLagExponentialMovingAverageOsc
ZeroLagExponentialMovingAverageOscillator ZeroLagIndicator ZeroLagIndicatorEnvelope ZeroLagIndicatorOsc ZeroLagIndicatorOscillator
haD haDelta movav newcls
"""
INDICATORS = frozenset(_INDICATORS.split())
"""Indicator classes in `bt.indicators` (`bt.ind`)."""

_OTHERS = """
All And Any Cmp CmpEx DivByZero DivZeroByZero EnvelopeMixIn If LineActions List Logic MAXINT Max MetaMovAvBase Min MovAv
MovingAverage MultiLogic MultiLogicReduce Or Reduce Sum absolute_import accdecoscillator alias aroon atr awesomeoscillator
basicops bollinger bt cci cmp contrib crossover dema deviation directionalmove division dma dpo dv2 ema envelope functools hadelta
heikinashi hma hurst ichimoku kama kst linename lrsi mabase macd map math module momentum movname newaliases newclsdct newclsdoc
newclsname ols operator oscillator percentchange percentrank pivotpoint prettygoodoscillator priceoscillator print_function psar
range rmi rsi sma smma stochastic suffix sys trix tsi ultimateoscillator unicode_literals williams with_metaclass wma zlema zlind
"""
OTHER_IN_INDICATORS = frozenset(_OTHERS.split())
"""Other names that can be read from `bt.indicators`: operations, base classes, modules."""

LINES = frozenset(("open", "high", "low", "close", "volume", "openinterest", "datetime"))
"""Lines of a data feed."""

ORDER_ARGUMENTS = frozenset(
    (
        *("data", "size", "price", "plimit", "exectype", "valid", "tradeid", "oco", "trailamount", "trailpercent", "parent", "transmit"),
        "on_open",
    )
)
"""Arguments that buy() and sell() act on, `on_open` by the platform's broker; any other is stored with the order and has no effect."""

_PARTS = """
analyzer:
analyzers: annualreturn calmar drawdown leverage logreturnsrolling periodstats positions pyfolio returns sharpe sqn timereturn
  tradeanalyzer transactions vwr
broker:
brokers: bbroker ibbroker oandabroker vcbroker
btrun: btrun
cerebro:
comminfo:
commissions:
dataseries:
errors:
feed:
feeds: blaze btcsv chainer csvgeneric ibdata influxfeed mt4csv oanda pandafeed quandl rollover sierrachart vcdata vchart vchartcsv
  vchartfile yahoo
fillers:
filters: bsplitter calendardays datafiller datafilter daysteps heikinashi renko session
flt:
functions:
indicator:
indicators: accdecoscillator aroon atr awesomeoscillator basicops bollinger cci contrib contrib.vortex crossover dema deviation
  directionalmove dma dpo dv2 ema envelope hadelta heikinashi hma hurst ichimoku kama kst lrsi mabase macd momentum ols oscillator
  percentchange percentrank pivotpoint prettygoodoscillator priceoscillator psar rmi rsi sma smma stochastic trix tsi
  ultimateoscillator vortex williams wma zlema zlind
linebuffer:
lineiterator:
lineroot:
lineseries:
mathsupport:
metabase:
observer:
observers: benchmark broker buysell drawdown logreturns timereturn trades
order:
plot: finance formatters locator multicursor plot scheme utils
position:
resamplerfilter:
signal:
signals:
sizer:
sizers: fixedsize percents_sizer
store:
stores: ibstore oandastore vchartfile vcstore
strategies: sma_crossover
strategy:
studies: contrib contrib.fractal
talib:
timer:
trade:
tradingcal:
utils: autodict date dateintern flushfile ordereddefaultdict py3
version:
writer:
"""
BACKTRADER_PARTS = {
    name: frozenset(parts.split()) for name, _, parts in (line.partition(":") for line in _PARTS.strip().replace("\n  ", " ").split("\n"))
}
"""Modules of the library, and the modules inside those that are packages."""
