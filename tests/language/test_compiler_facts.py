"""Facts that the compiler is told about its own parts agree with those parts."""

from core.language.compiler.series import CLASS_BASES, CLASS_SOURCES, DAY_CLASSES


def test_every_class_that_reads_the_trading_day_is_known_to_need_the_helper() -> None:
    assert {name for name, source in CLASS_SOURCES.items() if "trading_day(" in source} == DAY_CLASSES


def test_every_class_builds_on_one_of_ours_or_on_backtraders() -> None:
    assert {base for base in CLASS_BASES.values() if base not in CLASS_SOURCES} == {"bt.Indicator"}
