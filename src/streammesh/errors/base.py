"""The base of all errors, the exit codes and the place in a file that an error points to."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Sequence
from dataclasses import dataclass


class ExitCode(enum.IntEnum):
    """What a command's exit status says; the same for every command."""

    OK = 0
    FAILED = 1
    USAGE = 2
    CHECK_SAID_NO = 3
    NOT_ALLOWED = 4
    REMOTE_FAILED = 5
    PLAN_HAS_CHANGES = 10
    ENGINE_FENCED = 20
    ENGINE_STOPPED_BY_SOURCE = 21


@dataclass(frozen=True, order=True)
class Location:
    """A place in a file: 1-based line and column, and the marked part of that line.

    Attributes:
        file: path as the user would type it, relative to the workspace.
        line: 1-based line; 0 when the whole file is meant.
        column: 1-based column in characters; 0 when the whole line is meant.
        length: how many characters are marked, at least 1.
        text: the line itself, without its end; empty when unknown.
    """

    file: str
    line: int = 0
    column: int = 0
    length: int = 1
    text: str = ""

    def __str__(self) -> str:
        """Give `file:line:column`, leaving out what is not known."""
        parts = [self.file]
        if self.line:
            parts.append(str(self.line))
            if self.column:
                parts.append(str(self.column))
        return ":".join(parts)


class MeshError(Exception):
    """{what}"""

    exit_code: ExitCode = ExitCode.FAILED
    why: str | None = None
    fix: str | None = None

    def __init__(
        self,
        *,
        where: Location | None = None,
        why: str | None = None,
        fix: str | None = None,
        **fields: object,
    ) -> None:
        """Keep the fields of the message, its place, its reason and the way out.

        Args:
            where: the place in a file, if there is one.
            why: one or more lines of reason; None keeps the class's own.
            fix: what to do about it; None keeps the class's own.
            fields: values for the `{fields}` in the class's docstring.
        """
        self.fields = fields
        self.where = where
        if why is not None:
            self.why = why
        if fix is not None:
            self.fix = fix
        super().__init__(self.what)

    @property
    def what(self) -> str:
        """The message: the class's docstring with the fields filled in."""
        return inspect.cleandoc(type(self).__doc__ or "").format(**self.fields)

    def as_dict(self) -> dict[str, object]:
        """Give the error for `--json`: type, what, where, why, fix."""
        where = self.where
        return {
            "error": type(self).__name__,
            "what": self.what,
            "where": None if where is None else str(where),
            "why": self.why,
            "fix": self.fix,
        }


class UsageError(MeshError):
    """{what}"""

    exit_code = ExitCode.USAGE


class CheckFailed(MeshError):
    """{what}"""

    exit_code = ExitCode.CHECK_SAID_NO


class NotAllowed(MeshError):
    """{what}"""

    exit_code = ExitCode.NOT_ALLOWED


class RemoteFailed(MeshError):
    """{what}"""

    exit_code = ExitCode.REMOTE_FAILED


class MeshErrors(MeshError):
    """{count} errors"""

    def __init__(self, errors: Sequence[MeshError]) -> None:
        """Hold several errors found in one run, in the order of their places.

        Args:
            errors: at least one error.
        """
        self.errors = tuple(errors)
        self.exit_code = max((error.exit_code for error in errors), default=ExitCode.FAILED)
        super().__init__(count=len(self.errors))
