"""The only door to the database: runs, iterations, curves, events, workflows, drafts, settings and the spending ledger.

Nothing here decides anything; iterations, events and ledger rows are only ever added.
"""

from core.store.documents import name_unreadable
from core.store.patience import Patience
from core.store.private_files import make_private_file, make_private_folder
from core.store.store import Store

__all__ = ["Patience", "Store", "make_private_file", "make_private_folder", "name_unreadable"]
