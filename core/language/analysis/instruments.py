"""Further instruments that a workflow reads beside the one that it trades."""

from core.domain.workflow import Workflow
from core.language.syntax.definition import Definition, read_definition
from core.language.syntax.nodes import OtherInstrument, walk


def find_other_symbols(definition: Definition) -> tuple[str, ...]:
    """Find the symbols that rows read with `other(...)`, in the order of the table."""
    found = (part.symbol for node in definition.nodes() for part in walk(node) if isinstance(part, OtherInstrument))
    return tuple(dict.fromkeys(found))


def list_other_instruments(workflow: Workflow) -> tuple[str, ...]:
    """List the symbols of the further instruments that a workflow needs; rows with mistakes need none."""
    return find_other_symbols(read_definition(workflow)[0])
