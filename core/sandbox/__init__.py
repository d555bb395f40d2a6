"""The only door to untrusted code: gate, isolation, zygote, supervisor, child, self-test, statuses. Nothing here believes a strategy."""

from core.sandbox.sandbox import Sandbox

__all__ = ["Sandbox"]
