"""A catalog's tables: made once, by whoever is first, and refused when they are another's."""

from __future__ import annotations

import subprocess
import sys
import threading
import time

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import select, text

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.kinds import MEANINGS, Kind
from streammesh.catalog.migrating import form, newest, take_turns
from streammesh.catalog.opening import WAIT_SECONDS, WRITES, open_engine
from streammesh.catalog.schema import kinds, metadata
from streammesh.errors.catalog import CatalogForeign, CatalogTooNew
from tests.conformance.catalogs import DATABASES, database, shop

OPENER = """
import sys
from streammesh.catalog.catalog import Catalog
print("ready", flush=True)
sys.stdin.readline()
Catalog.open(sys.argv[1]).close()
"""


@pytest.fixture(params=DATABASES)
def address(request, tmp_path):
    with database(request, tmp_path) as address:
        yield address


def execute(address: str, statement: str) -> None:
    with open_engine(address).begin() as connection:
        connection.execute(text(statement))


def test_the_migrations_lead_to_the_tables_that_the_code_knows(address):
    with Catalog.open(address).reading() as connection:
        assert form(connection) == newest()
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_kinds_are_those_of_the_code(address):
    with Catalog.open(address).reading() as connection:
        assert dict(map(tuple, connection.execute(select(kinds)))) == {
            one.value: MEANINGS[one] for one in Kind
        }


def test_opening_again_keeps_what_is_there(address):
    first = Catalog.open(address)
    first.record(shop(), who="ann", commit="")
    first.close()
    again = Catalog.open(address)
    assert [one.product for one in again.search("orders")] == ["orders"]


def test_opening_waits_for_nobody_who_writes(address):
    Catalog.open(address).close()
    writer = open_engine(address).connect().execution_options(**{WRITES: True})
    with writer.begin():
        take_turns(writer)
        started = time.monotonic()
        Catalog.open(address).close()
        assert time.monotonic() - started < WAIT_SECONDS / 3
    writer.close()


def test_threads_open_a_new_catalog_at_once(address):
    failures, together = [], threading.Barrier(4)

    def one() -> None:
        together.wait()
        try:
            Catalog.open(address).close()
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert failures == []


def test_two_processes_open_a_new_catalog_at_once(address):
    command = [sys.executable, "-c", OPENER, address]
    pipe = subprocess.PIPE
    processes = [
        subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True) for _ in range(2)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    said = [process.communicate(timeout=60) for process in processes]
    assert [process.returncode for process in processes] == [0, 0], said


def test_a_newer_catalog_is_refused_by_name_and_left_alone(address):
    Catalog.open(address).close()
    execute(address, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(CatalogTooNew, match="9999"):
        Catalog.open(address)
    with open_engine(address).connect() as connection:
        assert form(connection) == "9999"


def test_a_database_of_something_else_is_refused_and_left_alone(address):
    execute(address, "CREATE TABLE invoices (id INTEGER)")
    with pytest.raises(CatalogForeign, match="invoices"):
        Catalog.open(address)
    with open_engine(address).connect() as connection:
        assert form(connection) is None
