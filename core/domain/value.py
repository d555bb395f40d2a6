"""The base of every value: immutable, closed, and free of numbers that JSON cannot carry.

Value or dataclass? What is stored, sent, or read from outside is a `Value`: in the database, a file, the environment, a form, a prompt,
a socket, a report, another process. Its fields are checked when it is made and whenever it changes. What only flows inside one process
(arrays, functions, open doors, a step's result on its way to the next) is a frozen dataclass with slots; that of an object which fills
up while something goes on is not frozen, and stays where it was made. Arrays that are sent travel as bytes beside the values.
A value changes through `changed` alone: pydantic's own copy takes any field and any content, and what it makes cannot be read again.
"""

from typing import Self

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable fact. Unknown fields are refused; NaN and infinity are refused (absent is `None`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def changed(self, /, **updates: object) -> Self:
        """This value with other contents in some of its fields, checked as if it were made anew.

        Values in other fields are taken over as they are, so it costs little more than a shallow copy. Which fields were given is kept.
        Raises TypeError for a field that does not exist, and ValidationError for contents that do not fit.
        """
        kind, given = type(self), self.model_fields_set
        fields = kind.model_fields
        if not updates.keys() <= fields.keys():
            raise TypeError(f"{kind.__name__} has no field {', '.join(sorted(updates.keys() - fields.keys()))}")
        known = self.__dict__ if len(given) == len(fields) else {name: self.__dict__[name] for name in given}
        return kind.model_validate({**known, **updates})
