"""One apply at a time on a mesh (docs/decisions/apply-lock.md)."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol


class HeldLock(Protocol):
    """The right to apply, while it lasts."""

    def check(self) -> None:
        """Return when the right is still ours; call it before every step.

        Raises:
            ApplyLockLost: it is not, or that can't be known.
        """
        ...


class ApplyLock(Protocol):
    """The right to apply: at most one holder on a mesh."""

    def hold(self, *, wait_seconds: float = 15.0) -> AbstractContextManager[HeldLock]:
        """Wait for the right, hold it within the `with` block, give it back after.

        Args:
            wait_seconds: how long to wait for another apply to end.

        Raises:
            ApplyRunning: another one holds it all the time.
        """
        ...
