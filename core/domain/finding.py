"""One structured observation about an evaluated strategy."""

from pydantic import field_validator

from core.domain.value import Value


class Finding(Value):
    """One structured observation about an evaluated strategy: what is weak, how often, and what to try."""

    code: str
    """Stable name, for example `no_orders`."""
    severity: int
    """3 spoils the result, 2 should be fixed, 1 worth knowing."""
    message: str
    count: int = 1
    sample: str = ""
    fix: str = ""

    @field_validator("code", mode="before")
    @classmethod
    def _read_earlier_code(cls, code: object) -> object:
        """Histories and bundles of earlier versions call the check of the account one of a ledger."""
        return "equity_mismatch" if code == "ledger_mismatch" else code
