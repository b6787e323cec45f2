"""A state file of which anything was changed is noticed, wherever it is."""

from __future__ import annotations

from pathlib import Path
from random import Random

import apsw
import pytest

from streammesh.engine import pages
from streammesh.engine.state import State, StateDamaged
from tests.unit.engine.shop import SOURCE


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give a database of some hundred pages, closed well."""
    made = tmp_path / "some.sqlite"
    db = pages.connect(str(made))
    db.execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL")
    db.execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT)")
    with db:
        db.executemany("INSERT INTO t VALUES (?, ?)", [(i, "x" * 200) for i in range(5000)])
    db.close()
    return made


def walk(path: Path) -> int:
    db = pages.connect(str(path))
    db.execute("PRAGMA locking_mode = EXCLUSIVE")
    try:
        return int(db.execute("SELECT sum(length(b)) FROM t NOT INDEXED").get)
    finally:
        db.close()


def test_what_was_written_is_read_again(path: Path) -> None:
    assert walk(path) == 1_000_000


@pytest.mark.parametrize("seed", range(20))
def test_a_flipped_bit_is_noticed_in_any_page(path: Path, seed: int) -> None:
    dice = Random(seed)
    # from the second page on: all of them are read by the walk
    place = dice.randrange(4096, path.stat().st_size)
    content = bytearray(path.read_bytes())
    content[place] ^= 1 << dice.randrange(8)
    path.write_bytes(content)
    with pytest.raises(apsw.IOError) as caught:
        walk(path)
    assert pages.damaged(caught.value)


def test_a_head_that_says_there_are_no_sums_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    State(path, SOURCE).close()
    content = bytearray(path.read_bytes())
    assert content[20] == pages.SUM_BYTES
    content[20] = 0
    path.write_bytes(content)
    with pytest.raises(StateDamaged):
        State(path, SOURCE)


def test_a_state_without_sums_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    plain = apsw.Connection(str(path))
    plain.execute("CREATE TABLE meta (name TEXT PRIMARY KEY, value)")
    plain.close()
    with pytest.raises(StateDamaged):
        State(path, SOURCE)
