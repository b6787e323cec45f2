"""A real schema registry, by Confluent's API (which Apicurio has at `/apis/ccompat/v7`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

from streammesh.errors.platform import Missing, SchemaIncompatible, SchemaInvalid
from streammesh.platform.avro_compatibility import breaks, fault
from streammesh.platform.http import HttpClient, Request, message
from streammesh.platform.registry import RegisteredSchema
from streammesh.platform.settings import HttpSettings

SYSTEM = "the registry"

PAGE = 10_000
"""Subjects asked for in one request."""

_EXPECTED = (
    "give the address of its Confluent-compatible API: a Confluent registry's root,\n"
    "Apicurio's …/apis/ccompat/v7"
)


class ConfluentRegistry:
    """A `Registry` behind HTTP; may be used from several threads."""

    def __init__(self, settings: HttpSettings) -> None:
        """Prepare a client; the connection is made by the first call."""
        self._http = HttpClient(SYSTEM, settings, _EXPECTED)

    def subjects(self, prefix: str = "") -> frozenset[str]:
        """See `Registry.subjects`.

        Registries give so many at a time, Apicurio a thousand; one that gives all at once, and does
        not know of pages, gives them again.
        """
        found: set[str] = set()
        while new := set(self._page(prefix, len(found))) - found:
            found |= new
        return frozenset(name for name in found if name.startswith(prefix))

    def _page(self, prefix: str, offset: int) -> list[str]:
        asked = f"subjectPrefix={quote(prefix, safe='')}&" if prefix else ""
        path = f"/subjects?{asked}offset={offset}&limit={PAGE}"
        page: list[str] = self._http.send(Request("GET", path, "list subjects")).json()
        return page

    def latest(self, subject: str) -> RegisteredSchema | None:
        """See `Registry.latest`."""
        path = f"{_subject(subject)}/versions/latest"
        answer = self._http.send(
            Request("GET", path, f"read subject `{subject}`", accept=frozenset({404}))
        )
        return None if answer.status_code == 404 else _registered(answer.json())

    def register(self, subject: str, schema: str) -> int:
        """See `Registry.register`."""
        action = f"register a schema for subject `{subject}`"
        answer = self._http.send(
            Request(
                "POST",
                f"{_subject(subject)}/versions",
                action,
                body=_body(schema),
                accept=frozenset({400, 409, 422}),
            )
        )
        if answer.status_code == 409:
            reasons = self._reasons(subject, schema) or (message(answer),)
            raise SchemaIncompatible(subject=subject, why="\n".join(reasons))
        if answer.status_code >= 400:
            raise SchemaInvalid(subject=subject, why=fault(schema) or message(answer))
        return int(answer.json()["id"])

    def lookup(self, subject: str, schema: str) -> RegisteredSchema | None:
        """See `Registry.lookup`."""
        action = f"look up a schema of subject `{subject}`"
        answer = self._http.send(
            Request("POST", _subject(subject), action, body=_body(schema), accept=frozenset({404}))
        )
        return None if answer.status_code == 404 else _registered(answer.json())

    def schema(self, id: int) -> str:
        """See `Registry.schema`."""
        action = f"read the schema with id {id}"
        answer = self._http.send(
            Request("GET", f"/schemas/ids/{id}", action, accept=frozenset({404}))
        )
        if answer.status_code == 404:
            raise Missing(system=SYSTEM, kind="schema with id", name=id)
        return str(answer.json()["schema"])

    def compatibility(self, subject: str) -> str | None:
        """See `Registry.compatibility`."""
        path = f"/config/{quote(subject, safe='')}?defaultToGlobal=false"
        action = f"read the compatibility of subject `{subject}`"
        answer = self._http.send(Request("GET", path, action, accept=frozenset({404})))
        if answer.status_code == 404:
            return None
        content = answer.json()
        return str(content.get("compatibilityLevel") or content["compatibility"])

    def set_compatibility(self, subject: str, level: str) -> None:
        """See `Registry.set_compatibility`."""
        path = f"/config/{quote(subject, safe='')}"
        action = f"set the compatibility of subject `{subject}`"
        self._http.send(Request("PUT", path, action, body={"compatibility": level}))

    def check(self, subject: str, schema: str) -> tuple[str, ...]:
        """See `Registry.check`."""
        path = f"/compatibility{_subject(subject)}/versions?verbose=true"
        action = f"check a schema for subject `{subject}`"
        answer = self._http.send(
            Request("POST", path, action, body=_body(schema), accept=frozenset({400, 404, 422}))
        )
        if answer.status_code == 404:
            return ()
        if answer.status_code >= 400:
            raise SchemaInvalid(subject=subject, why=fault(schema) or message(answer))
        content = answer.json()
        if content["is_compatible"]:
            return ()
        words = tuple(map(str, content.get("messages", ())))
        return words or self._reasons(subject, schema) or ("the registry gives no reason",)

    def _reasons(self, subject: str, schema: str) -> tuple[str, ...]:
        """Find the words for a refusal ourselves: Apicurio gives none, or Java's."""
        level = self.compatibility(subject) or "FULL_TRANSITIVE"
        new = json.loads(schema)
        found = (breaks(level, json.loads(old), new) for old in self._versions(subject))
        return tuple(dict.fromkeys(why for one in found for why in one))

    def _versions(self, subject: str) -> Iterator[str]:
        action = f"read subject `{subject}`"
        path = f"{_subject(subject)}/versions"
        for version in self._http.send(Request("GET", path, action)).json():
            yield self._http.send(Request("GET", f"{path}/{version}", action)).json()["schema"]

    def delete_subject(self, subject: str) -> None:
        """See `Registry.delete_subject`."""
        action = f"delete subject `{subject}`"
        for suffix in ("", "?permanent=true"):
            self._http.send(
                Request("DELETE", _subject(subject) + suffix, action, accept=frozenset({404}))
            )


def _subject(subject: str) -> str:
    return f"/subjects/{quote(subject, safe='')}"


def _body(schema: str) -> dict[str, str]:
    return {"schema": schema, "schemaType": "AVRO"}


def _registered(content: dict[str, Any]) -> RegisteredSchema:
    return RegisteredSchema(
        content["subject"], int(content["version"]), int(content["id"]), content["schema"]
    )
