"""f-strings as Python 3.12 has them, written for the versions before."""

import ast

import pytest

from core.domain.nested_quotes import write_nested_quotes

NAMES = {"row": {"close": 1.5, "n": 6}, "rows": ["a", "b"], "x": 3}


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ('f"{row["close"]:.2f}"', "1.50"),
        ("f'{row['close']!r} it{{s}}'", "1.5 it{s}"),
        ('f"{row["close"]:>{row["n"]}} it\'s"', "   1.5 it's"),
        ("f\"{'\\n'.join(rows)}\"", "a\nb"),
        ("f\"{'\\t-'.join(rows)}\"", "a\t-b"),
        ('f"{f"{f"{x}"}"}"', "3"),
        ('f"{x if x != 2 else "no"}" + rf"\\d{row["n"]}"', "3\\\\d6".replace("\\\\", "\\")),
        ('f"{(lambda: row["n"])()}" f"{ {1: "z"}[1] }"', "6z"),
        ('f"""{row["n"]} "quoted" """', '6 "quoted" '),
    ],
)
def test_the_value_stays(code: str, value: str) -> None:
    written = write_nested_quotes(code)
    assert eval(compile(ast.parse(written, mode="eval", feature_version=(3, 11)), "x", "eval"), dict(NAMES)) == value


@pytest.mark.parametrize("code", ['f"{x', '"never closed', 'f"{"\n"}"', "f'{x!r:{'", 'x = "plain {" + f"{x}"\n# it\'s f"{'])
def test_what_cannot_be_followed_or_needs_nothing_is_left_alone(code: str) -> None:
    assert write_nested_quotes(code) == code
