"""Which questions a model's paths give, in which SQL they are asked, and what statistics answer."""

from dataclasses import replace

from streammesh.contracts.types import Record
from streammesh.documents.values import TableName
from streammesh.models.compiled import CompiledModel, Hop, KeyColumn, Lineage, Path
from streammesh.planning.observing.measuring import warnings
from streammesh.planning.showing.sizes import rows_of
from streammesh.planning.sizes.estimates import ColumnStatistics, estimate
from streammesh.planning.sizes.queries import counting, read_tables
from streammesh.planning.sizes.questions import questions
from streammesh.planning.sizes.values import Document, Largest, Sizes
from tests.unit.planning.conftest import table


def name(text):
    return TableName("public", text)


TABLES = {
    one.name: one
    for one in (
        table("orders", ["id bigint", "customer_id integer"], 1_000_000),
        table("lines", ["id bigint", "order_id bigint", "product_id integer"], 10_000_000),
        table("parts", ["id bigint", "line_id bigint"], 20_000_000),
        table("products", ["id integer"], 500),
        table("customers", ["id integer", "city_id integer"], 50_000),
        table("cities", ["id integer"], 100),
    )
}
TO_ORDER = Hop(name("orders"), ("order_id",), ("id",))
TO_LINE = Hop(name("lines"), ("line_id",), ("id",))
OF_PRODUCT = Hop(name("lines"), ("id",), ("product_id",))
OF_CUSTOMER = Hop(name("orders"), ("id",), ("customer_id",))
OF_CITY = Hop(name("customers"), ("id",), ("city_id",))


def model(*paths, lineage=()):
    return CompiledModel(
        domain="sales",
        source="shop",
        root=name("orders"),
        key=(KeyColumn("order_id", "id"),),
        columns=(),
        paths=(Path(name("orders"), ()), *paths),
        evaluate="",
        preview="",
        fields=Record(()),
        lineage=lineage,
    )


LINES = Path(name("lines"), (TO_ORDER,))
PARTS = Path(name("parts"), (TO_LINE, TO_ORDER))
PRODUCTS = Path(name("products"), (OF_PRODUCT, TO_ORDER))
CUSTOMERS = Path(name("customers"), (OF_CUSTOMER,))
CITIES = Path(name("cities"), (OF_CITY, OF_CUSTOMER))


def only(path):
    [one] = questions(model(path), TABLES)
    return one


def test_children_are_lists_and_references_fan_out():
    found = questions(model(LINES, PARTS, PRODUCTS, CUSTOMERS, CITIES), TABLES)
    assert [(one.kind, one.path.table.name) for one in found] == [
        ("list", "lines"),
        ("list", "parts"),
        ("fan-out", "products"),
        ("fan-out", "customers"),
        ("fan-out", "cities"),
    ]


def test_one_to_one_is_no_question():
    details = replace(TABLES[name("lines")], unique=(("order_id",),))
    assert questions(model(LINES), {**TABLES, details.name: details}) == ()


def test_a_table_that_many_refer_to_and_that_refers_to_many_is_asked_both():
    """Tags of a kind that several orders share: a list of each order, and each in many orders."""
    path = Path(name("lines"), (Hop(name("orders"), ("product_id",), ("customer_id",)),))
    kinds = [one.kind for one in questions(model(path), TABLES)]
    assert kinds == ["list", "fan-out"]


def test_a_list_is_named_by_the_field_that_shows_it():
    lineage = (
        Lineage("lines[].id", ((name("lines"), "id"),)),
        Lineage("lines[].parts[].id", ((name("parts"), "id"),)),
    )
    found = questions(model(LINES, PARTS, lineage=lineage), TABLES)
    assert [one.field for one in found] == ["lines", "lines[].parts"]


def test_the_shortest_query_leaves_out_tables_whose_keys_stand_elsewhere():
    assert counting(only(LINES)) == (
        'SELECT ARRAY[t0."order_id"::text] AS key, count(*) AS count\n'
        '  FROM "public"."lines" AS t0\n'
        ' WHERE t0."order_id" IS NOT NULL\n'
        ' GROUP BY t0."order_id" ORDER BY 2 DESC, 1 LIMIT 1'
    )
    assert read_tables(only(CUSTOMERS)) == (name("orders"),)
    assert read_tables(only(CITIES)) == (name("customers"), name("orders"))
    assert read_tables(only(PARTS)) == (name("parts"), name("lines"))


def test_a_document_that_is_reached_twice_counts_once():
    query = counting(only(PRODUCTS))
    assert 'count(DISTINCT (t1."order_id"))' in query
    assert 'GROUP BY t1."product_id"' in query


def test_names_are_quoted():
    odd = table("lines", ["id bigint", 'or"der bigint'])
    path = Path(odd.name, (Hop(name("orders"), ('or"der',), ("id",)),))
    [question] = questions(model(path), {**TABLES, odd.name: odd})
    assert 't0."or""der"' in counting(question)


STATISTICS = {
    (name("lines"), "order_id"): ColumnStatistics(-0.1, "4711", 0.01),
    (name("parts"), "line_id"): ColumnStatistics(-0.5, None, 0),
    (name("orders"), "customer_id"): ColumnStatistics(40_000, "8", 0.0001),
    (name("customers"), "city_id"): ColumnStatistics(100, "17", 0.3),
}


def test_the_most_common_value_says_the_longest_list_and_its_key():
    found = estimate(only(LINES), TABLES, STATISTICS)
    assert found == Largest("list", name("lines"), "", 100_000, ("4711",))


def test_a_longer_path_takes_the_most_of_one_step_and_the_usual_of_the_others():
    found = estimate(only(CITIES), TABLES, STATISTICS)
    assert (found.count, found.key) == (375_000, ("17",))  # 15,000 customers of 25 orders each
    nested = estimate(only(PARTS), TABLES, STATISTICS)
    assert (nested.count, nested.key) == (200_000, ())  # 2 parts in each of 100,000 lines


def test_without_statistics_nothing_is_known():
    assert estimate(only(PRODUCTS), TABLES, STATISTICS) is None
    unknown = {**TABLES, name("lines"): replace(TABLES[name("lines")], estimated_rows=-1)}
    assert estimate(only(LINES), unknown, STATISTICS) is None


def test_of_several_ways_from_a_table_the_largest_is_told():
    few, many = (Largest("fan-out", name("cities"), "", count) for count in (3, 48_210))
    assert Sizes((few, many)).of("fan-out") == (many,)


def test_a_document_over_its_limit_is_a_warning(mesh):
    mesh.platform.databases.answers["orders"] = Sizes(
        (Largest("list", name("lines"), "lines", 5, ("1",), exact=True),),
        Document(("1",), 900_001),
    )
    assert any("900,001 bytes" in one.text for one in mesh.plan().notes if one.warns)
    assert list(warnings(())) == []


def test_only_new_and_changed_models_are_asked(mesh):
    databases = mesh.platform.databases
    mesh.apply()
    assert "sizes ['public.customers', 'public.orders']" in databases.calls
    databases.calls.clear()
    mesh.plan()
    assert databases.calls == []
    mesh.edit("orders.v1.sql", "amount: l.qty * l.price", "amount: l.qty * l.price * 2")
    mesh.plan()
    assert databases.calls == ["sizes ['public.orders']"]
    databases.calls.clear()
    mesh.plan(all_sizes=True)
    assert databases.calls == ["sizes ['public.customers', 'public.orders']"]


def test_sizes_change_no_digest_and_no_step(mesh):
    before = mesh.plan()
    mesh.platform.databases.answers["orders"] = Sizes((Largest("list", name("lines"), "", 9),))
    after = mesh.plan()
    assert after.sizes
    assert (after.steps, after.basis) == (before.steps, before.basis)


def test_one_reason_for_all_unknown_sizes_is_told_once():
    unknown = [
        Largest("list", name(of), "lines", reason="permission denied")
        for of in ("lines", "parts", "products")
    ]
    [row] = rows_of(Sizes((*unknown,)))
    assert row.words == (
        "rows of public.lines, public.parts, public.products: could not be found out"
        " (permission denied)"
    )
