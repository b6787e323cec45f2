"""What keeps a document from being published as its contract promises."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Violation:
    """Why a document can't be published.

    Attributes:
        reason: in words, without the value (it may be confidential).
        field: dotted path of the field, such as `lines[1].amount`; empty for the whole document.
    """

    reason: str
    field: str = ""

    def __str__(self) -> str:
        """Give the field and the reason."""
        return f"`{self.field}` {self.reason}" if self.field else f"the document {self.reason}"


class Violated(ValueError):
    """A value can't be what the contract promises; the path grows while it is passed upwards."""

    def __init__(self, reason: str, path: str = "") -> None:
        """Keep the reason, and the path below the caller."""
        super().__init__(reason)
        self.reason = reason
        self.path = path

    def below(self, name: str) -> Violated:
        """Give the same with a field's name or an element's index in front of its path."""
        dot = "." if self.path and not self.path.startswith(("[", "{")) else ""
        return Violated(self.reason, f"{name}{dot}{self.path}")

    @property
    def violation(self) -> Violation:
        """The violation as a value."""
        return Violation(self.reason, self.path)
