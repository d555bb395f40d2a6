"""Exchanges whose holidays follow rules, which are known beforehand; of others nothing is known but the weekday."""

HOLIDAYS = {
    **dict.fromkeys(("XNYS", "XNAS", "ARCX", "US"), "closed_in_new_york"),
    "XLON": "closed_in_london",
    **dict.fromkeys(("XETR", "XFRA"), "closed_in_frankfurt"),
    **dict.fromkeys(("XPAR", "XAMS", "XBRU", "XLIS"), "closed_on_euronext"),
}
"""Codes of calendars whose holidays follow rules, and the helpers that know these."""
EVERY_WEEKDAY = ("24/5", "24/7")
"""Calendars without holidays that matter to a month's end."""
