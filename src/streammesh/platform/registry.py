"""The schema registry, by Confluent's API: subjects, their schemas and what may change."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class RegisteredSchema:
    """A schema as a subject has it.

    Attributes:
        subject: such as `sales.orders.v1-value`.
        version: counts from 1 within the subject.
        id: what stands before every record written with it.
        schema: Avro JSON, as the registry gives it back.
    """

    subject: str
    version: int
    id: int
    schema: str


class Registry(Protocol):
    """What streammesh asks of a schema registry.

    Every call ends within a bounded time. Errors are those of `streammesh.errors.platform`:
    `Unreachable`, `LoginFailed`, `TlsFailed`, `TooSlow`, `ActionRefused`, `RequestFailed`, and
    where named more.
    """

    def subjects(self, prefix: str = "") -> frozenset[str]:
        """Give the subjects whose name begins with `prefix`."""
        ...

    def latest(self, subject: str) -> RegisteredSchema | None:
        """Give a subject's newest schema, None when there is no such subject."""
        ...

    def register(self, subject: str, schema: str) -> int:
        """Register an Avro schema and give its id; the same content gives the same id again.

        Raises:
            SchemaInvalid: it is no Avro schema.
            SchemaIncompatible: the subject's compatibility forbids the change.
        """
        ...

    def lookup(self, subject: str, schema: str) -> RegisteredSchema | None:
        """Find the version of a subject that has exactly this schema."""
        ...

    def schema(self, id: int) -> str:
        """Give the schema of that id.

        Raises:
            Missing: there is none.
        """
        ...

    def compatibility(self, subject: str) -> str | None:
        """Give the compatibility set on the subject itself, such as `FULL_TRANSITIVE`."""
        ...

    def set_compatibility(self, subject: str, level: str) -> None:
        """Set what changes the subject allows; it need not exist yet."""
        ...

    def check(self, subject: str, schema: str) -> tuple[str, ...]:
        """Say why the subject would not take this schema; empty when it would.

        A subject that doesn't exist takes every valid schema.

        Raises:
            SchemaInvalid: it is no Avro schema.
        """
        ...

    def delete_subject(self, subject: str) -> None:
        """Delete a subject with all its versions; one that is gone already is no error."""
        ...
