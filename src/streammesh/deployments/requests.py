"""Requests to a running engine: short records beside the deployments, each done exactly once.

A request stands in `_mesh.deployments` under `request/<topic>/<id>`, written by whoever may deploy.
The engine of the product's source does it at a transaction boundary, and puts its answer into the
progress record in the same Kafka transaction as what it published for it: a request that has an
answer is never done again. Whoever asked removes the record when the answer is there, and with the
record the engine forgets the answer.
"""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

FORMAT = 1
PREFIX = "request/"

Action = Literal["replay", "discard"]


@dataclass(frozen=True)
class Request:
    """What somebody wants an engine to do with documents in quarantine.

    Attributes:
        id: unique; the ids of one topic sort in the order in which they were written.
        topic: the product's.
        action: "replay" evaluates documents again and publishes those that are valid now, and
            releases the product if it is blocked; "discard" takes keys off the list.
        keys: keys in the state's form, as the records in quarantine have them; None for all.
        by: who asked.
        at: when, UTC, `2026-01-31T10:00:00Z`.
        why: in the words of who asked; empty for a replay.
        format: version of this format.
    """

    id: str
    topic: str
    action: Action
    keys: tuple[tuple[Any, ...], ...] | None
    by: str
    at: str
    why: str = ""
    format: int = FORMAT

    @property
    def key(self) -> str:
        """The record's key."""
        return f"{PREFIX}{self.topic}/{self.id}"


def new_id() -> str:
    """Give an id that sorts behind those made before it."""
    return f"{time.time_ns():019d}-{secrets.token_hex(4)}"


def encode(request: Request) -> bytes:
    """Give the record's value."""
    return msgspec.json.encode(request, order="deterministic")


def decode(key: str, value: bytes) -> Request:
    """Read a request.

    Raises:
        ValueError: when the value is no request of a format that this version knows.
    """
    try:
        request = msgspec.json.decode(value, type=Request)
    except msgspec.MsgspecError as error:
        raise ValueError(f"{key}: {error}") from error
    if request.format != FORMAT:
        raise ValueError(f"{key}: format {request.format}, this version reads {FORMAT}")
    if request.key != key:
        raise ValueError(f"{key}: the record is of {request.key}")
    return request
