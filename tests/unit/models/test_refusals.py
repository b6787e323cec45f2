"""What a model can't be is refused by name, at its place."""

from __future__ import annotations

import pytest

from streammesh.documents.values import ModelFile
from streammesh.errors import MeshError
from streammesh.errors import models as errors
from streammesh.models.compile import fields_given
from tests.unit.models.support import SOURCE, TABLES, compiled, fields, known, table

ORDERS = "FROM shop.orders o"
LINES = "FROM shop.lines l WHERE l.tenant = o.tenant AND l.number = o.number"

REFUSED = [
    ("SELECT o.number FROM", errors.ModelSyntax, "FROM"),
    ("SELECT 'abc FROM shop.orders", errors.ModelSyntax, ""),
    ("", errors.ModelSyntax, ""),
    ("SELECT 1; SELECT 2", errors.NotOneSelect, "2"),
    (f"SELECT 1 AS a {ORDERS} UNION SELECT 2 {ORDERS}", errors.UnsupportedClause, None),
    ("DELETE FROM shop.orders", errors.NotOneSelect, None),
    (f"SELECT DISTINCT o.number {ORDERS}", errors.UnsupportedClause, None),
    (f"SELECT o.number {ORDERS} GROUP BY o.number", errors.UnsupportedClause, "o.number"),
    (f"SELECT o.number {ORDERS} ORDER BY o.number", errors.UnsupportedClause, "o.number"),
    (f"SELECT o.number {ORDERS} LIMIT 1", errors.UnsupportedClause, "1"),
    (f"SELECT row_number() OVER () AS n {ORDERS}", errors.UnsupportedClause, None),
    (f"SELECT (SELECT max(l.qty) {LINES} LIMIT 1) AS a {ORDERS}", errors.UnsupportedClause, "1"),
    (
        f"SELECT o.number {ORDERS} FULL JOIN shop.customers c ON c.id = o.customer_id",
        errors.UnsupportedJoin,
        None,
    ),
    (
        f"SELECT o.number {ORDERS} NATURAL JOIN shop.lines l",
        errors.UnsupportedJoin,
        "shop.lines l",
    ),
    (
        f"SELECT o.number {ORDERS} JOIN shop.lines l USING (tenants)",
        errors.UnknownColumn,
        "tenants",
    ),
    (
        f"SELECT EXISTS (SELECT 1 {LINES} LIMIT 0) AS a {ORDERS}",
        errors.UnsupportedClause,
        "0",
    ),
    (
        f"SELECT (SELECT l.qty {LINES} ORDER BY l.id LIMIT 1%) AS a {ORDERS}",
        errors.UnsupportedClause,
        None,
    ),
    (
        f"SELECT (SELECT l.qty {LINES} ORDER BY l.id FETCH FIRST 1 ROWS WITH TIES) AS a {ORDERS}",
        errors.UnsupportedClause,
        None,
    ),
    (
        f"SELECT (SELECT l.qty {LINES} ORDER BY -1 LIMIT 1) AS a {ORDERS}",
        errors.UnsupportedClause,
        None,
    ),
    (
        f"SELECT (SELECT l.qty {LINES} ORDER BY (1) LIMIT 1) AS a {ORDERS}",
        errors.UnsupportedClause,
        None,
    ),
    (
        f"SELECT (SELECT list(l.qty ORDER BY l.qty)[1:3:2] {LINES}) AS a {ORDERS}",
        errors.NoMeaning,
        None,
    ),
    ("SELECT 1 AS a FROM orders", errors.NotATable, "orders"),
    ("SELECT 1 AS a", errors.NotATable, None),
    ("SELECT 1 AS a FROM mesh.sales.orders", errors.UnlistedProduct, "mesh.sales.orders"),
    ("SELECT a.x FROM (SELECT 1 AS x) a", errors.NotATable, None),
    ("SELECT a.x FROM shop.orders o, unnest(o.x) a", errors.NotATable, None),
    ("SELECT o.number FROM shp.orders o", errors.UnknownSource, "shp.orders o"),
    ("SELECT o.number FROM shop.ordrs o", errors.UnknownTable, "shop.ordrs o"),
    ("SELECT o.number FROM shop.private.orders o", errors.UnknownTable, "shop.private.orders o"),
    (
        f"SELECT o.number {ORDERS} JOIN my_stock.items i ON i.id = o.number",
        errors.SeveralSources,
        "my_stock.items i",
    ),
    (
        f"SELECT o.number {ORDERS} JOIN shop.customers o ON o.id = o.customer_id",
        errors.AliasTwice,
        "shop.customers o",
    ),
    (f"SELECT p.number {ORDERS}", errors.UnknownAlias, "p.number"),
    (f"SELECT shop.o.number {ORDERS}", errors.UnknownAlias, "shop.o.number"),
    (f"SELECT o.numbr {ORDERS}", errors.UnknownColumn, "o.numbr"),
    (f"SELECT numbr {ORDERS}", errors.UnknownColumn, "numbr"),
    (
        f"SELECT name {ORDERS} JOIN shop.customers c ON c.id = o.customer_id"
        " JOIN shop.cities ci ON ci.id = c.city_id",
        errors.AmbiguousColumn,
        "name",
    ),
    ("SELECT c.password FROM shop.customers c", errors.ExcludedColumn, "c.password"),
    ("SELECT c.shape FROM shop.customers c", errors.UnreadableColumn, "c.shape"),
    (f"SELECT * {ORDERS}", errors.StarSelected, None),
    (f"SELECT o.* {ORDERS}", errors.StarSelected, None),
    (f"SELECT o.number + 1 {ORDERS}", errors.UnnamedField, "o.number + 1"),
    (f"SELECT o.number, o.tenant AS number {ORDERS}", errors.FieldGivenTwice, "o.tenant"),
    (f"SELECT {{a: 1, a: 2}} AS x {ORDERS}", errors.FieldGivenTwice, "2"),
    (f"SELECT foo(o.number) AS x {ORDERS}", errors.NoMeaning, "foo(o.number)"),
    (f"SELECT initcap(o.status) AS x {ORDERS}", errors.NoMeaning, "initcap(o.status)"),
    (f"SELECT o.status / 2 AS x {ORDERS}", errors.WrongTypes, "o.status / 2"),
    (f"SELECT [1, 2] AS x {ORDERS}", errors.NoMeaning, "[1, 2]"),
    (f"SELECT o.number LIKE 'a%' AS x {ORDERS}", errors.WrongTypes, "o.number LIKE 'a%'"),
    (f"SELECT o.status LIKE 'a\\%' AS x {ORDERS}", errors.WrongTypes, None),
    (f"SELECT o.extra ->> o.note AS x {ORDERS}", errors.NoMeaning, "o.extra ->> o.note"),
    (f"SELECT o.note ->> 'a' AS x {ORDERS}", errors.WrongTypes, None),
    (f"SELECT o.seen - o.seen AS x {ORDERS}", errors.WrongTypes, "o.seen - o.seen"),
    (f"SELECT o.seen + INTERVAL 9 MILLENNIA AS x {ORDERS}", errors.NoMeaning, None),
    (f"SELECT o.seen + INTERVAL 20000 YEAR AS x {ORDERS}", errors.WrongTypes, None),
    (f"SELECT to_char(o.seen, 'Month') AS x {ORDERS}", errors.WrongTypes, None),
    (f"SELECT o.number IN (SELECT 1) AS x {ORDERS}", errors.NotATable, None),
    (f"SELECT o.number IN (SELECT l.pos {LINES}) AS x {ORDERS}", errors.NoMeaning, None),
    (f"SELECT EXISTS (SELECT max(l.qty) {LINES}) AS x {ORDERS}", errors.AggregateOutside, None),
    (f"SELECT CAST(o.number AS DOUBLE) AS x {ORDERS}", errors.WrongTypes, None),
    (f"SELECT CAST(o.status AS INTERVAL) AS x {ORDERS}", errors.CastTarget, None),
    (f"SELECT CAST(o.status AS VARCHAR(3)) AS x {ORDERS}", errors.CastTarget, None),
    (f"SELECT o.number::numeric AS x {ORDERS}", errors.CastTarget, None),
    (
        f"SELECT o.tenant, (o.number * 2)::numeric AS x {ORDERS}",
        errors.CastTarget,
        "o.number * 2",
    ),
    (f"SELECT now() AS x {ORDERS}", errors.NonDeterministic, None),
    (f"SELECT random() AS x {ORDERS}", errors.NonDeterministic, "random()"),
    (f"SELECT CURRENT_DATE AS x {ORDERS}", errors.NonDeterministic, "CURRENT_DATE"),
    (f"SELECT current_date::text AS x {ORDERS}", errors.NonDeterministic, "current_date"),
    (f"SELECT nextval('a') AS x {ORDERS}", errors.NonDeterministic, "nextval('a')"),
    (f"SELECT o.status + 1 AS x {ORDERS}", errors.WrongTypes, "o.status + 1"),
    (f"SELECT o.status = 1 AS x {ORDERS}", errors.WrongTypes, "o.status = 1"),
    (f"SELECT o.note = NULL AS x {ORDERS}", errors.WrongTypes, None),
    (f"SELECT o.placed = o.seen AS x {ORDERS}", errors.WrongTypes, "o.placed = o.seen"),
    (f"SELECT o.extra = o.extra AS x {ORDERS}", errors.WrongTypes, None),
    (f"SELECT NOT o.number AS x {ORDERS}", errors.WrongTypes, None),
    (f"SELECT coalesce(o.note, 0) AS x {ORDERS}", errors.WrongTypes, "coalesce(o.note, 0)"),
    (f"SELECT coalesce(o.note, []) AS x {ORDERS}", errors.WrongTypes, "coalesce(o.note, [])"),
    (f"SELECT CAST(o.status AS INT) AS x {ORDERS}", errors.WrongTypes, None),
    (f"SELECT CAST(o.number AS SMALLINT) AS x {ORDERS}", errors.WrongTypes, None),
    (f"SELECT o.number IN (1, o.tenant) AS x {ORDERS}", errors.WrongTypes, None),
    (f"SELECT o.number {ORDERS} WHERE o.number", errors.NotACondition, "o.number"),
    (f"SELECT NULL AS x {ORDERS}", errors.UntypedNull, None),
    (f"SELECT [] AS x {ORDERS}", errors.UntypedNull, None),
    (f"SELECT 1e3 AS x {ORDERS}", errors.BadLiteral, "1e3"),
    (f"SELECT DATE '2026-02-30' AS x {ORDERS}", errors.BadLiteral, None),
    (f"SELECT max(o.number) AS x {ORDERS}", errors.AggregateOutside, "max(o.number)"),
    (
        f"SELECT (SELECT {{a: count(*), b: l.qty}} {LINES}) AS x {ORDERS}",
        errors.AggregateOutside,
        "l.qty",
    ),
    (f"SELECT (SELECT sum(max(l.qty)) {LINES}) AS x {ORDERS}", errors.AggregateOutside, None),
    (f"SELECT (SELECT sum(o.number) {LINES}) AS x {ORDERS}", errors.AggregateOfOuter, None),
    (
        "SELECT (SELECT max(g.most) FROM shop.lines l JOIN (SELECT p.number AS number,"
        " max(p.qty) AS most FROM shop.lines p GROUP BY p.number) g ON g.number = o.number"
        f" WHERE l.number = o.number) AS x {ORDERS}",
        errors.AggregateOfOuter,
        "max(g.most)",
    ),
    (f"SELECT (SELECT list(l.qty) {LINES}) AS x {ORDERS}", errors.ListWithoutOrder, "list(l.qty)"),
    (f"SELECT (SELECT l.qty, l.id {LINES}) AS x {ORDERS}", errors.SubSelectColumns, None),
    (f"SELECT (SELECT l.qty {LINES}) AS x {ORDERS}", errors.JoinNotUnique, "shop.lines l"),
    (
        f"SELECT o.number {ORDERS} JOIN shop.lines l ON l.number = o.number",
        errors.JoinNotUnique,
        "shop.lines l",
    ),
    (
        f"SELECT o.number {ORDERS} LEFT JOIN shop.customers c ON c.id = o.customer_id"
        " JOIN shop.regions r ON r.title = c.name",
        errors.JoinNotUnique,
        "shop.regions r",
    ),
]


@pytest.mark.parametrize(("sql", "kind", "marked"), REFUSED)
def test_refused_at_its_place(sql: str, kind: type[MeshError], marked: str | None) -> None:
    with pytest.raises(kind) as raised:
        fields(sql)
    where = raised.value.where
    assert where is not None
    assert where.file == "m.sql"
    if marked:
        start = where.column - 1
        assert where.text[start : start + where.length] == marked


UNREACHABLE = [
    (
        "SELECT o.tenant, o.number, (SELECT count(*) FROM shop.parts p) AS n FROM shop.orders o",
        errors.TableNotReachable,
    ),
    (
        "SELECT o.tenant, o.number, (SELECT count(*) FROM shop.parts p WHERE p.n > o.number) AS n"
        " FROM shop.orders o",
        errors.TableNotReachable,
    ),
    (
        "SELECT p.sku, (SELECT count(*) FROM shop.lines l WHERE l.price = p.weight) AS n"
        " FROM shop.products p",
        errors.EdgeNotComparable,
    ),
]


@pytest.mark.parametrize(("sql", "kind"), UNREACHABLE)
def test_a_table_that_cannot_be_followed_is_refused(sql: str, kind: type[MeshError]) -> None:
    with pytest.raises(kind) as raised:
        compiled(sql, "tenant number" if "tenant" in sql else "sku")
    assert raised.value.where is not None
    assert raised.value.where.column > 1


def test_every_refusal_says_what_to_do() -> None:
    for sql, kind, _ in REFUSED:
        with pytest.raises(kind) as raised:
            fields(sql)
        assert raised.value.fix or raised.value.why, sql


def test_a_mistyped_name_is_corrected() -> None:
    with pytest.raises(errors.UnknownTable) as raised:
        fields("SELECT o.number FROM shop.ordrs o")
    assert (raised.value.fix or "").startswith("write shop.orders, or add it")


@pytest.mark.parametrize("written", ["help.orders", "public.orders"])
def test_the_only_source_is_named(written: str) -> None:
    model = ModelFile("m.sql", f"SELECT o.number FROM {written} o")
    with pytest.raises(errors.UnknownSource) as raised:
        fields_given(model, [SOURCE], known(TABLES))
    meant = written.removeprefix("help.")
    assert raised.value.fix == f"begin with the source: shop.{meant}"


GROUPS = "WITH t AS (SELECT tenant, number, count(*) AS n FROM shop.lines GROUP BY 1, 2)"
ONE = f"SELECT o.tenant, o.number {ORDERS}"
DERIVED = [
    (f"{GROUPS} SELECT t.tenant, t.n FROM t", errors.DerivedNotPossible, "t"),
    (f"{GROUPS} {ONE} LEFT JOIN t ON t.tenant = o.tenant", errors.DerivedNotPossible, "t"),
    (f"{ONE}, (SELECT count(*) AS n FROM shop.lines) t", errors.DerivedNotPossible, None),
    (
        f"{ONE} LEFT JOIN (SELECT lower(product) AS p FROM shop.lines GROUP BY ALL) t"
        " ON t.p = o.note",
        errors.DerivedNotPossible,
        "lower(product)",
    ),
    (
        f"{ONE} LEFT JOIN (SELECT k.id FROM shop.customers k LEFT JOIN shop.cities c ON"
        " c.id = k.city_id WHERE c.name = 'a') x ON x.id = o.customer_id",
        errors.DerivedNotPossible,
        None,
    ),
    (
        f"WITH c AS (SELECT id FROM shop.customers LIMIT 3) {ONE} JOIN c ON c.id = o.customer_id",
        errors.UnsupportedClause,
        "3",
    ),
    (f"WITH r AS (SELECT 1), r AS (SELECT 2) {ONE}", errors.AliasTwice, "r"),
    (
        "WITH RECURSIVE r AS (SELECT id FROM shop.customers UNION ALL SELECT id FROM r)"
        f" {ONE} JOIN r ON r.id = o.customer_id",
        errors.UnsupportedClause,
        "r",
    ),
    (
        f"WITH c AS (SELECT id, nam FROM shop.customers) {ONE} JOIN c ON c.id = o.customer_id",
        errors.UnknownColumn,
        "nam",
    ),
    (
        f"WITH c AS (SELECT id, name + 1 AS x FROM shop.customers) SELECT c.x {ORDERS}"
        " JOIN c ON c.id = o.customer_id",
        errors.WrongTypes,
        "name + 1",
    ),
    (
        f"WITH c AS (SELECT id, name AS x FROM shop.customers) SELECT c.x / 2 AS y {ORDERS}"
        " JOIN c ON c.id = o.customer_id",
        errors.WrongTypes,
        "c.x / 2",
    ),
    (
        f"WITH c AS (SELECT id FROM shop.customers WHERE id = o.number) {ONE}"
        " JOIN c ON c.id = o.customer_id",
        errors.UnknownAlias,
        "o.number",
    ),
    (
        "SELECT c.id FROM shop.cities c JOIN (SELECT id FROM shop.cities UNION ALL SELECT id FROM"
        " shop.customers) u ON u.id = c.id",
        errors.DerivedNotPossible,
        None,
    ),
    (
        f"SELECT (SELECT count(*) FROM (SELECT id FROM shop.cities UNION SELECT id FROM"
        f" shop.customers) u WHERE u.id = o.number) AS n {ORDERS}",
        errors.UnsupportedClause,
        None,
    ),
    (
        f"SELECT (SELECT count(*) FROM (SELECT id FROM shop.cities UNION ALL SELECT name FROM"
        f" shop.customers) u WHERE u.id = o.number) AS n {ORDERS}",
        errors.DerivedNotPossible,
        "name FROM",
    ),
]


@pytest.mark.parametrize(("sql", "kind", "marked"), DERIVED)
def test_what_stands_in_from_is_refused_at_its_place(
    sql: str, kind: type[MeshError], marked: str | None
) -> None:
    with pytest.raises(kind) as raised:
        fields(sql)
    where = raised.value.where
    assert where is not None
    assert raised.value.fix or raised.value.why
    if marked:
        assert where.text[where.column - 1 :].startswith(marked)


def test_what_stands_for_endlessly_many_tables_is_refused() -> None:
    names = [
        f"w{at} AS (SELECT a.id FROM w{at - 1} a JOIN w{at - 1} b USING (id))"
        for at in range(1, 30)
    ]
    named = ", ".join(["w0 AS (SELECT id FROM shop.customers)", *names])
    with pytest.raises(errors.ModelTooLarge):
        fields(f"WITH {named} {ONE} JOIN w29 ON w29.id = o.customer_id")


def test_lateral_is_named() -> None:
    lateral = "CROSS JOIN LATERAL (SELECT l.qty FROM shop.lines l WHERE l.number = o.number) x"
    with pytest.raises(errors.NotATable, match="LATERAL"):
        fields(f"SELECT o.number {ORDERS} {lateral}")


MONEY = (table("t", "k", "k integer; e numeric?; d real?; tags text[]?; j jsonb?; w json?"),)
FIXES = [
    ("t.e * 2", "CAST(t.e AS decimal(18,3))"),
    ("-t.e", "CAST(t.e AS decimal(18,3))"),
    ("t.e > 5", "CAST(t.e AS decimal(18,3))"),
    ("t.e = t.d", "CAST(t.e AS decimal(18,3)) and CAST(t.d AS decimal(18,3))"),
    ("coalesce(t.e, 0)", "CAST(t.e AS decimal(18,3))"),
    ("nullif(t.e, 0)", "CAST(t.e AS decimal(18,3))"),
    ("CASE WHEN t.k = 1 THEN t.e ELSE 0 END", "CAST(t.e AS decimal(18,3))"),
    ("(SELECT sum(x.e) FROM shop.t x WHERE x.k = t.k)", "CAST(x.e AS decimal(18,3))"),
    ("(SELECT sum(DISTINCT x.e) FROM shop.t x WHERE x.k = t.k)", "CAST(x.e AS decimal(18,3))"),
    ("CAST(t.e AS bigint)", "CAST(CAST(t.e AS decimal(18,3)) AS bigint)"),
    ("CAST(t.e AS smallint)", "CAST(CAST(t.e AS decimal(6,3)) AS smallint)"),
    ("t.e::text", "CAST(CAST(t.e AS decimal(18,3)) AS text)"),
    ("array_length(t.tags, 1)", "write cardinality(a)"),
    ("len(t.j)", "of a JSON value"),
    ("t.w -> 'a'", "make it jsonb"),
    ("1 = ANY(t.tags)", "a value of the kind that it holds"),
    ("array_contains((SELECT list(x.k ORDER BY x.k) FROM shop.t x WHERE x.k = t.k), 1)", "IN (SEL"),
    ("to_json(t.tags)", "write t.tags alone"),
    ("(SELECT list(x.k ORDER BY x.k LIMIT 2) FROM shop.t x WHERE x.k = t.k)", "[1:n]"),
    ("(SELECT x.k, x.e FROM shop.t x ORDER BY x.k LIMIT 1)", "(SELECT {a: …, b: …} FROM"),
]


@pytest.mark.parametrize(("sql", "fix"), FIXES)
def test_the_fix_is_what_to_write(sql: str, fix: str) -> None:
    with pytest.raises(MeshError) as raised:
        fields(f"SELECT {sql} AS x FROM shop.t t", MONEY)
    assert fix in (raised.value.fix or "")


def test_a_function_is_named_as_it_was_written() -> None:
    with pytest.raises(errors.NoMeaning, match="array_length"):
        fields("SELECT array_length(t.tags, 1) AS x FROM shop.t t", MONEY)


def test_too_many_fields() -> None:
    many = ", ".join(f"o.number AS f{at}" for at in range(401))
    with pytest.raises(errors.TooManyFields):
        fields(f"SELECT {many} {ORDERS}")
