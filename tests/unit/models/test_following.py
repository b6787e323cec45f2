"""Whatever row changes, the keys that its paths lead to hold every document that changed."""

from __future__ import annotations

import ast
import random
import re
from typing import Any

import pytest

from streammesh.documents.values import TableName
from streammesh.models.compiled import Branch, CompiledModel, KeyColumn, Path
from streammesh.models.storage import quote, table_name
from tests.unit.models.shapes import SHAPES
from tests.unit.models.support import TABLES, State, compiled

UUIDS = [f"0000000{n}-0000-4000-8000-000000000000" for n in range(8)]


def random_row(dice: random.Random, name: str) -> dict[str, Any]:
    small, text, code = dice.randint(1, 3), dice.choice("abAé"), dice.choice(["aaa", "b"])
    rows: dict[str, Any] = {
        "regions": {"code": code, "title": text},
        "cities": {"id": small, "name": text, "region": dice.choice([None, code, code])},
        "customers": customer(dice, small, text),
        "orders": order(dice, small, text),
        "lines": line(dice, small),
        "products": {"sku": text, "title": dice.choice("xyz"), "weight": "1.500"},
        "parts": {"line": dice.choice(UUIDS), "n": small, "name": text, "amount": "3.00"},
        "notes": {"note": text},
    }
    return dict(rows[name])


def customer(dice: random.Random, small: int, text: str) -> dict[str, Any]:
    city, referrer = dice.choice([None, 1, 2, 3]), dice.choice([None, 1, 2, 3])
    row = {"id": small, "name": text, "city_id": city, "referrer_id": referrer}
    return {**row, "vip": dice.choice([None, True, False, True]), "born": "2000-02-29", "email": ""}


def order(dice: random.Random, small: int, text: str) -> dict[str, Any]:
    key = {"tenant": dice.randint(1, 2), "number": dice.randint(1, 2), "uid": UUIDS[small]}
    placed = f"2026-01-0{small}T00:00:00Z"
    return {
        **key,
        "customer_id": dice.randint(1, 3),
        "billing_id": dice.choice([None, 1, 2]),
        "status": text,
        "placed": placed,
        "note": dice.choice([None, text]),
    }


def line(dice: random.Random, small: int) -> dict[str, Any]:
    key = {"id": dice.choice(UUIDS), "tenant": dice.randint(1, 2), "number": dice.randint(1, 2)}
    product = dice.choice([None, "a", "b", "é"])
    price = dice.choice(["1.00", "2.50"])
    return {**key, "product": product, "qty": small, "price": price, "big": "3.0000", "pos": small}


def filled(dice: random.Random, model: CompiledModel) -> State:
    state = State([model])
    for one in TABLES:
        for _ in range(8):
            insert(state, one.name, random_row(dice, one.name.name))
    return state


def insert(state: State, name: TableName, row: dict[str, Any]) -> list[dict[str, Any]]:
    """Insert a row unless its key is there; give its image, if it went in."""
    key = next(one.primary_key for one in TABLES if one.name == name)
    wanted = {part: row[part] for part in key or row}
    if key and find(state, name, wanted):
        return []
    state.insert(str(name), **row)
    return find(state, name, wanted)[:1]


def find(state: State, name: TableName, wanted: dict[str, Any]) -> list[dict[str, Any]]:
    condition = " AND ".join(f"{quote(column)} = ?" for column in wanted)
    rows = state.db.execute(
        f"SELECT * FROM {table_name(name)} WHERE {condition}", tuple(wanted.values())
    )
    columns = [one.name for one in next(t for t in TABLES if t.name == name).columns]
    return [dict(zip(columns, row, strict=True)) for row in rows]


def climbed(state: State, branch: Branch, path: Path, image: dict[str, Any]) -> set[Any]:
    """Follow a row to the root's keys, as an engine would, but row by row."""
    images = [image]
    for hop in path.hops:
        wanted = [
            dict(zip(hop.to_columns, [row[c] for c in hop.from_columns], strict=True))
            for row in images
        ]
        images = [row for one in wanted for row in find(state, hop.table, one)]
    return {tuple(_part(part, row) for part in branch.key) for row in images}


def _part(part: KeyColumn, row: dict[str, Any]) -> Any:
    return row[part.column] if part.column else ast.literal_eval(part.constant)


def affected(state: State, model: CompiledModel, name: TableName, image: Any) -> set[Any]:
    return {
        key
        for branch in model.branches
        for path in branch.paths
        if path.table == name
        for key in climbed(state, branch, path, image)
    }


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(2))
def test_changed_documents_are_among_the_followed_keys(shape: str, seed: int) -> None:
    key, sql = SHAPES[shape]
    model, dice = compiled(sql, key), random.Random(seed)
    state = filled(dice, model)
    documents = state.documents(model)
    changes = 0
    for _ in range(40):
        name = dice.choice([table for table, _ in model.columns])
        rows = list(state.db.execute(f"SELECT * FROM {table_name(name)}"))
        columns = [one.name for one in next(t for t in TABLES if t.name == name).columns]
        old = dict(zip(columns, dice.choice(rows), strict=True)) if rows else None
        found = affected(state, model, name, old) if old else set()
        if old:
            conditions = " AND ".join(f"{quote(column)} IS ?" for column in old)
            statement = f"DELETE FROM {table_name(name)} WHERE {conditions}"
            state.db.execute(statement, tuple(old.values()))
        if dice.random() < 0.8:
            for image in insert(state, name, random_row(dice, name.name)):
                found |= affected(state, model, name, image)
        now = state.documents(model)
        different = {key for key in {*now, *documents} if now.get(key) != documents.get(key)}
        assert different <= found, (name, old)
        changes += len(different)
        documents = now
    assert changes > 0


@pytest.mark.parametrize("shape", SHAPES)
def test_documents_are_looked_up_by_keys_alone(shape: str) -> None:
    key, sql = SHAPES[shape]
    model = compiled(sql, key)
    scans = [step for step in State([model]).plan(model) if step.startswith("SCAN")]
    # a union is read whole, after each of its SELECTs was looked up
    tables = {one for one in scans if not re.fullmatch(r"SCAN (first_rows|u(_\d+)?)", one)}
    assert tables == {"SCAN wanted keys"}, scans
