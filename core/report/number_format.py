"""Text of numbers for people: ratios, percent, money, durations, counts. What a figure is called is in `core.report.figures`."""

import re

DASH = "—"
"""Stands for a figure that is not defined."""
MINUS = "−"
"""Stands before what is below zero, in everything that people read; a hyphen is shorter than a plus, and may end a line."""
_NEGATIVE = re.compile(r"(?<![\w.,)\]-])-(?=\d)")


def write_minus(number: str) -> str:
    """Write the text of a number, or of several, for people.

    >>> write_minus("-0.19 to +1.20")
    '−0.19 to +1.20'
    """
    return number.replace("-", MINUS)


def write_minus_within(sentence: str) -> str:
    """Write the negative numbers within a sentence for people; dates, ranges and names keep their hyphens.

    >>> write_minus_within("it lost -1.4% from 2003-01-01 on, well-known")
    'it lost −1.4% from 2003-01-01 on, well-known'
    """
    return _NEGATIVE.sub(MINUS, sentence)


def format_ratio(value: float | None, digits: int = 2, *, missing: str = DASH) -> str:
    """Format a ratio such as Sharpe.

    >>> format_ratio(1.4159), format_ratio(-0.5), format_ratio(None), format_ratio(-0.004)
    ('1.42', '−0.50', '—', '0.00')
    """
    if value is None:
        return missing
    text = f"{value:.{digits}f}"
    return text.lstrip("-") if _is_zero(text) else write_minus(text)


def format_percent(value: float | None, digits: int = 1, *, sign: bool = False, missing: str = DASH) -> str:
    """Format a fraction as percent.

    >>> format_percent(-0.0871), format_percent(None), format_percent(0.349, sign=True)
    ('−8.7%', '—', '+34.9%')
    """
    if value is None:
        return missing
    text = f"{value * 100:{'+' if sign else ''},.{digits}f}%"
    return text.lstrip("+-") if _is_zero(text) else write_minus(text)


def format_whole(value: float | None, *, missing: str = DASH) -> str:
    """Format a number of things, with thousands apart.

    >>> format_whole(12345.0), format_whole(None)
    ('12,345', '—')
    """
    return missing if value is None else write_minus(f"{value:,.0f}")


def format_money(value: float | None, currency: str = "USD", digits: int = 0, *, missing: str = DASH) -> str:
    """Format an amount of an account's currency; without its name where that is not known.

    >>> format_money(12345.6), format_money(-3.5, "EUR", 2), format_money(3.5, "", 2), format_money(None)
    ('$12,346', '−3.50 EUR', '3.50', '—')
    """
    if value is None:
        return missing
    amount = f"{abs(value):,.{digits}f}"
    sign = MINUS if value < 0 and not _is_zero(amount) else ""
    return f"{sign}${amount}" if currency == "USD" else f"{sign}{amount} {currency}".rstrip()


def format_dollars(usd: float) -> str:
    """Format the cost of a model call: small amounts with enough digits to tell them apart.

    >>> format_dollars(0.0421), format_dollars(1.5), format_dollars(0.00012)
    ('$0.042', '$1.50', '$0.00012')
    """
    if usd >= 1:
        return f"${usd:,.2f}"
    return f"${usd:.3f}" if usd >= 0.001 or usd == 0 else f"${usd:.2g}"


def format_duration(seconds: float) -> str:
    """Format a length of time.

    >>> format_duration(0.21), format_duration(75), format_duration(4000)
    ('0.2 s', '1 min 15 s', '1 h 06 min')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{int(seconds // 60)} min {int(seconds % 60):02d} s"
    return f"{int(seconds // 3600)} h {int(seconds % 3600 // 60):02d} min"


def format_count(number: int, one: str, many: str = "") -> str:
    """Format a number with its noun.

    >>> format_count(1, "trade"), format_count(3, "trade"), format_count(2, "entry", "entries")
    ('1 trade', '3 trades', '2 entries')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def format_frequency(number: int) -> str:
    """Format a number of occasions.

    >>> format_frequency(1), format_frequency(2), format_frequency(3)
    ('once', 'twice', '3 times')
    """
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")


def _is_zero(text: str) -> bool:
    return not any(digit in "123456789" for digit in text)
