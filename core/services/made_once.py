"""Parts that an object makes at their first use, once, whichever threads ask for them first."""

import threading
from collections.abc import Callable
from functools import cached_property
from typing import Any, Self, TypeVar, overload

MadeT = TypeVar("MadeT")


class MadeOnce(cached_property[MadeT]):
    """A cached property that two threads never make twice: `functools` guards its own up to Python 3.11 alone.

    Of a worker or a sandbox that was made twice, one would be used and the other never ended.
    """

    def __init__(self, make: Callable[[Any], MadeT]) -> None:
        super().__init__(make)
        self._making = threading.RLock()

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...

    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> MadeT: ...

    def __get__(self, instance: object | None, owner: type[Any] | None = None) -> Self | MadeT:
        """Give the value, made now unless another thread has just made it; whoever comes later finds it in the instance."""
        with self._making:
            return super().__get__(instance, owner)
