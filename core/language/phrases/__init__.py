"""Plain English turned into proposed rows by patterns, each row with the words it came from. No model, and nothing is taken over here."""

from core.language.phrases.found import ProposedRow
from core.language.phrases.proposal import WorkflowProposal, propose_workflow

__all__ = ["ProposedRow", "WorkflowProposal", "propose_workflow"]
