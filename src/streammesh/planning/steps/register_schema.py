"""Register a schema under a product's subject."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from streammesh.errors.planning import SchemaIdChanged
from streammesh.planning import claims
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.steps.together import each
from streammesh.planning.systems import Platform
from streammesh.platform.stores import Resource

COMPATIBILITY = "FULL_TRANSITIVE"
"""History is kept for ever, and producers move first."""

Part = Literal["key", "value"]


@dataclass(frozen=True)
class RegisterSchema(Step):
    """Register a schema that the subject does not have yet.

    Attributes:
        subject_name: such as `sales.orders.v1-value`.
        topic: the product's topic.
        part: key or value.
        schema: Avro, canonical JSON.
        first: whether the subject is new.
        recorded_id: the id under which this very schema was registered before; None for a new one.
    """

    subject_name: str
    topic: str
    part: Part
    schema: str
    first: bool
    recorded_id: int | None = None

    usual_change: ClassVar[Change] = Change.ADD
    phase: ClassVar[Phase] = Phase.SCHEMAS
    kind: ClassVar[str] = "schema"
    verb: ClassVar[str] = "register schema"
    at_once: ClassVar[int] = 100

    @property
    def subject(self) -> str:
        """Give the subject's name."""
        return self.subject_name

    @property
    def detail(self) -> str:
        """Say how it may change later."""
        if self.recorded_id is not None:
            return f"again: the registry lost it; its id must be {self.recorded_id} as before"
        if self.part == "key":
            return "Avro, the same for ever within this major version"
        return "Avro, compatible with all versions before" if not self.first else "Avro"

    @property
    def why(self) -> str:
        """Say what is written with it."""
        return f"the {self.part} of every event of {self.topic} is written with it"

    @property
    def undo(self) -> str:
        """It stays."""
        return "stays in the registry: events may carry its id"

    @property
    def counted(self) -> tuple[str, int] | None:
        """A schema of its own is counted, one that the registry lost is shown."""
        return None if self.recorded_id is not None else ("schema", 1)

    @property
    def details(self) -> Mapping[str, Any]:
        """Give the schema."""
        return {
            "part": self.part,
            "schema": self.schema,
            "compatibility": COMPATIBILITY,
            "id": self.recorded_id,
        }

    def apply(self, platform: Platform) -> None:
        """Register it, and make sure that its id is the one that events carry."""
        self.apply_all([self], platform)

    @classmethod
    def apply_all(cls, steps: Sequence[RegisterSchema], platform: Platform) -> None:
        """Register them, several at a time, with one record before and one after for each."""
        claims.intend(platform, [one._record(one.recorded_id) for one in steps])
        registered = each(steps, lambda one: one._register(platform))
        claims.confirm(platform, [one._record(given) for one, given in registered.done])
        registered.check()

    def _record(self, given: int | None) -> Resource:
        details = {"schema": fingerprint(self.schema)}
        if given is not None:
            details["id"] = str(given)
        return claims.resource("subject", self.subject_name, self.owner, details)

    def _register(self, platform: Platform) -> int:
        platform.registry.set_compatibility(self.subject_name, COMPATIBILITY)
        given = platform.registry.register(self.subject_name, self.schema)
        if self.recorded_id not in (None, given):
            raise SchemaIdChanged(
                part=self.part, topic=self.topic, actual=given, recorded=self.recorded_id
            )
        return given


def fingerprint(schema: str) -> str:
    """Give 16 hex digits that tell two schemas apart."""
    return hashlib.blake2b(schema.encode(), digest_size=8).hexdigest()
