"""The base of every value: immutable, closed, and free of numbers that JSON cannot carry.

Value or dataclass? What is stored, sent, or read from outside (a file, a form, a prompt, another process, the database) is a `Value`:
its fields are checked when it is made, and whenever it changes. What only flows inside one process (arrays, functions, open doors,
results of a step on their way to the next) is a frozen dataclass with slots: nothing is checked twice, and numpy keeps its arrays.
A value changes through `changed` alone; pydantic's own copy takes any field and any content, and what it made could not be read again.
"""

from typing import Self

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable fact. Unknown fields are refused; NaN and infinity are refused (absent is `None`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def changed(self, /, **updates: object) -> Self:
        """This value with other contents in some of its fields, checked as if it were made anew.

        Values in other fields are taken over as they are, so the cost is that of one shallow copy. Raises TypeError for a field that
        does not exist, and ValidationError for contents that do not fit.
        """
        kind = type(self)
        if unknown := updates.keys() - kind.model_fields.keys():
            raise TypeError(f"{kind.__name__} has no field {', '.join(sorted(unknown))}")
        return kind.model_validate({**self.__dict__, **updates})
