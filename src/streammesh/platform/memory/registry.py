"""The schema registry's twin."""

from __future__ import annotations

import json

from streammesh.errors.platform import Missing, SchemaIncompatible, SchemaInvalid
from streammesh.platform.avro_compatibility import breaks, fault
from streammesh.platform.registry import RegisteredSchema


class MemoryRegistry:
    """A registry without login; one id for the same content in all subjects.

    Attributes:
        default_compatibility: what holds for subjects that have none of their own.
    """

    def __init__(self, first_id: int = 1) -> None:
        """Begin empty.

        Args:
            first_id: id of the first schema; another one plays a registry that lost its data.
        """
        self.default_compatibility = "NONE"
        self._first_id = first_id
        self._schemas: list[str] = []
        self._subjects: dict[str, list[RegisteredSchema]] = {}
        self._levels: dict[str, str] = {}

    def subjects(self, prefix: str = "") -> frozenset[str]:
        """See `Registry.subjects`."""
        return frozenset(name for name in self._subjects if name.startswith(prefix))

    def latest(self, subject: str) -> RegisteredSchema | None:
        """See `Registry.latest`."""
        versions = self._subjects.get(subject)
        return versions[-1] if versions else None

    def register(self, subject: str, schema: str) -> int:
        """See `Registry.register`."""
        known = self.lookup(subject, schema)
        if known is not None:
            return known.id
        reasons = self.check(subject, schema)
        if reasons:
            raise SchemaIncompatible(subject=subject, why="\n".join(reasons))
        text = _content(subject, schema)
        if text not in self._schemas:
            self._schemas.append(text)
        id = self._schemas.index(text) + self._first_id
        versions = self._subjects.setdefault(subject, [])
        versions.append(RegisteredSchema(subject, len(versions) + 1, id, text))
        return id

    def lookup(self, subject: str, schema: str) -> RegisteredSchema | None:
        """See `Registry.lookup`."""
        text = _content(subject, schema)
        versions = self._subjects.get(subject, [])
        return next((one for one in versions if one.schema == text), None)

    def schema(self, id: int) -> str:
        """See `Registry.schema`."""
        position = id - self._first_id
        if not 0 <= position < len(self._schemas):
            raise Missing(system="the registry", kind="schema with id", name=id)
        return self._schemas[position]

    def compatibility(self, subject: str) -> str | None:
        """See `Registry.compatibility`."""
        return self._levels.get(subject)

    def set_compatibility(self, subject: str, level: str) -> None:
        """See `Registry.set_compatibility`."""
        self._levels[subject] = level

    def check(self, subject: str, schema: str) -> tuple[str, ...]:
        """See `Registry.check`."""
        new = json.loads(_content(subject, schema))
        level = self._levels.get(subject, self.default_compatibility)
        versions = self._subjects.get(subject, [])
        olds = versions if level.endswith("TRANSITIVE") else versions[-1:]
        return tuple(why for one in olds for why in breaks(level, json.loads(one.schema), new))

    def delete_subject(self, subject: str) -> None:
        """See `Registry.delete_subject`."""
        self._subjects.pop(subject, None)
        self._levels.pop(subject, None)


def _content(subject: str, schema: str) -> str:
    problem = fault(schema)
    if problem is not None:
        raise SchemaInvalid(subject=subject, why=problem)
    return json.dumps(json.loads(schema), separators=(",", ":"), ensure_ascii=False)
