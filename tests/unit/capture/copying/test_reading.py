"""Rows joined to blocks, and a COPY taken from a connection that gives them in bits."""

import os
from collections.abc import Sequence
from types import SimpleNamespace

import psycopg
import pytest
from psycopg import pq

from streammesh.capture.copying import reading
from streammesh.capture.copying.reading import Block, blocks, copied


def test_rows_are_joined_in_their_order() -> None:
    assert list(blocks([b"1\ta\n", b"2\tb\n"])) == [Block(b"1\ta\n2\tb\n", 2)]
    assert list(blocks([])) == []


def test_large_rows_make_several_blocks_and_a_larger_one_its_own() -> None:
    rows = [b"x" * 60 + b"\n", b"y" * 60 + b"\n", b"z" * 500 + b"\n", b"w\n"]
    found = list(blocks(rows, most=100))
    assert b"".join(one.value for one in found) == b"".join(rows)
    assert [one.rows for one in found] == [1, 1, 1, 1]
    assert all(one.value.endswith(b"\n") for one in found)


class Server:
    """A connection whose rows arrive in portions; `None` is the end."""

    def __init__(self, portions: Sequence[Sequence[bytes | None]], end: int) -> None:
        self.read_end, self._write_end = os.pipe()
        os.write(self._write_end, b"x")  # always something to read
        self.socket = self.read_end
        self._portions = [list(one) for one in portions]
        self._over = False
        self._results = [
            SimpleNamespace(status=pq.ExecStatus.COPY_OUT),
            SimpleNamespace(status=end),
            None,
        ]

    def send_query(self, statement: bytes) -> None:
        self.statement = statement

    def flush(self) -> int:
        return 0

    def is_busy(self) -> int:
        return 0

    def consume_input(self) -> None:
        self._portions.pop(0)

    def get_result(self) -> object:
        return self._results.pop(0) if self._results else None

    def get_copy_data(self, _: int) -> tuple[int, bytes]:
        if self._over:
            raise psycopg.OperationalError("no COPY in progress")
        if not self._portions[0]:
            return 0, b""
        row = self._portions[0].pop(0)
        if row is None:
            self._over = True
            return -1, b""
        return len(row), row

    def close(self) -> None:
        os.close(self.read_end)
        os.close(self._write_end)


def read(
    portions: Sequence[Sequence[bytes | None]], end: int = pq.ExecStatus.COMMAND_OK
) -> list[Block]:
    server = Server(portions, end)
    try:
        return list(copied(SimpleNamespace(pgconn=server), b"COPY"))  # type: ignore[arg-type]
    finally:
        server.close()


@pytest.mark.parametrize(
    "portions",
    [
        [[b"1\n", b"2\n", None]],
        [[b"1\n"], [], [b"2\n"], [None]],
        [[], [b"1\n", b"2\n"], [None]],
        [[b"1\n", b"2\n"], [], [None]],
    ],
)
def test_however_rows_arrive_none_is_lost(portions: Sequence[Sequence[bytes | None]]) -> None:
    assert read(portions) == [Block(b"1\n2\n", 2)]


def test_an_empty_table_gives_nothing() -> None:
    assert read([[None]]) == []


def test_blocks_are_closed_when_they_are_large_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BLOCK_BYTES", 4)
    found = read([[b"1\n", b"2\n"], [b"3\n"], [None]])
    assert found == [Block(b"1\n2\n", 2), Block(b"3\n", 1)]


def test_a_copy_that_fails_in_the_middle_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "error_from_result", lambda _: psycopg.DataError("bad"))
    with pytest.raises(psycopg.DataError):
        read([[b"1\n"], [None]], end=pq.ExecStatus.FATAL_ERROR)
