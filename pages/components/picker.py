"""Choosing what a run works with: the workflow and the model."""

from contextlib import suppress

import streamlit as st

from core.domain.errors import Severity, StratloopError, WorkflowError
from core.domain.model_calls import ModelInfo, ProviderInfo
from core.domain.run import ModelChoice, RunPlan
from core.domain.workflow import Workflow
from core.report.number_format import format_dollars
from core.services import services
from pages.components import formatting
from pages.components.answer_fields import draw_answer_fields
from pages.components.fields import draw_choice, draw_text
from pages.components.plan_fields import get_label

DRAFT = "draft"
OF_RUN = "run"
"""Kind of an option that stands for the workflow of a run, when it is not among the others any more."""
FIRST = "starter:sma_cross"
"""Choice before there is anything of one's own."""
OWN = "stratloop"
"""Id of the group of what ships with the product."""


def load_workflow_options(chosen: str | None = None) -> dict[str, Workflow]:
    """Load the workflows to choose from, by a stable id: the builder's draft, saved ones, starters, that of a run when `chosen`."""
    from core import language

    options: dict[str, Workflow] = {}
    document = services().store.read_draft("builder_workflow")
    if document:
        try:
            options[DRAFT] = language.parse(document.encode())
        except WorkflowError:
            options.pop(DRAFT, None)  # an older format: the builder itself offers what can be done
    options |= {f"saved:{label}": saved.workflow for label, saved in services().workbench.list_saved().items()}
    options |= {f"starter:{starter.key}": starter.workflow for starter in services().workbench.list_starters()}
    kind, _, run_id = (chosen or "").partition(":")
    if kind == OF_RUN:
        with suppress(StratloopError):  # a run that is gone leaves the choice to the others
            options[f"{OF_RUN}:{run_id}"] = services().store.read_run(run_id).plan.workflow
    return options


def format_workflow_label(identity: str, workflow: Workflow) -> str:
    """Format an option as it reads in the list."""
    source, _, name = identity.partition(":")
    kind = {DRAFT: "Builder: ", "saved": "", "starter": "Starter: ", OF_RUN: "Of a run: "}[source]
    return f"{kind}{(name if source == 'saved' else workflow.name) or 'untitled'}"


def draw_workflow_field(page: str, options: dict[str, Workflow]) -> Workflow | None:
    """Select box `<page>_workflow`; None when there is nothing to choose."""
    key = f"{page}_workflow"
    if not options:
        st.caption("There is no workflow yet.")
        return None
    if st.session_state.get(key) not in options:
        st.session_state[key] = next(identity for identity in (DRAFT, FIRST, *options) if identity in options)
    chosen = draw_choice(
        get_label(RunPlan, "workflow"),
        list(options),
        key=key,
        format_func=lambda identity: format_workflow_label(identity, options[identity]),
    )
    return options[chosen] if chosen else None


@st.cache_data(ttl=3600, max_entries=1, show_spinner=False)
def load_providers() -> dict[str, ProviderInfo]:
    """Load the groups of models, by id."""
    return {provider.id: provider for provider in services().models.list_providers()}


@st.cache_data(ttl=3600, max_entries=64, show_spinner=False)
def load_models(provider: str) -> dict[str, ModelInfo]:
    """Load the models of one group, by id."""
    return {info.id: info for info in services().models.list_models(provider)}


def draw_model_field(page: str, *, answers: bool = False) -> ModelChoice | None:
    """Fields `<page>_provider`, `<page>_model` and `<page>_api_base`; None while no model is named, or its address cannot be one.

    With `answers` also the fields for how it answers: effort, temperature, longest answer, longest silence.
    """
    groups = load_providers()
    if st.session_state.get(f"{page}_provider") not in groups:
        _preset(page, groups)
    provider = groups[
        draw_choice(
            "Provider",
            list(groups),
            key=f"{page}_provider",
            format_func=lambda identity: escape_label(groups[identity].label),
            on_change=_forget_address,
            args=(page,),
        )
    ]
    infos = load_models(provider.id)
    chosen = _model_box(page, provider, infos)
    base = _address(page, provider)
    if not chosen:
        return None
    info = infos.get(chosen) or services().models.describe_model(chosen)
    _about(info, provider, base)
    choice = ModelChoice(id=info.id if info.id in infos else chosen, api_base=base)
    if answers and provider.id != OWN:
        choice = draw_answer_fields(page, choice)
    return choice if _check_address(choice) else None


def _check_address(choice: ModelChoice) -> bool:
    """Say what is wrong with the address; false when nobody could answer there."""
    problem = services().models.find_address_problem(choice.id, choice.api_base)
    if problem is None:
        return True
    if problem.severity is Severity.ERROR:
        st.error(formatting.escape(str(problem)), icon=":material/error:")
        return False
    st.caption(f":orange[:material/warning: {formatting.escape(str(problem))}]")
    return True


def _preset(page: str, groups: dict[str, ProviderInfo]) -> None:
    """The model for new runs, as chosen in Settings."""
    choice = services().preferences.read_default_model()
    provider = services().models.describe_model(choice.id).provider
    known = provider in groups
    st.session_state[f"{page}_provider"] = provider if known else next(iter(groups))
    st.session_state[f"{page}_model"] = choice.id if known else None
    st.session_state[f"{page}_api_base"] = choice.api_base if known else ""


def _model_box(page: str, provider: ProviderInfo, infos: dict[str, ModelInfo]) -> str | None:
    key = f"{page}_model"
    present = st.session_state.get(key)
    if present not in infos and not str(present or "").startswith(f"{provider.id}/"):
        st.session_state[key] = preselect(infos)
    typed = provider.id != OWN
    chosen = draw_choice(
        get_label(ModelChoice, "id"),
        list(infos) if present in infos or not present else [*infos, present],
        index=None,
        key=key,
        accept_new_options=typed,
        placeholder="Choose one or type its id" if typed else "Choose one",
        format_func=lambda identity: _label(infos[identity]) if identity in infos else str(identity),
    )
    name = (chosen or "").strip()
    if not name:
        return None
    return name if name in infos or name.startswith(f"{provider.id}/") else f"{provider.id}/{name}"


def preselect(infos: dict[str, ModelInfo]) -> str | None:
    """Preselect a model of a provider: the first that is meant for writing and has a price, else the first that is meant for writing.

    None, rather than one that is retired or made for something else.
    """
    meant = [info for info in infos.values() if info.preselectable and not info.missing_package]
    return next((info.id for info in meant if not info.unpriced), meant[0].id if meant else None)


def _forget_address(page: str) -> None:
    """An address belongs to the provider it was typed for: another one must not be asked there."""
    st.session_state[f"{page}_api_base"] = ""


def _address(page: str, provider: ProviderInfo) -> str:
    """Draw the server's address: every provider may be asked through a proxy of one's own."""
    if provider.id == OWN:
        return ""
    usual = provider.api_base or "The provider's own"
    text = draw_text(get_label(ModelChoice, "api_base"), key=f"{page}_api_base", placeholder=usual, type="url")
    return (text or "").strip() or provider.api_base


def _label(info: ModelInfo) -> str:
    if info.deprecated:
        return f"{info.label or info.name} (retired)"
    return f"{info.label or info.name}{' (retires soon)' if info.retires_soon else ''}"


def escape_label(text: str) -> str:
    """A label for a list, which shows plain text."""
    return " ".join(text.split())


def _about(info: ModelInfo, provider: ProviderInfo, base: str) -> None:
    if info.free:
        _warn(info)
        st.caption("Free: runs on this machine and needs no key." if not info.needs_key else "Free: runs on a machine of yours.")
        return
    prices = (
        "price unknown"
        if info.unpriced or info.input_price is None or info.output_price is None
        else f"{format_dollars(info.input_price)} in, {format_dollars(info.output_price)} out per million tokens"
    )
    context = f"{info.context:,} tokens of context" if info.context else ""
    st.caption(formatting.escape(" · ".join(part for part in (prices, context) if part)))
    _warn(info)
    if not provider.needs_key or services().rooms.keys.locate(provider.id, base) is not None:
        return
    if base:
        st.caption(":material/key_off: No key is known for this address: it is asked without one.")
    else:
        variable = f" or set {formatting.escape(provider.key_variable)}" if provider.key_variable else ""
        st.caption(f":orange[:material/key_off: No key for {formatting.escape(provider.label)} yet: enter one in Settings{variable}.]")


def _warn(info: ModelInfo) -> None:
    """Say what stands in the way of a model, now or soon."""
    told = []
    if info.deprecated:
        told.append("The provider has retired this model: choose another one.")
    elif info.retires_soon:
        told.append(f"The provider retires this model on {info.retires}.")
    if info.missing_package:
        told.append(f"It needs a package that is not installed here: pip install {info.missing_package}")
    for words in told:
        st.caption(f":orange[:material/warning: {formatting.escape(words)}]")
