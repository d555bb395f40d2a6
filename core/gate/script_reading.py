"""Everything that was read from a script, and the statements in which it is written down."""

import re
from dataclasses import dataclass, field

from core.domain.annotation import Annotation
from core.domain.script_account import ScriptAccount
from core.gate.parsed_source import SCRIPT_RUN


@dataclass(slots=True)
class ScriptReading:
    """Everything that was read from a script."""

    entries: dict[str, str] = field(default_factory=dict)
    """Keys of the written statement to source text."""
    line: int = 0
    """Line of the call that names the strategy, or of the first one that counts."""
    remarks: list[Annotation] = field(default_factory=list)
    account: ScriptAccount = field(default_factory=ScriptAccount)
    timeframe: str = ""
    """Length of the bars that the script makes its only feed, out of shorter ones; empty when it does not."""
    ran_at: int = 0
    """Last line of the top-level statement in which the script runs its strategy for the first time; 0 where that is not plain."""
    changes: dict[str, str] = field(default_factory=dict)
    """Statements that set what the script's functions or main block set under top-level names, or in a library (`random.seed()`), by name;
    empty where it cannot be had."""

    def keep_changes(self, live: frozenset[str]) -> None:
        """Keep the changes of names that the strategy needs; one that cannot be had is a warning."""
        self.changes = {name: text for name, text in self.changes.items() if re.split(r"\W", name)[0] in live}
        for name in [name for name, text in self.changes.items() if not text]:
            del self.changes[name]
            message = f"The strategy reads {name}, which the script sets in a way that cannot be followed: it is what the top level says."
            self.remarks.append(Annotation(line=self.line, severity="warning", message=message, hint="Set it at the top level."))

    def render_run(self) -> str:
        """The statement that takes the script's place; empty when it says nothing that would not be done anyway."""
        entries = ", ".join(f"{name!r}: {text}" for name, text in self.entries.items())
        return f"{SCRIPT_RUN} = {{{entries}}}" if entries else ""

    def render(self) -> str:
        """Statements that set what the script sets before its run, and the statement behind them."""
        return "; ".join([*self.changes.values(), *filter(None, (self.render_run(),))])
