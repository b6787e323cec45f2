"""The shop's database and its writers, on a real PostgreSQL."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path
from random import Random

import psycopg
import pytest

from streammesh.demo import database, example
from streammesh.demo.deeds import WEIGHTS, Deed, GivenUp, Till, give_up, take_stock
from streammesh.demo.pace import Workload
from streammesh.demo.shop import Shop
from streammesh.local.info import StackInfo
from streammesh.local.stack import Stack

SMALL = "500"


@pytest.fixture(scope="module")
def url(stack: Stack) -> Iterator[str]:
    """Give a small shop: 500 orders."""
    name = f"shop_{uuid.uuid4().hex[:8]}"
    info = stack.info()
    with psycopg.connect(info.postgres_url("postgres"), autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        with psycopg.connect(info.postgres_url(name)) as connection:
            connection.execute(f"SET shop.orders = '{SMALL}'")
            for file in ("schema.sql", "seed.sql"):
                connection.execute((example.original() / "database" / file).read_text())
        yield info.postgres_url(name)
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _name(act: object) -> str:
    return getattr(act, "__name__", "")


def content(url: str) -> list[object]:
    queries = [f"SELECT md5(string_agg(t::text, '' ORDER BY id)) FROM {t} AS t" for t in TABLES]
    with psycopg.connect(url) as connection:
        return [connection.execute(query).fetchone() for query in queries]


TABLES = database.TABLES


def test_a_bounded_workload_commits_exactly_so_many(url: str) -> None:
    heard: list[Deed] = []
    shop = Shop(
        url, Workload(writers=3, transactions=400, seed=7), lambda deed, _: heard.append(deed)
    )
    shop.start()
    tally = shop.join()
    assert tally.commits == len(heard) == 400
    assert tally.changes == sum(deed.changes for deed in heard)
    assert tally.rolled_back > 0
    assert tally.last[0]


def test_every_kind_of_deed_happens(url: str) -> None:
    heard: list[str] = []
    shop = Shop(url, Workload(transactions=1500), lambda deed, _: heard.append(deed.words))
    shop.start()
    shop.join()
    words = " / ".join(heard)
    for kind in ("placed", "paid", "sent", "line", "moved to city", "cancelled", "changed"):
        assert kind in words
    assert ", order" in words  # several in one transaction


@pytest.mark.parametrize("act", [act for act in WEIGHTS if act is not give_up], ids=_name)
def test_a_deed_counts_the_rows_it_changes(url: str, act: object) -> None:

    with psycopg.connect(url) as connection:
        for attempt in range(50):
            deed = act(Till(connection, Random(attempt), take_stock(connection)))  # type: ignore[operator]
            if deed is not None:
                break
        assert deed is not None
        assert deed.changes >= 1
        changed = connection.execute(
            "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del) FROM pg_stat_xact_user_tables"
        ).fetchone()
        connection.rollback()
    assert changed is not None
    assert deed.changes == changed[0]


def test_a_shop_that_gives_up_leaves_nothing(url: str) -> None:
    before = content(url)
    with (
        psycopg.connect(url, autocommit=True) as connection,
        pytest.raises(GivenUp),
        connection.transaction(),
    ):
        give_up(Till(connection, Random(1), take_stock(connection)))
    assert content(url) == before


def test_stopping_ends_an_endless_shop(url: str) -> None:
    shop = Shop(url, Workload(per_second=50))
    shop.start()
    assert shop.busy
    shop.stop()
    assert not shop.busy


def test_writers_come_back_after_the_server_threw_them_out(url: str) -> None:
    shop = Shop(url, Workload(writers=2, per_second=100, transactions=60))
    shop.start()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    assert shop.join().commits == 60


def test_the_database_is_made_once_and_belongs_to_the_shop(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    info: StackInfo = stack.info()
    monkeypatch.setattr(database, "NAME", f"shop_{uuid.uuid4().hex[:8]}")
    folder = tmp_path / "database"
    folder.mkdir()
    original = example.original() / "database"
    (folder / "schema.sql").write_text((original / "schema.sql").read_text())
    seed = (original / "seed.sql").read_text()
    (folder / "seed.sql").write_text(f"SET LOCAL shop.orders = '{SMALL}';\n{seed}")
    try:
        first = database.prepare(info, tmp_path, "secret")
        with psycopg.connect(first.url) as connection:
            connection.execute("DELETE FROM order_lines WHERE id = 1")
        second = database.prepare(info, tmp_path, "another secret")
        assert (first.tables, first.rows) == (5, 100 + 100 + 1000 + 500 + 1500)
        assert second.rows == first.rows - 1
        assert "secret" not in repr(first)
    finally:
        database.drop(info)
        with psycopg.connect(info.postgres_url("postgres"), autocommit=True) as server:
            server.execute(f"DROP ROLE {database.NAME}")
