"""Lines of bands and channels: which one, around what, and with which numbers."""

from core.language.spoken.noun import Noun
from core.language.spoken.scanner import Scanner
from core.language.spoken.vocabulary import BANDS, LINES


def read_band(scan: Scanner) -> Noun | None:
    """`the upper Bollinger band`, `middle line of the Keltner channel`, `lower band`."""
    if ranged := scan.take(
        r"(?:(?P<bars>\d+)[- ](?:period|day|bar|hour|week) donchian(?: channel)?(?:'s)?|donchian(?: channel)? ?\(?(?P<bars2>\d+)\)?(?:'s)?)"
        r" (?P<side>high|upper|top|low|lower|bottom)(?: band| line| channel)?"
    ):
        bars = ranged["bars"] or ranged["bars2"]
        return Noun(f"donchian({bars}).{'upper' if ranged['side'].lower() in ('high', 'upper', 'top') else 'lower'}")
    kind, line = r"(?P<kind{0}>bollinger|keltner|donchian)?", r"(?P<line{0}>upper|lower|middle|mid|center|top|bottom)"
    match = scan.take(
        rf"{line.format(1)} ?{kind.format(1)} ?(?:bands?|channels?|lines?|bb)(?: line)?(?: of the {kind.format(2)} ?(?:bands?|channel))?"
        rf"|{line.format(3)} of the {kind.format(3)} ?(?:bands?|channel)|{kind.format(4)} {line.format(4)}(?: band| line)"
        rf"|{line.format(5)} (?P<kind5>bollinger|keltner|donchian)"
    )
    if match is None:
        return None
    word = next(match[f"line{place}"] for place in (1, 3, 4, 5) if match[f"line{place}"])
    kind = next((match[f"kind{place}"] for place in (1, 2, 3, 4, 5) if match[f"kind{place}"]), "")
    told = scan.take(r"\( ?(?P<length>\d+)(?: ?, ?(?P<width>\d+(?:\.\d+)?))? ?\)")
    around = kind.lower() or next((name for name in ("keltner", "donchian") if name in scan.text.lower()), "bollinger")
    band = BANDS[around]
    if told is not None:
        band = f"{band.split('(')[0]}({', '.join(number for number in told.group('length', 'width') if number)})"
    return Noun(f"{band}.{LINES[word.lower()]}")
