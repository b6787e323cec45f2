"""Register a schema under a product's subject."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import ClassVar, Literal

from streammesh.errors.planning import SchemaIdChanged
from streammesh.planning import claims
from streammesh.planning.steps.base import Change, Phase, Step
from streammesh.planning.systems import Platform

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

    def apply(self, platform: Platform) -> None:
        """Register it, and make sure that its id is the one that events carry."""
        details = {"schema": fingerprint(self.schema)}
        if self.recorded_id is not None:
            details["id"] = str(self.recorded_id)
        record = claims.resource("subject", self.subject_name, self.owner, details)
        platform.resources.write([claims.stamped(platform, record, intended=True)])
        platform.registry.set_compatibility(self.subject_name, COMPATIBILITY)
        given = platform.registry.register(self.subject_name, self.schema)
        if self.recorded_id not in (None, given):
            raise SchemaIdChanged(
                part=self.part, topic=self.topic, actual=given, recorded=self.recorded_id
            )
        done = claims.resource(
            "subject", self.subject_name, self.owner, details | {"id": str(given)}
        )
        platform.resources.write([claims.stamped(platform, done)])


def fingerprint(schema: str) -> str:
    """Give 16 hex digits that tell two schemas apart."""
    return hashlib.blake2b(schema.encode(), digest_size=8).hexdigest()
