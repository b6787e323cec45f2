"""Models with UNION ALL between their SELECTs: rows that move, and keys that are given twice."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from streammesh.contracts import avro
from streammesh.contracts.contract import Contract
from streammesh.deployments.deployment import ProductDeployment, digested
from streammesh.documents.values import ContractFile, ModelFile, Port
from streammesh.engine import shard
from streammesh.engine.parts import Place, part_of
from streammesh.engine.state import State
from streammesh.models.compile import compile_model, fields_given
from tests.unit.engine.harness import Bench, documents
from tests.unit.engine.shop import CUSTOMERS, SOURCE, TABLES, domain, product

PLACES = """
SELECT id, name, country AS place, [] AS orders FROM shop.cities
UNION ALL
SELECT c.id, c.name, ci.name,
       (SELECT list(o.id ORDER BY o.id) FROM shop.orders o WHERE o.customer_id = c.id)
  FROM shop.customers c LEFT JOIN shop.cities ci ON ci.id = c.city_id
"""
APART = """
SELECT 'city' AS kind, id, name FROM shop.cities
UNION ALL
SELECT 'customer', id, name FROM shop.customers
"""
ALIKE = "SELECT id, name FROM shop.cities UNION ALL SELECT id, name FROM shop.customers"
HELD = f"_quarantine.{CUSTOMERS}"


@cache
def united(sql: str, *key: str, **stream: Any) -> ProductDeployment:
    """Give the product of customers with another model, and a contract that it gives."""
    one = product("customers", **stream)
    sources, tables = domain().sources, {"shop": {table.name: table for table in TABLES}}
    model = ModelFile("m.sql", sql)
    given = fields_given(model, sources, tables)
    keys = tuple(field for field in given.fields if field.name in key)
    contract = Contract(keys, given, None, "", {})
    file = ContractFile("c.yaml", {}, {}, one.stream)
    port = Port("sales", "customers", "customers", 1, "1.0.0", "active", file, model)
    return digested(
        replace(
            one,
            model=compile_model(port, contract, sources, tables),
            contract=given,
            key_schema=avro.key_schema(contract, CUSTOMERS),
            value_schema=avro.value_schema(contract, CUSTOMERS),
        )
    )


def started(folder: Path, sql: str = PLACES, *key: str, **stream: Any) -> Bench:
    bench = Bench(folder, united(sql, *(key or ("id",)), **stream))
    with bench.shop.transaction():
        bench.shop.put("cities", id=1, name="Bern", country="CH")
        bench.shop.put("customers", id=10, name="Ann", email="a@x", city_id=1)
    bench.shop.snapshot()
    bench.run()
    return bench


def move(bench: Bench, number: int, name: str) -> None:
    """Make a city of a customer, in one transaction."""
    with bench.shop.transaction():
        bench.shop.delete("customers", number)
        bench.shop.put("cities", id=number, name=name, country="DE")


def now(bench: Bench) -> dict[int, dict[str, Any]]:
    return documents(bench.products[CUSTOMERS], bench.events(CUSTOMERS))


def held(bench: Bench) -> dict[bytes, dict[str, Any]]:
    found = {event.key or b"": event.value for event in bench.events(HELD)}
    return {key: json.loads(value) for key, value in found.items() if value is not None}


def test_a_row_of_each_table_is_a_document(tmp_path: Path) -> None:
    bench = started(tmp_path)
    assert now(bench) == {
        1: {"id": 1, "name": "Bern", "place": "CH", "orders": []},
        10: {"id": 10, "name": "Ann", "place": "Bern", "orders": None},
    }


def test_a_document_that_moves_from_one_table_to_the_other_is_one_update(tmp_path: Path) -> None:
    bench = started(tmp_path)
    before = len(bench.events(CUSTOMERS))
    move(bench, 10, "Annville")
    bench.run()
    (event,) = bench.events(CUSTOMERS)[before:]
    assert event.value is not None
    assert dict(event.headers)["mesh.tx_events"] == b"1"
    assert now(bench)[10]["name"] == "Annville"
    assert held(bench) == {}


def test_one_that_looks_the_same_in_the_other_table_is_no_event(tmp_path: Path) -> None:
    bench = started(tmp_path, ALIKE)
    before = len(bench.events(CUSTOMERS))
    move(bench, 10, "Ann")
    bench.run()
    assert len(bench.events(CUSTOMERS)) == before


def test_a_change_reaches_documents_of_each_select(tmp_path: Path) -> None:
    bench = started(tmp_path)
    with bench.shop.transaction():
        bench.shop.put("cities", id=1, name="Basel")
    bench.run()
    assert (now(bench)[1]["name"], now(bench)[10]["place"]) == ("Basel", "Basel")


@pytest.mark.parametrize("on_violation", ["quarantine", "warn"])
def test_a_key_given_twice_keeps_its_document_until_one_gives_it(
    tmp_path: Path, on_violation: str
) -> None:
    bench = started(tmp_path, on_violation=on_violation)
    with bench.shop.transaction():
        bench.shop.put("cities", id=10, name="Ten", country="NL")
    bench.run()
    (record,) = held(bench).values()
    assert record["reason"] == "has a key that several SELECTs of the model's UNION ALL give"
    assert record["key"] == {"id": 10}
    assert now(bench)[10]["name"] == "Ann"
    with bench.shop.transaction():
        bench.shop.put("cities", id=10, name="Zehn")
        bench.shop.put("customers", id=10, name="Anna")
    bench.run()
    assert now(bench)[10]["name"] == "Ann"
    with bench.shop.transaction():
        bench.shop.delete("customers", 10)
    bench.run()
    assert now(bench)[10] == {"id": 10, "name": "Zehn", "place": "NL", "orders": []}
    assert held(bench) == {}


def test_a_key_given_twice_blocks_where_the_contract_says_so(tmp_path: Path) -> None:
    bench = started(tmp_path, on_violation="block")
    with bench.shop.transaction():
        bench.shop.put("cities", id=10, name="Ten", country="NL")
    bench.run()
    assert bench.progress.deployments[CUSTOMERS].status == "blocked"


def test_given_twice_within_a_transaction_only_is_no_matter(tmp_path: Path) -> None:
    bench = started(tmp_path)
    with bench.shop.transaction():
        bench.shop.put("cities", id=10, name="Ten", country="NL")
        bench.shop.delete("cities", 10)
    bench.run()
    assert held(bench) == {}


def test_a_table_that_is_emptied_ends_its_own_documents(tmp_path: Path) -> None:
    bench = started(tmp_path, APART, "kind", "id")
    with bench.shop.transaction():
        bench.shop.put("customers", id=1, name="One", email="", city_id=1)
    bench.run()
    with bench.shop.transaction():
        bench.shop.truncate("customers")
    bench.run()
    keys = [event.key for event in bench.events(CUSTOMERS) if event.value is None]
    assert len(keys) == 2
    assert held(bench) == {}


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_all_documents_are_published_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    monkeypatch.setattr(shard, "PART_DOCUMENTS", size)
    bench = Bench(tmp_path, united(APART, "kind", "id"))
    with bench.shop.transaction():
        for number in range(1, 5):
            bench.shop.put("cities", id=number, name="c", country="CH")
            bench.shop.put("customers", id=number, name="p", email="", city_id=1)
    bench.shop.snapshot()
    bench.run()
    assert len(bench.events(CUSTOMERS)) == 8


@pytest.mark.parametrize("most", [1, 2, 3, 7, 8])
def test_parts_begin_where_the_one_before_ended_or_after_so_many_rows(
    tmp_path: Path, most: int
) -> None:
    state = State(tmp_path / "state.sqlite", SOURCE)
    state.begin()
    state.create_tables()
    tables = {table.name.name: table for table in TABLES}
    state.load(tables["cities"], [(number, "c", "CH") for number in range(3)])
    state.load(tables["customers"], [(number, "p", "", 1) for number in range(4)])
    branches = united(APART, "kind", "id").model.branches
    every = [("city", n) for n in range(3)] + [("customer", n) for n in range(4)]
    place = Place()
    for start in range(0, 9, most):
        keys, place = part_of(state, branches, place, most)
        assert keys == every[start : start + most]
        assert part_of(state, branches, Place(skip=start), most)[0] == keys
    state.rollback()
    state.close()
