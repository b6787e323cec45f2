"""Rules that look at more than one value: in SQL, and values that no two documents share."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from streammesh.contracts.quality import SqlRule
from streammesh.deployments.deployment import ProductDeployment, digested
from streammesh.engine.state import State
from streammesh.models.conditions import compile_condition
from tests.unit.engine.harness import Bench
from tests.unit.engine.shop import CUSTOMERS, product
from tests.unit.engine.test_recovery import fill

HELD = f"_quarantine.{CUSTOMERS}"


def with_rules(
    *queries: str, distinct: tuple[tuple[str, ...], ...] = (), **stream: Any
) -> ProductDeployment:
    one = product("customers", **stream)
    conditions = tuple(
        compile_condition(SqlRule("", query, query), one.model.fields, one.topic)
        for query in queries
    )
    return digested(replace(one, conditions=conditions, distinct=distinct))


def started(folder: Path, deployed: ProductDeployment) -> Bench:
    bench = Bench(folder, deployed)
    fill(bench.shop)
    bench.shop.snapshot()
    bench.run()
    return bench


def customers(bench: Bench, **names: str) -> None:
    """Rename customers within one transaction: `customers(bench, c1="Ann")`."""
    with bench.shop.transaction():
        for key, name in names.items():
            bench.shop.put("customers", id=int(key[1:]), name=name)


def published(bench: Bench) -> dict[int, str]:
    return {key: one["name"] for key, one in bench.documents(CUSTOMERS).items()}


def held(bench: Bench) -> set[bytes]:
    newest = {event.key or b"": event.value for event in bench.events(HELD)}
    return {key for key, value in newest.items() if value is not None}


# --- SQL

RULE = "SELECT count(*) FROM {object} WHERE name = upper(name) OR length(name) > 8"


def test_documents_that_a_rule_in_sql_forbids_go_to_quarantine(tmp_path: Path) -> None:
    bench = started(tmp_path, with_rules(RULE))
    before = published(bench)
    customers(bench, c1="LOUD", c2="quiet")
    counters = bench.run()
    assert counters.quarantined == 1
    assert published(bench) == {**before, 2: "quiet"}
    assert b"breaks the rule: SELECT" in (bench.events(HELD)[-1].value or b"")
    customers(bench, c1="low")
    bench.run()
    assert held(bench) == set()
    bench.check()


def test_a_rule_in_sql_warns_and_blocks_too(tmp_path: Path) -> None:
    bench = started(tmp_path / "a", with_rules(RULE, on_violation="warn"))
    customers(bench, c1="LOUD")
    assert bench.run().warned == 1
    assert published(bench)[1] == "LOUD"
    bench = started(tmp_path / "b", with_rules(RULE, on_violation="block"))
    customers(bench, c1="LOUD")
    bench.run()
    assert bench.progress.deployments[CUSTOMERS].status == "blocked"


def test_a_document_of_which_a_rule_cant_be_computed_stops_no_other(tmp_path: Path) -> None:
    most = 9_223_372_036_854_775_807
    rule = f"SELECT count(*) FROM {{object}} WHERE customer_id + {most - 2} < 0"
    bench = started(tmp_path, with_rules(rule))
    assert set(published(bench)) == {1, 2}
    assert len(held(bench)) == len(bench.shop.rows["customers"]) - 2


def test_null_breaks_no_rule(tmp_path: Path) -> None:
    rule = "SELECT count(*) FROM {object} WHERE nullif(name, 'x') = 'never'"
    bench = started(tmp_path, with_rules(rule))
    customers(bench, c1="x")
    assert bench.run().quarantined == 0


# --- distinct


def test_second_document_with_a_value_waits_until_it_is_free(tmp_path: Path) -> None:
    bench = started(tmp_path, with_rules(distinct=(("name",),)))
    first = published(bench)[1]
    before = published(bench)[2]
    customers(bench, c2=first)
    bench.run()
    assert published(bench)[2] == before
    assert len(held(bench)) == 1
    customers(bench, c1="somebody else")
    bench.run()
    assert published(bench)[2] == first
    assert held(bench) == set()
    last = bench.events(CUSTOMERS)[-2:]
    assert len({event.transaction for event in last}) == 1
    assert {dict(event.headers)["mesh.tx_events"] for event in last} == {b"2"}
    bench.check()


def test_two_change_places_within_a_transaction(tmp_path: Path) -> None:
    bench = started(tmp_path, with_rules(distinct=(("name",),)))
    names = published(bench)
    customers(bench, c1=names[2], c2=names[1])
    assert bench.run().quarantined == 0
    bench.check()


def test_two_that_wait_for_each_other_change_places(tmp_path: Path) -> None:
    bench = started(tmp_path, with_rules(distinct=(("name",),)))
    names = published(bench)
    customers(bench, c1=names[2])
    customers(bench, c2=names[1])
    bench.run()
    assert held(bench) == set()
    bench.check()


def test_a_new_snapshot_takes_nobodys_value_away(tmp_path: Path) -> None:
    bench = started(tmp_path, with_rules(distinct=(("name",),)))
    names = published(bench)
    bench.shop.rows["customers"][1]["name"] = names[2]
    bench.shop.lsn += 1000
    bench.shop.snapshot()
    bench.run()
    assert published(bench) == names, "who comes first among all documents had another value"
    assert len(held(bench)) == 1


def test_who_has_a_value_keeps_it_when_its_new_document_is_refused(tmp_path: Path) -> None:
    bench = started(tmp_path, with_rules(RULE, distinct=(("name",),)))
    names = published(bench)
    customers(bench, c1="LOUD")
    customers(bench, c2=names[1])
    bench.run()
    assert published(bench) == names
    assert len(held(bench)) == 2


def test_deleted_document_frees_its_value(tmp_path: Path) -> None:
    bench = started(tmp_path, with_rules(distinct=(("name",),)))
    names = published(bench)
    customers(bench, c2=names[1])
    with bench.shop.transaction():
        bench.shop.delete("customers", 1)
    bench.run()
    assert published(bench)[2] == names[1]


@pytest.mark.parametrize("seed", range(15))
def test_topic_never_has_a_value_twice(tmp_path: Path, seed: int) -> None:
    pick = random.Random(seed)
    bench = started(tmp_path, with_rules(distinct=(("name",),)))
    for _ in range(6):
        for _ in range(pick.randint(1, 6)):
            with bench.shop.transaction():
                for _ in range(pick.randint(1, 3)):
                    key = pick.randint(1, 6)
                    if pick.random() < 0.2 and key in bench.shop.rows["customers"]:
                        bench.shop.delete("customers", key)
                    else:
                        bench.shop.put(
                            "customers", id=key, name=pick.choice("abcdef"), email="e", city_id=1
                        )
        if pick.random() < 0.3:
            State.remove(bench.path)
        bench.most = pick.choice((1, 5, 10_000))
        bench.run()
        bench.run()
        names = list(published(bench).values())
        assert len(names) == len(set(names))
        wanted = {key: row["name"] for key, row in bench.shop.rows["customers"].items()}
        for key, name in wanted.items():
            if published(bench).get(key) != name:
                assert name in names, f"{name} is free, and yet {key} waits for it"
        assert len(held(bench)) == sum(published(bench).get(k) != n for k, n in wanted.items())
