"""The only door to untrusted code: isolation, zygote, run monitor, child, self-test, statuses. Nothing here believes a strategy."""

from core.sandbox.owners_sandbox import OwnersSandbox
from core.sandbox.sandbox import Sandbox

__all__ = ["OwnersSandbox", "Sandbox"]
