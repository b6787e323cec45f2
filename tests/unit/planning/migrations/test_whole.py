"""Whole migrations: what statements do together, and what a person reads of it.

`GOLDEN=write pytest tests/unit/planning/migrations` writes the golden files anew.
"""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from streammesh.contracts.types import Text
from streammesh.documents.values import TableName
from streammesh.errors.migrations import MigrationSyntax
from streammesh.models.tables import Column
from streammesh.planning.migrations.comparing import compare
from streammesh.planning.migrations.showing import as_dict, text
from tests.unit.planning.conftest import COLUMNS, table
from tests.unit.planning.migrations.support import (
    SOURCE,
    TABLES,
    WORKSPACE,
    check,
    verdicts,
    words,
)

GOLDEN = Path(__file__).parent / "golden"

RENAME_CITY = """-- cities get titles

ALTER TABLE cities RENAME COLUMN name TO title;

ALTER TABLE orders ADD COLUMN note text;
"""

ALL_KINDS = """BEGIN;
ALTER TABLE customers RENAME COLUMN password_hash TO secret;
ALTER TABLE order_lines ALTER COLUMN qty TYPE bigint USING qty::bigint, ADD note text DEFAULT '';
ALTER TABLE orders ATTACH PARTITION orders_2026 FOR VALUES FROM (1) TO (9);
DO $$ BEGIN PERFORM 1; END $$;
TRUNCATE order_lines;
COMMIT;
-- migrate:down
DROP TABLE orders;
"""


def same(name: str, shown: str) -> None:
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("GOLDEN") == "write":
        path.parent.mkdir(exist_ok=True)
        path.write_text(shown + "\n", encoding="utf-8")
    assert shown + "\n" == path.read_text(encoding="utf-8")


def consumers(port, field):
    return ("marketing/orders-to-warehouse", "finance/revenue") if field else ()


def test_a_column_is_renamed() -> None:
    same("rename", text(check(RENAME_CITY), width=100))


def test_those_who_rely_on_a_field_are_named_where_somebody_knows_them() -> None:
    same("rename-consumers", text(check(RENAME_CITY, consumers=consumers), width=100))


def test_every_kind_of_verdict() -> None:
    same("kinds", text(check(ALL_KINDS), width=100))


def test_nothing_is_wider_than_asked_but_what_is_one_word() -> None:
    for width in (60, 100):
        shown = text(check(ALL_KINDS + RENAME_CITY), width=width)
        assert [one for one in shown.splitlines() if len(one) > width and " " in one.strip()] == []


def test_colour_is_only_an_addition() -> None:
    found = check(ALL_KINDS)
    coloured = text(found, width=100, colour=True)
    assert "\x1b[31mbreaks" in coloured
    for code in ("\x1b[31m", "\x1b[33m", "\x1b[35m", "\x1b[0m"):
        coloured = coloured.replace(code, "")
    assert coloured == text(found, width=100)


def test_a_migration_of_nothing() -> None:
    shown = text(check("-- only a comment"), width=100)
    assert shown == "m.sql changes nothing of sales.shop"


def test_what_a_later_statement_mends_breaks_nothing() -> None:
    sql = "ALTER TABLE cities RENAME name TO x; ALTER TABLE cities RENAME x TO name"
    found = check(sql)
    assert not found.breaks
    assert "until a later statement mends it" in words(found.statements[0])


def test_a_table_that_takes_the_place_of_another() -> None:
    sql = """CREATE TABLE new (id integer PRIMARY KEY, name text NOT NULL, country text NOT NULL);
    DROP TABLE cities; ALTER TABLE new RENAME TO cities;"""
    assert verdicts(sql) == ["harmless", "changes", "harmless"]
    found = check(sql)
    assert "in the end it is made of another public.cities" in words(found.statements[1])
    assert found.read_anew == ("public.cities",)
    assert verdicts(sql.replace("name text NOT NULL,", "")) == ["harmless", "breaks", "harmless"]


def test_a_new_column_under_an_old_name_is_another_one() -> None:
    sql = "ALTER TABLE cities RENAME name TO title; ALTER TABLE cities ADD name text"
    found = check(sql)
    assert (verdicts(sql), found.read_anew) == (["changes", "harmless"], ("public.cities",))
    assert "in the end it is made of another public.cities.name" in words(found.statements[0])


def test_columns_that_change_places_break_nothing_but_change_values() -> None:
    sql = """ALTER TABLE cities RENAME name TO x; ALTER TABLE cities RENAME country TO name;
    ALTER TABLE cities RENAME x TO country"""
    found = check(sql)
    assert (found.breaks, found.read_anew) == (False, ("public.cities",))
    assert verdicts(sql)[0] == "changes"


def test_what_is_given_up_is_judged_but_breaks_nothing() -> None:
    assert not check("BEGIN; DROP TABLE cities; ROLLBACK").breaks
    assert check("BEGIN; DROP TABLE cities; COMMIT").breaks


def test_a_search_path_says_which_table_is_meant() -> None:
    assert verdicts("SET search_path = store; DROP TABLE cities") == ["harmless", "harmless"]
    assert verdicts("SET search_path = store, public; DROP TABLE cities")[1] == "breaks"


def test_two_breaks_of_one_product_are_told_each_at_its_statement() -> None:
    sql = "ALTER TABLE cities DROP name; ALTER TABLE cities RENAME country TO land"
    city, country = check(sql).statements
    assert ("customer.city" in words(city), "customer.country" in words(city)) == (True, False)
    assert "read ci.land in orders.v1.sql" in words(country)


def test_an_unknown_word_begins_no_statement() -> None:
    with pytest.raises(MigrationSyntax) as raised:
        check("BEGIN;\n  ALTR TABLE cities ADD x int")
    assert str(raised.value.where) == "m.sql:2:3"


def test_values_that_nothing_tells_of_need_a_new_snapshot() -> None:
    found = check("ALTER TABLE orders ALTER status TYPE text USING lower(status)")
    assert (found.read_anew, found.unseen) == ((), ("public.orders",))
    assert "mesh apply --new-snapshot sales.shop" in text(found, width=200)


def test_a_table_of_another_form_is_read_again() -> None:
    found = check("ALTER TABLE orders ALTER status TYPE varchar(20)")
    assert (found.read_anew, found.unseen) == (("public.orders",), ())
    assert found.waiting == ("sales.customers v1", "sales.orders v1")


def test_a_table_with_a_column_more_is_read_again_and_stops_nobody() -> None:
    found = check("ALTER TABLE orders ADD note text DEFAULT 'x'")
    assert (found.read_anew, found.waiting) == (("public.orders",), ())


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE orders ADD note text, ALTER status TYPE varchar(20)",
        "ALTER TABLE orders ADD note text; ALTER TABLE orders RENAME status TO state",
        "ALTER TABLE orders DROP COLUMN status; ALTER TABLE orders ADD note text",
    ],
)
def test_a_table_with_a_column_more_that_is_another_besides_is_waited_for(statement: str) -> None:
    assert check(statement).waiting == ("sales.customers v1", "sales.orders v1")


def test_stored_generated_columns_need_a_server_that_publishes_them() -> None:
    sql = "ALTER TABLE orders ADD s text GENERATED ALWAYS AS (status) STORED"
    assert not check(sql, server_version=18).breaks
    assert check(sql, server_version=17).breaks


def test_a_unique_column_that_a_join_relies_on() -> None:
    keyless = [
        replace(one, primary_key=("name",), unique=(("id",),)) if one.name.name == "cities" else one
        for one in TABLES
    ]
    relying = "ALTER TABLE cities DROP CONSTRAINT cities_id_key"
    assert check(relying, tables=keyless).breaks
    unsure = check("DROP INDEX of_some_name", tables=keyless)
    assert "rely" in words(unsure.statements[0])


def test_products_that_fit_no_table_are_named() -> None:
    broken = [table(name, COLUMNS[name]) for name in COLUMNS if name != "products"]
    found = check("ALTER TABLE cities ADD x int", tables=broken)
    assert [one.partition(" does not fit")[0] for one in found.notes] == ["sales.orders v1"]


def test_json_says_the_same() -> None:
    found = as_dict(check(RENAME_CITY, consumers=consumers))
    first, second = found["statements"]
    assert (found["breaks"], first["verdict"], second["verdict"]) == (True, "breaks", "harmless")
    assert first["where"] == "m.sql:3:1"
    orders = first["impacts"][1]
    assert (orders["who"], orders["field"]) == ("sales.orders v1", "customer.city")
    assert orders["place"].endswith("orders.v1.sql:2:29")
    assert orders["consumers"] == ["marketing/orders-to-warehouse", "finance/revenue"]
    assert orders["owner"] == "Sales platform, sales-data@example.com"


def test_a_migrated_database_is_compared() -> None:
    cities, customers, *others = TABLES
    columns = [cities.columns[0], replace(cities.columns[1], name="title"), cities.columns[2]]
    more = (*customers.columns, Column("note", "text", Text(), nullable=True))
    migrated = [
        replace(cities, columns=tuple(columns)),
        replace(customers, columns=more),
        *others,
    ]
    found = compare(WORKSPACE, SOURCE, TABLES, migrated)
    same("compared", text(found, width=100))
    assert found.breaks


def test_a_migrated_database_whose_values_have_other_types() -> None:
    lines = next(one for one in TABLES if one.name == TableName("public", "order_lines"))
    wider = [
        replace(one, database_type="bigint") if one.name == "qty" else one for one in lines.columns
    ]
    rest = [one for one in TABLES if one is not lines]
    found = compare(WORKSPACE, SOURCE, TABLES, [*rest, replace(lines, columns=tuple(wider))])
    assert not found.breaks
    assert "field lines[].quantity, lines[].amount" in words(found.statements[0])


def test_a_migrated_database_that_is_the_same() -> None:
    assert compare(WORKSPACE, SOURCE, TABLES, TABLES).statements == ()
