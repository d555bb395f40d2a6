"""Permission for verbs that change something: each names the role it needs, and asks who is in front of the screen.

Who that is, the dashboard tells (`set_identifier`). In the terminal and in threads that belong to no screen it is whoever owns the machine.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from core.domain.people import LOCAL, NotAllowedError, Person, Role

Given = ParamSpec("Given")
ResultT = TypeVar("ResultT")

_identify: Callable[[], Person] = lambda: LOCAL  # noqa: E731 - replaced as a whole


def set_identifier(identify: Callable[[], Person]) -> None:
    """Let `identify` say who is in front of the screen that this thread works for."""
    global _identify
    _identify = identify


def find_person() -> Person:
    """The person for whom this thread works."""
    return _identify()


def require_role(role: Role) -> None:
    """Refuse whoever has less than this role. Raises NotAllowedError."""
    if not find_person().role.includes(role):
        raise NotAllowedError(role)


def needs(role: Role) -> Callable[[Callable[Given, ResultT]], Callable[Given, ResultT]]:
    """Let a verb be done by people with this role, or a higher one."""

    def change(verb: Callable[Given, ResultT]) -> Callable[Given, ResultT]:
        @wraps(verb)
        def call(*arguments: Given.args, **options: Given.kwargs) -> ResultT:
            require_role(role)
            return verb(*arguments, **options)

        vars(call)["needs"] = role  # for the test that every verb which changes something has one
        return call

    return change
