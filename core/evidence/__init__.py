"""Is a result true, and is it luck: figures, references, findings and the statistics of many tries. Pure: values in, values out."""

from core.domain.random_entries import RandomEntries
from core.evidence.breakdown import MarketState, MonthReturn, Regime, monthly_returns, rolling_sharpe, split_by_regime, yearly_returns
from core.evidence.character import Profile, describe_profile, profile_bars
from core.evidence.check_case import Case, CheckContext
from core.evidence.crossvalidation import Overfitting, Window, overfitting, walk_forward, walk_forward_efficiency
from core.evidence.descriptions import compare_histories, map_sensitivity, settle_indicators, walk_tries
from core.evidence.equity_check import recall_paid_account, recompute_equity
from core.evidence.evaluation import (
    combine,
    correlate_members,
    evaluate,
    evaluate_benchmark,
    evaluate_cash,
    list_member_facts,
    restore_evaluation,
    trace_invested,
)
from core.evidence.findings import SUPPRESS_AFTER, collect_findings, suppress_repeated
from core.evidence.formula import check_formula
from core.evidence.pair_difference import PairDifference, ResampledSharpes, resample_sharpes
from core.evidence.random_baselines import placebo_rank, shuffle_bars, simulate_random_entries
from core.evidence.returns import (
    Distribution,
    Returns,
    autocorrelation_bound,
    autocorrelations,
    compute_distribution,
    compute_log_returns,
    rolling_volatility,
)
from core.evidence.robustness import Sensitivity, neighbors, sensitivity
from core.evidence.row_conformity import (
    Agreement,
    Conformity,
    Funnel,
    FunnelRow,
    RowAgreement,
    Signals,
    compute_conformity,
    compute_entry_funnels,
)
from core.evidence.row_places import RowPlace, find_row_places
from core.evidence.scoring import combine_scores, compute_objective, explain_missing_score, find_broken_constraint, rate, score
from core.evidence.selection import Try, compare_pair, decide, is_path_dependent, judge_selection
from core.evidence.timing import measure_timing, sample_returns, time_account
from core.evidence.uncertainty import Interval, sharpe_error, sharpe_interval

__all__ = [
    "SUPPRESS_AFTER",
    "Agreement",
    "Case",
    "CheckContext",
    "Conformity",
    "Distribution",
    "Funnel",
    "FunnelRow",
    "Interval",
    "MarketState",
    "MonthReturn",
    "Overfitting",
    "PairDifference",
    "Profile",
    "RandomEntries",
    "Regime",
    "ResampledSharpes",
    "Returns",
    "RowAgreement",
    "RowPlace",
    "Sensitivity",
    "Signals",
    "Try",
    "Window",
    "autocorrelation_bound",
    "autocorrelations",
    "check_formula",
    "collect_findings",
    "combine",
    "combine_scores",
    "compare_histories",
    "compare_pair",
    "compute_conformity",
    "compute_distribution",
    "compute_entry_funnels",
    "compute_log_returns",
    "compute_objective",
    "correlate_members",
    "decide",
    "describe_profile",
    "evaluate",
    "evaluate_benchmark",
    "evaluate_cash",
    "explain_missing_score",
    "find_broken_constraint",
    "find_row_places",
    "is_path_dependent",
    "judge_selection",
    "list_member_facts",
    "map_sensitivity",
    "measure_timing",
    "monthly_returns",
    "neighbors",
    "overfitting",
    "placebo_rank",
    "profile_bars",
    "rate",
    "recall_paid_account",
    "recompute_equity",
    "resample_sharpes",
    "restore_evaluation",
    "rolling_sharpe",
    "rolling_volatility",
    "sample_returns",
    "score",
    "sensitivity",
    "settle_indicators",
    "sharpe_error",
    "sharpe_interval",
    "shuffle_bars",
    "simulate_random_entries",
    "split_by_regime",
    "suppress_repeated",
    "time_account",
    "trace_invested",
    "walk_forward",
    "walk_forward_efficiency",
    "walk_tries",
    "yearly_returns",
]
