"""The database that most tests capture: two tables, a column that must never leave it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streammesh.local.stack import Stack
from tests.integration.capture.captured import Captured

SCHEMA = (
    "CREATE TABLE customers (id int PRIMARY KEY, name text, secret text, notes text)",
    "CREATE TABLE orders (id bigint PRIMARY KEY, customer_id int, total numeric(10,2))",
    "ALTER TABLE customers ALTER notes SET STORAGE EXTERNAL",
    "INSERT INTO customers VALUES (1, 'Ann', 'hunter2', repeat('n', 9000))",
    "INSERT INTO customers VALUES (2, 'Bob', 'hunter2')",
    "INSERT INTO orders VALUES (1, 1, 12.50)",
)


@pytest.fixture
def shop(stack: Stack) -> Iterator[Captured]:
    """Give a database with tables and rows that is not captured yet."""
    captured = Captured(stack, ["public.customers", "public.orders"], ["public.customers.secret"])
    try:
        captured.run(*SCHEMA)
        yield captured
    finally:
        captured.close()


@pytest.fixture(scope="module")
def running(stack: Stack) -> Iterator[Captured]:
    """Give such a database that is captured already; the tests of a module share it."""
    captured = Captured(stack, ["public.customers", "public.orders"], ["public.customers.secret"])
    try:
        captured.run(*SCHEMA)
        captured.start()
        yield captured
    finally:
        captured.close()
