"""The base of every value: immutable, closed, and free of numbers that JSON cannot carry."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable fact. Unknown fields are refused; NaN and infinity are refused (absent is `None`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
