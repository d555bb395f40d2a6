"""The only script that Streamlit runs: page settings, the access gate, the state of the platform, and the navigation.

A screen is reached through here and never directly, so nothing can be shown before the gate.
"""

import sys
from pathlib import Path

import streamlit as st

HERE = Path(__file__).resolve().parent
if str(HERE) in sys.path:  # Streamlit puts this folder first, and `pages/code.py` would then stand before the standard library's `code`
    sys.path.remove(str(HERE))

from pages.components import access, frame, keyboard, theme_colors, typed_text  # noqa: E402

st.set_page_config(page_title="Stratloop", page_icon=str(HERE / "assets" / "icon.png"), layout="wide")

SCREENS = (
    ("home.py", "Home", ":material/home:", "What Stratloop does, what ran last, and a sample to start with one click."),
    ("builder.py", "Builder", ":material/account_tree:", "Write a strategy as a table, checked and read back in words while you type."),
    ("code.py", "Code", ":material/code:", "Let a model or the compiler write Backtrader code, edit it and run it."),
    ("driving.py", "LLM driving", ":material/autorenew:", "Generate, backtest and improve in a loop, with a locked hold-out."),
    ("sweep.py", "Sweep", ":material/grid_on:", "Vary a workflow's numbers on several instruments: heat maps, plateaus and cliffs."),
    ("compare.py", "Compare", ":material/compare_arrows:", "Two to six iterations side by side: figures, curves, code and trades."),
    ("library.py", "Library", ":material/history:", "Every run so far: find, open, resume, compare, export."),
    ("market.py", "Market", ":material/candlestick_chart:", "Search, chart, quality and character of bars; upload your own."),
    ("credits.py", "Credits", ":material/payments:", "What model calls cost, by model, run and day, against your caps."),
    (
        "settings.py",
        "Settings",
        ":material/settings:",
        "Provider keys, model defaults, credits, the sandbox, and what this installation is.",
    ),
    ("help.py", "Help", ":material/help:", "The guides, to read and to search."),
)

pages = [
    st.Page(HERE / file, title=title, icon=icon, help=about, url_path=Path(file).stem, default=file == "home.py")
    for file, title, icon, about in SCREENS
]
screen = st.navigation(pages, position="top")
st.set_page_config(page_title=f"{screen.title} · Stratloop")
st.logo(str(HERE / "assets" / "icon.png"), size="medium")

theme_colors.draw_readable_colors()
access.require_access()
frame.store_screen(screen.url_path or "home")
if frame.check_platform():
    frame.draw_isolation_banner()
    with frame.show_errors():
        screen.run()
theme_colors.watch_theme()
keyboard.help_keyboard()
typed_text.keep_typed_text()
