"""Two rows that have one key for a while, and what a repeated stretch of the log does to them."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from streammesh.engine.deferred import Change, Row, settled
from streammesh.engine.log import Envelope

NULL = msgspec.Raw(b"null")


def raw(row: Row | None) -> msgspec.Raw:
    return NULL if row is None else msgspec.Raw(json.dumps(row).encode())


def decode(image: msgspec.Raw) -> Row:
    return tuple(json.loads(bytes(image)))


def gone(row: Row) -> Change:
    return Change(0, Envelope(op="d", before=raw(row)), row[:1], None)


def new(row: Row) -> Change:
    return Change(0, Envelope(op="c", after=raw(row)), row[:1], row)


def after(changes: list[Change], **stored: Row) -> dict[Any, Row | None]:
    found = settled(changes, lambda key: stored.get(f"k{key[0]}"), decode)
    newest = dict(zip((one.key[0] for one in changes), found, strict=True))
    return {key: row for key, row in newest.items() if row is not None}


SHIFT = [gone((1, "a")), new((2, "a")), gone((2, "b")), new((3, "b"))]


def test_all_keys_move_on() -> None:
    assert after(SHIFT, k1=(1, "a"), k2=(2, "b")) == {2: (2, "a"), 3: (3, "b")}


def test_rows_that_are_alike() -> None:
    alike = [gone((1, "a")), new((2, "a")), gone((2, "a")), new((3, "a"))]
    assert after(alike, k1=(1, "a"), k2=(2, "a")) == {2: (2, "a"), 3: (3, "a")}


def test_the_stretch_comes_again() -> None:
    for start in range(4):
        twice = [*SHIFT, *SHIFT[start:]]
        assert after(twice, k1=(1, "a"), k2=(2, "b")) == {2: (2, "a"), 3: (3, "b")}


def test_a_row_that_is_inserted_and_deleted() -> None:
    assert after([new((1, "a")), gone((1, "a"))]) == {}


def test_an_old_row_that_is_not_whole() -> None:
    again = [new((1, "a")), gone((1, None)), new((1, "b")), gone((1, None))]
    assert after(again) == {}
