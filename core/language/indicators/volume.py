"""Volume: how much was traded, and on which side."""

from core.language.indicators.base import Indicator, Kind, Line, Shelf, table

VOLUME = Shelf(
    table(
        Indicator(
            name="obv",
            title="On-balance volume",
            explanation="Running sum of volume, added on rising and subtracted on falling closes.",
            group="volume",
            params=(),
            lines=(Line("value", Kind.VOLUME),),
            phrase="on-balance volume",
            code="OnBalanceVolume({data})",
            warmup=lambda p: 2,
            reference="Granville (1963); starts at 0 on the first bar.",
            classes=("OnBalanceVolume",),
        ),
    ),
    {
        "OnBalanceVolume": '''class OnBalanceVolume(bt.Indicator):
    """Volume added on rising closes and subtracted on falling ones, from 0."""

    lines = ("obv",)

    def __init__(self):
        self.addminperiod(2)

    def nextstart(self):
        self.lines.obv[0] = self.signed()

    def next(self):
        self.lines.obv[0] = self.lines.obv[-1] + self.signed()

    def signed(self):
        change = self.data.close[0] - self.data.close[-1]
        return self.data.volume[0] if change > 0 else -self.data.volume[0] if change < 0 else 0.0
''',
    },
)
