"""Caches of what screens ask the services for, kept apart by person: what one may see, another one may not have been shown."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, Protocol, TypeVar

import streamlit as st

from core.services.permissions import find_person

Given = ParamSpec("Given")
ResultT_co = TypeVar("ResultT_co", covariant=True)


class Cached(Protocol[Given, ResultT_co]):
    """A function whose answers are kept, for each person by themselves."""

    def __call__(self, *arguments: Given.args, **options: Given.kwargs) -> ResultT_co:
        """Give the answer."""
        ...

    def clear(self) -> None:
        """Forget every answer, whosever it was."""
        ...


def cache_data(**options: Any) -> Callable[[Callable[Given, ResultT_co]], Cached[Given, ResultT_co]]:
    """Keep copies of a function's answers, as `st.cache_data` does."""
    return lambda compute: _keep_apart(compute, st.cache_data(**options))


def cache_resource(**options: Any) -> Callable[[Callable[Given, ResultT_co]], Cached[Given, ResultT_co]]:
    """Keep a function's answers themselves, as `st.cache_resource` does."""
    return lambda compute: _keep_apart(compute, st.cache_resource(**options))


def _keep_apart(compute: Callable[Given, ResultT_co], keep: Callable[[Any], Any]) -> Cached[Given, ResultT_co]:
    @wraps(compute)
    def compute_for(whose: str, *arguments: Any, **options: Any) -> Any:
        return compute(*arguments, **options)

    own = inspect.signature(compute)
    first = inspect.Parameter("whose", inspect.Parameter.POSITIONAL_ONLY)
    vars(compute_for)["__signature__"] = own.replace(parameters=[first, *own.parameters.values()])
    kept = keep(compute_for)

    @wraps(compute)
    def call(*arguments: Given.args, **options: Given.kwargs) -> Any:
        return kept(find_person().id, *arguments, **options)

    vars(call)["clear"] = kept.clear
    made: Cached[Given, ResultT_co] = call  # type: ignore[assignment]
    return made
