"""Is a result true, and is it luck: figures, references, findings and the statistics of many tries. Pure: values in, values out."""

from core.evidence.agreement import Agreement, Conformity, Funnel, FunnelRow, RowAgreement, Signals, conformity, funnel
from core.evidence.breakdown import MonthReturn, Regime, monthly_returns, regimes, rolling_sharpe, yearly_returns
from core.evidence.case import Case, Context
from core.evidence.chance import RandomEntries, placebo_rank, random_entries, shuffled
from core.evidence.character import Profile, profile, sentences
from core.evidence.crossvalidation import Overfitting, Window, overfitting, walk_forward, walk_forward_efficiency
from core.evidence.diagnosis import REPEATS, findings, mute
from core.evidence.evaluation import benchmark, cash, evaluate
from core.evidence.formula import check_formula
from core.evidence.ledger import recompute_equity
from core.evidence.luck import (
    Interval,
    deflated_sharpe,
    expected_best_sharpe,
    expected_maximum,
    probabilistic_sharpe,
    sharpe_interval,
)
from core.evidence.returns import Distribution, Returns, autocorrelations, distribution, returns_of, rolling_volatility, significance
from core.evidence.robustness import Sensitivity, neighbors, sensitivity
from core.evidence.scoring import broken_constraint, no_score_reason, score

__all__ = [
    "REPEATS",
    "Agreement",
    "Case",
    "Conformity",
    "Context",
    "Distribution",
    "Funnel",
    "FunnelRow",
    "Interval",
    "MonthReturn",
    "Overfitting",
    "Profile",
    "RandomEntries",
    "Regime",
    "Returns",
    "RowAgreement",
    "Sensitivity",
    "Signals",
    "Window",
    "autocorrelations",
    "benchmark",
    "broken_constraint",
    "cash",
    "check_formula",
    "conformity",
    "deflated_sharpe",
    "distribution",
    "evaluate",
    "expected_best_sharpe",
    "expected_maximum",
    "findings",
    "funnel",
    "monthly_returns",
    "mute",
    "neighbors",
    "no_score_reason",
    "overfitting",
    "placebo_rank",
    "probabilistic_sharpe",
    "profile",
    "random_entries",
    "recompute_equity",
    "regimes",
    "returns_of",
    "rolling_sharpe",
    "rolling_volatility",
    "score",
    "sensitivity",
    "sentences",
    "sharpe_interval",
    "shuffled",
    "significance",
    "walk_forward",
    "walk_forward_efficiency",
    "yearly_returns",
]
