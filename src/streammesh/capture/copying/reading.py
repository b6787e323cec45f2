"""The rows of a COPY as blocks of bytes, without a step of Python per row.

libpq hands over one row at a time. Taking them by psycopg's own `Copy` costs microseconds each;
here they are taken in bulk by iterators that run in C, as many as have arrived.
"""

from __future__ import annotations

import select
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import repeat, starmap, takewhile
from operator import itemgetter
from typing import Any

import psycopg
from psycopg import pq
from psycopg.errors import error_from_result

BLOCK_BYTES = 384 * 1024
"""A block is closed when it has so many; a larger row is one of its own."""

_ROW = itemgetter(1)


@dataclass(frozen=True)
class Block:
    """Rows in PostgreSQL's text form of COPY, each ended by a newline.

    Attributes:
        value: the rows.
        rows: how many.
    """

    value: bytes
    rows: int


def copied(connection: psycopg.Connection[Any], statement: bytes) -> Iterator[Block]:
    """Run a COPY … TO STDOUT and give its rows.

    Args:
        connection: not used for anything else meanwhile. After an error, or when the iterator is
            not read to its end, it is of no more use.
        statement: the COPY.

    Raises:
        psycopg.Error: the database refused, or the connection broke.
    """
    pgconn = connection.pgconn
    _begin(pgconn, statement)
    rows: list[Any] = []
    size = 0
    while (arrived := _arrived(pgconn)) is not None:
        if not arrived:
            _wait(pgconn)
            continue
        rows += arrived
        size += sum(map(len, arrived))
        if size >= BLOCK_BYTES:
            yield from blocks(rows)
            rows, size = [], 0
    _check_end(pgconn)
    yield from blocks(rows)


def blocks(rows: Sequence[Any], most: int = 4 * BLOCK_BYTES) -> Iterator[Block]:
    """Join rows to one block; to several where large rows make it larger than `most` bytes."""
    if not rows:
        return
    if len(rows) == 1 or sum(map(len, rows)) <= most:
        yield Block(b"".join(rows), len(rows))
        return
    half = len(rows) // 2
    yield from blocks(rows[:half], most)
    yield from blocks(rows[half:], most)


def _begin(pgconn: Any, statement: bytes) -> None:
    pgconn.send_query(statement)
    pgconn.flush()
    while pgconn.is_busy():
        _wait(pgconn)
    result = pgconn.get_result()
    if result is None or result.status != pq.ExecStatus.COPY_OUT:
        _end(pgconn)
        raise _error(result)


def _arrived(pgconn: Any) -> list[Any] | None:
    """Give the rows that have arrived; None behind the last one."""
    try:
        length, first = pgconn.get_copy_data(1)
    except psycopg.OperationalError:
        # the end was met by the iterators below, which can't tell it from a pause
        return None
    if length <= 0:
        return None if length < 0 else []
    calls = starmap(pgconn.get_copy_data, repeat((1,)))
    return [first, *takewhile(len, map(_ROW, calls))]


def _wait(pgconn: Any) -> None:
    select.select([pgconn.socket], [], [])
    pgconn.consume_input()


def _check_end(pgconn: Any) -> None:
    result = pgconn.get_result()
    _end(pgconn)
    if result is None or result.status != pq.ExecStatus.COMMAND_OK:
        raise _error(result)


def _end(pgconn: Any) -> None:
    while pgconn.get_result() is not None:
        pass


def _error(result: Any) -> psycopg.Error:
    if result is None:
        return psycopg.OperationalError("the server closed the connection")
    return error_from_result(result)
