"""Everything that was asked and answered for one iteration, with settings, versions and hashes. Shown as plain text."""

import hashlib

import streamlit as st

from core import language
from core.domain.iteration import Iteration
from core.domain.run import Run
from core.report import labels
from core.report.number_format import DASH
from core.services import services
from pages.components import formatting


def draw_asked_and_answered(run: Run, iteration: Iteration, *, key: str) -> None:
    """Draw prompt and answer side by side, reasoning and earlier answers below, then what else is kept."""
    left, right = st.columns(2, gap="medium")
    with left:
        st.markdown("**Asked**")
        if iteration.reason:
            st.caption(formatting.escape(f"Because: {iteration.reason}."))
        st.code(iteration.prompt or _describe_unasked(run, iteration), language=None, height=320, wrap_lines=True)
        if iteration.prompt:
            st.caption("The constant part on Backtrader and the form of an answer comes before it.")
    with right:
        st.markdown(f"**Answered**, {formatting.escape(labels.describe_author(iteration))}")
        st.code(
            iteration.answer or iteration.change or "(no words; the code stands under Code)", language=None, height=320, wrap_lines=True
        )
    if iteration.reasoning:
        with st.expander("Reasoning that came with it", key=f"{key}_reasoning"):
            st.code(iteration.reasoning, language=None, height=320, wrap_lines=True)
    for number, answer in enumerate(iteration.earlier_answers, 1):
        with st.expander(f"Answer {number} before it, without a program that could be used"):
            st.code(answer, language=None, height=240, wrap_lines=True)
    with st.expander("Settings, versions and hashes", key=f"{key}_kept"):
        kept = list_kept(run, iteration)
        st.dataframe(
            {"What": [name for name, _ in kept], "Value": [value for _, value in kept]},
            hide_index=True,
            height="content",
            key=f"{key}_kept_table",
            alt="Kept",
        )


def _describe_unasked(run: Run, iteration: Iteration) -> str:
    """Describe what an author that reads no words was given: the free numbers with their ranges."""
    if iteration.is_baseline:
        return "Nothing was asked: this is the workflow itself, compiled without a model."
    numbers = [f"{each.name:<28} {each.row:<6} {each.low:g} to {each.high:g}" for each in language.parameters(run.plan.workflow)]
    return "\n".join(["Numbers only: the author reads no words.", "", "Free numbers of the table, with their ranges:", *numbers])


def list_kept(run: Run, iteration: Iteration) -> tuple[tuple[str, str], ...]:
    """List what is kept of an iteration beside its texts: settings of the request, seeds, versions, hashes, certificate."""
    asked, certificate = iteration.request, iteration.certificate
    numbers = ", ".join(f"{name}={value:g}" for name, value in services().workbench.read_numbers(iteration.code).items())
    rows = [("Author", labels.describe_author(iteration)), ("Seed of the run", str(run.plan.seed)), ("Numbers as run", numbers or DASH)]
    if asked is not None:
        rows += [
            ("Model", asked.model),
            ("Address", asked.api_base or "the provider's own"),
            ("Temperature", "the model's own" if asked.temperature is None else f"{asked.temperature:g}"),
            ("Longest answer", f"{asked.max_tokens:,} tokens"),
            ("Effort", asked.effort or "the model's own"),
            ("Seed of the request", str(asked.seed)),
        ]
    rows += [
        ("Bars, SHA-256", iteration.data_hash or DASH),
        ("Prompt, SHA-256", iteration.prompt_hash or DASH),
        ("Code, SHA-256", hashlib.sha256(iteration.code.encode("utf-8", "surrogatepass")).hexdigest() if iteration.code else DASH),
        ("Orders, SHA-256", iteration.orders_hash or DASH),
        ("Certificate", certificate.checked or labels.label_certificate(certificate) if certificate else DASH),
        (
            "Versions",
            ", ".join(f"{name} {version}" for name, version in iteration.versions.items()) or "not kept by the version that made it",
        ),
    ]
    return tuple(rows)
