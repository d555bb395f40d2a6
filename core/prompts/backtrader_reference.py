"""Reference for models: Backtrader's own indicators with their arguments and lines, each line run by a test, and what Backtrader lacks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReferenceEntry:
    """One expression that Backtrader accepts, and the outputs that can be read from it."""

    code: str
    lines: tuple[str, ...] = ()
    """Output lines; empty when the indicator itself is read, as in `self.x[0]`."""
    note: str = ""


BUILT_IN = (
    ReferenceEntry("bt.ind.SMA(self.data.close, period=20)"),
    ReferenceEntry("bt.ind.EMA(self.data.close, period=20)"),
    ReferenceEntry("bt.ind.WMA(self.data.close, period=20)"),
    ReferenceEntry("bt.ind.SMMA(self.data.close, period=14)", note="Wilder's smoothing"),
    ReferenceEntry("bt.ind.DEMA(self.data.close, period=20)"),
    ReferenceEntry("bt.ind.TEMA(self.data.close, period=20)"),
    ReferenceEntry("bt.ind.HMA(self.data.close, period=20)"),
    ReferenceEntry("bt.ind.ZLEMA(self.data.close, period=20)"),
    ReferenceEntry("bt.ind.RSI(self.data.close, period=14, safediv=True)", note="safediv=True: else it divides by zero on flat bars"),
    ReferenceEntry("bt.ind.Stochastic(self.data, period=14, period_dfast=3, safediv=True)", ("percK", "percD")),
    ReferenceEntry("bt.ind.MACD(self.data.close, period_me1=12, period_me2=26, period_signal=9)", ("macd", "signal")),
    ReferenceEntry("bt.ind.MACDHisto(self.data.close, period_me1=12, period_me2=26, period_signal=9)", ("macd", "signal", "histo")),
    ReferenceEntry("bt.ind.PPO(self.data.close, period1=12, period2=26, period_signal=9)", ("ppo", "signal", "histo")),
    ReferenceEntry("bt.ind.TRIX(self.data.close, period=15)"),
    ReferenceEntry("bt.ind.AwesomeOscillator(self.data, fast=5, slow=34)"),
    ReferenceEntry("bt.ind.Momentum(self.data.close, period=12)", note="close - close[-12]"),
    ReferenceEntry("bt.ind.ROC100(self.data.close, period=12)", note="change in percent; ROC is the fraction"),
    ReferenceEntry("bt.ind.PercentRank(self.data.close, period=50)", note="0 to 1"),
    ReferenceEntry("bt.ind.BollingerBands(self.data.close, period=20, devfactor=2.0)", ("mid", "top", "bot")),
    ReferenceEntry("bt.ind.StdDev(self.data.close, period=20)"),
    ReferenceEntry("bt.ind.ATR(self.data, period=14)"),
    ReferenceEntry("bt.ind.TrueRange(self.data)"),
    ReferenceEntry("bt.ind.Highest(self.data.high, period=20)", note="this bar included; the bars before: self.x[-1]"),
    ReferenceEntry("bt.ind.Lowest(self.data.low, period=20)"),
    ReferenceEntry("bt.ind.SumN(self.data.volume, period=20)"),
    ReferenceEntry("bt.ind.AroonUpDown(self.data, period=25)", ("aroonup", "aroondown")),
    ReferenceEntry("bt.ind.ParabolicSAR(self.data, af=0.02, afmax=0.2)"),
    ReferenceEntry("bt.ind.Vortex(self.data, period=14)", ("vi_plus", "vi_minus"), "divides by zero on flat bars"),
    ReferenceEntry("bt.ind.CrossOver(self.data.close, bt.ind.SMA(period=20))", note="1 on the bar of a cross above, -1 below, else 0"),
    ReferenceEntry("bt.DivByZero(self.data.close, self.data.volume, zero=0.0)", note="a quotient that is 0 where the divisor is"),
    ReferenceEntry("bt.If(self.data.close > self.data.open, self.data.volume, 0.0)"),
)
"""Safe on any bars, unless the note says otherwise."""

UNSAFE = (
    ReferenceEntry("bt.ind.CCI(self.data, period=20)"),
    ReferenceEntry("bt.ind.WilliamsR(self.data, period=14)"),
    ReferenceEntry("bt.ind.DirectionalMovement(self.data, period=14)", ("adx", "plusDI", "minusDI")),
    ReferenceEntry("bt.ind.KAMA(self.data.close, period=10)"),
    ReferenceEntry("bt.ind.UltimateOscillator(self.data, p1=7, p2=14, p3=28)"),
)
"""Divide by zero where nothing moves for a while."""

MISSING = (
    "VWAP, OBV, MFI, CMF, Supertrend, Donchian and Keltner channels, stochastic RSI, z-score, linear regression, "
    "candle patterns, session ranges"
)

CUSTOM_INDICATOR = """class OnBalanceVolume(bt.Indicator):
    lines = ("obv",)
    def __init__(self):
        self.addminperiod(2)
    def nextstart(self):
        self.lines.obv[0] = 0.0
    def next(self):
        change = self.data.close[0] - self.data.close[-1]
        self.lines.obv[0] = self.lines.obv[-1] + (change > 0) * self.data.volume[0] - (change < 0) * self.data.volume[0]
"""
"""Form of an indicator of one's own: state in lines only, so that it reads the same whichever way bars arrive."""


def indicator_reference() -> str:
    """Names, arguments and output lines that exist in Backtrader, what divides by zero, what is missing, and how to write one's own."""
    lines = [_line(entry) for entry in BUILT_IN]
    lines += ["# These divide by zero where nothing moves for their whole period; on minute bars compute them yourself, guarded:"]
    lines += [_line(entry) for entry in UNSAFE]
    lines += [
        f"# bt.ind has none of these: {MISSING}. Write them as a class above the strategy, made in __init__ with self.x = Name(self.data):"
    ]
    return "\n".join(lines) + "\n" + CUSTOM_INDICATOR


def _line(entry: ReferenceEntry) -> str:
    notes = [f"lines {' '.join(entry.lines)}" if entry.lines else "", entry.note]
    shown = "; ".join(note for note in notes if note)
    return f"{entry.code}  # {shown}" if shown else entry.code
