"""Differences between versions that are large, odd, or none."""

import shutil
from pathlib import Path

import pytest

from streammesh.contracts.changes.change import Change, contains
from streammesh.contracts.changes.kinds import Kind, Meaning
from streammesh.documents.values import Port
from streammesh.documents.workspace import load
from streammesh.models.changes import Version, changes
from tests.unit.models.versions import FIELDS, KEY, SQL, version

SHOP = Path(__file__).parents[3] / "examples" / "shop"


def found(old: str, new: str) -> list[tuple[Kind, str]]:
    return [(one.kind, one.path) for one in changes(version(old), version(new))]


def one(old: str, new: str) -> Change:
    [change] = changes(version(old), version(new))
    return change


def test_the_order_of_fields_in_the_file_says_nothing():
    shuffled = "\n".join(reversed(FIELDS.splitlines()))
    assert changes(version(FIELDS), version(shuffled)) == ()


def test_a_model_written_otherwise_is_the_same():
    other = """\
    -- the same
    SELECT "t".id, t.STATUS, {'name': u.name, 'city': v.name} AS customer,
           (SELECT list({product: w.product, amount: w.qty * w.price} ORDER BY w.id)
              FROM SHOP.order_lines AS w WHERE t.id = w.order_id) AS lines
    FROM shop.orders t
         LEFT JOIN shop.regions r ON r.id = u.region
         JOIN shop.customers u ON t.customer_id = u.id
         LEFT JOIN shop.cities v ON v.id = u.city_id
    WHERE (t.total > 0 AND t.placed)"""
    assert changes(version(), version(sql=other)) == ()


def test_a_table_that_is_joined_twice_is_two():
    sql = """SELECT a.id, x.name AS status FROM shop.orders a
             LEFT JOIN shop.cities x ON x.id = a.one LEFT JOIN shop.cities y ON y.id = a.two"""
    [change] = changes(
        version("{ name: status, logicalType: string }", sql=sql),
        version("{ name: status, logicalType: string }", sql=sql.replace("x.name", "y.name")),
    )
    assert (change.kind, change.before, change.after) == (Kind.COMPUTATION, "x.name", "y.name")


def test_fields_in_deep_lists_and_maps():
    deep = (
        "{ name: a, logicalType: array, items: { logicalType: array, items: { logicalType: object,"
        " properties: [ { name: m, logicalType: map, map: { key: { logicalType: string }, value:"
        " { logicalType: object, properties: [ { name: x, logicalType: integer } ] } } } ] } } }"
    )
    change = one(
        deep, deep.replace("name: x, logicalType: integer", "name: x, logicalType: string")
    )
    assert (change.kind, change.path) == (Kind.TYPE_REPLACED, "a[][].m{}.x")
    assert change.where is not None
    assert change.where.text.find("string } ] } } } ]") > 0
    assert change.concerns(["a"])
    assert change.concerns(["a[][].m"])
    assert not change.concerns(["id", "a[][].m{}.y"])


def test_nullable_elements_are_a_change_of_the_elements():
    held = "{ name: a, logicalType: array, items: { logicalType: string, required: %s } }"
    assert found(held % "true", held % "false") == [(Kind.MADE_OPTIONAL, "a[]")]
    assert found(held % "false", held % "true") == [(Kind.MADE_REQUIRED, "a[]")]


def test_a_renamed_parent_is_told_once_and_what_changes_in_it_by_its_new_path():
    old = FIELDS
    new = (
        FIELDS.replace("name: lines", "name: rows")
        .replace("decimal(12,2)", "decimal(12,3)")
        .replace("{ name: product", "{ name: note, logicalType: boolean }, { name: product")
    )
    sql = SQL.replace("AS lines", "AS rows").replace("{product", "{note: l.x, product")
    described = old.replace("name: lines,", "name: lines, description: The lines.,")
    renamed = new.replace("name: rows,", "name: rows, description: The lines.,")
    by_path = {one.path: one for one in changes(version(described), version(renamed, sql=sql))}
    assert {path: one.kind for path, one in by_path.items()} == {
        "rows": Kind.FIELD_RENAMED,
        "rows[].note": Kind.FIELD_ADDED_OPTIONAL,
        "rows[].amount": Kind.DECIMAL_SCALE,
    }
    assert by_path["rows[].amount"].fields == ("lines[].amount",)
    assert by_path["rows"].concerns(["lines[].product"])


def test_several_renames_at_once_are_told_apart_by_what_describes_them():
    old = "\n".join(
        f"{{ name: old{n}, logicalType: string, description: The {n}. }}" for n in "abc"
    )
    new = "\n".join(
        f"{{ name: new{n}, logicalType: string, description: The {n}. }}" for n in "cab"
    )
    pairs = {(one.before, one.after) for one in changes(version(old), version(new))}
    assert pairs == {("olda", "newa"), ("oldb", "newb"), ("oldc", "newc")}


def test_several_renames_without_anything_that_tells_them_apart_are_no_renames():
    old = "{ name: a, logicalType: string }\n{ name: b, logicalType: string }"
    new = "{ name: c, logicalType: string }\n{ name: d, logicalType: string }"
    assert sorted(kind.name for kind, _ in found(old, new)) == [
        *("FIELD_ADDED_OPTIONAL", "FIELD_ADDED_OPTIONAL"),
        *("FIELD_REMOVED_OPTIONAL", "FIELD_REMOVED_OPTIONAL"),
    ]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("id: f1", "id: f1"),
        ("required: false", "synonyms: [ { synonym: a } ]"),
        ("businessName: Cost", "businessName: cost"),
        ("description: One.", "description: one"),
        ("required: false", "required: false"),
    ],
)
def test_each_evidence_of_a_rename(old, new):
    before = f"{{ name: a, logicalType: string, {old} }}"
    after = f"{{ name: b, logicalType: string, {new} }}"
    kinds = [kind for kind, _ in found(before, after)]
    assert kinds[0] is Kind.FIELD_RENAMED
    assert not {Kind.FIELD_ADDED_OPTIONAL, Kind.FIELD_REMOVED_OPTIONAL} & set(kinds)


def test_two_names_exchanged_are_no_rename():
    old = "{ name: a, logicalType: string }\n{ name: b, logicalType: integer }"
    new = "{ name: a, logicalType: integer }\n{ name: b, logicalType: string }"
    assert found(old, new) == [(Kind.TYPE_REPLACED, "a"), (Kind.TYPE_REPLACED, "b")]


def test_two_names_exchanged_are_two_renames_where_ids_say_so():
    old = "{ name: a, id: f1, logicalType: string }\n{ name: b, id: f2, logicalType: string }"
    new = "{ name: a, id: f2, logicalType: string }\n{ name: b, id: f1, logicalType: string }"
    said = {(one.kind, one.before, one.after) for one in changes(version(old), version(new))}
    assert said == {(Kind.FIELD_RENAMED, "b", "a"), (Kind.FIELD_RENAMED, "a", "b")}


def test_an_object_of_another_id_is_another_one_with_all_in_it():
    held = "{ name: o, id: %s, logicalType: object, properties: [ { name: x, logicalType: %s } ] }"
    assert found(held % ("f1", "date"), held % ("f2", "boolean")) == [
        (Kind.FIELD_ADDED_OPTIONAL, "o"),
        (Kind.FIELD_REMOVED_OPTIONAL, "o"),
    ]


def test_a_renamed_key_is_another_key():
    key = KEY.replace("name: id", "name: number")
    found = {one.kind: one for one in changes(version(), version(key=key))}
    assert found.keys() == {Kind.FIELD_RENAMED, Kind.KEY}
    assert not found[Kind.FIELD_RENAMED].concerns(["status"])
    assert found[Kind.KEY].concerns(["status"])


def test_a_format_that_is_a_type_is_told_as_the_type():
    field = "{ name: a, logicalType: number, logicalTypeOptions: { format: %s } }"
    assert found(field % "f32", field % "f64") == [(Kind.TYPE_WIDENED, "a")]
    text = "{ name: a, logicalType: string, logicalTypeOptions: { format: %s } }"
    assert found(text % "email", text % "uri") == [(Kind.FORMAT_LOOSENED, "a")]


def test_a_rule_from_both_sides_is_two():
    rows = (
        "quality: [ { type: library, metric: rowCount, mustBeGreaterThan: %s }, "
        "{ type: library, metric: rowCount, mustBeLessThan: %s } ]"
    )
    old = version(schema=rows % (1, 9))
    assert [one.kind for one in changes(old, version(schema=rows % (2, 9)))] == [
        Kind.QUALITY_TIGHTENED
    ]
    assert [one.kind for one in changes(old, version(schema=rows % (1, 99)))] == [
        Kind.QUALITY_LOOSENED
    ]
    [gone] = changes(old, version(schema=rows.partition(", {")[0] % 1 + " ]"))
    assert gone.kind is Kind.QUALITY_LOOSENED


def test_fields_moved_out_of_an_object_leave_it_to_be_removed_by_itself():
    new = FIELDS.replace(
        FIELDS.splitlines()[1],
        "{ name: city, logicalType: string }\n{ name: customer_name, logicalType: string }",
    )
    sql = SQL.replace(
        "{name: c.name, city: ci.name} AS customer", "ci.name AS city, c.name AS customer_name"
    )
    by_path = {one.path: one for one in changes(version(), version(new, sql=sql))}
    assert {path: one.kind for path, one in by_path.items()} == {
        "city": Kind.FIELD_MOVED,
        "customer_name": Kind.FIELD_ADDED_OPTIONAL,
        "customer": Kind.FIELD_REMOVED_OPTIONAL,
    }
    assert by_path["customer"].fields == ("customer", "customer.name")
    assert not by_path["customer"].concerns(["customer.city"])


def test_a_field_moved_out_of_a_list_is_no_move():
    new = FIELDS.replace(
        ' }, { name: amount, logicalType: number, physicalType: "decimal(12,2)"', ""
    )
    new += '\n{ name: amount, logicalType: number, physicalType: "decimal(12,2)" }'
    kinds = {one.path: one.kind for one in changes(version(), version(new, sql=SQL))}
    assert kinds["amount"] is Kind.FIELD_ADDED_OPTIONAL
    assert kinds["lines[].amount"] is Kind.FIELD_REMOVED_OPTIONAL


def test_an_object_that_becomes_a_text_is_one_change_of_all_in_it():
    new = FIELDS.replace(FIELDS.splitlines()[1], "{ name: customer, logicalType: string }")
    sql = SQL.replace("{name: c.name, city: ci.name}", "c.name")
    kinds = {one.path: one for one in changes(version(), version(new, sql=sql))}
    assert kinds.keys() == {"customer"}
    replaced = changes(version(), version(new, sql=sql))[0]
    assert replaced.kind is Kind.TYPE_REPLACED
    assert replaced.concerns(["customer.name"])


def test_valid_values_become_an_avro_enum():
    valid = (
        "{ name: a, logicalType: string, quality: [ { type: library, metric: invalidValues,"
        " mustBe: 0, arguments: { validValues: [x, y] } } ]%s }"
    )
    stream = ", customProperties: [ { property: stream, value: { avro: enum } } ]"
    assert found(valid % "", valid % stream) == [(Kind.TYPE_REPLACED, "a")]


def test_the_standards_enum_is_the_same_as_valid_values():
    valid = (
        "{ name: a, logicalType: string, quality: [ { type: library, metric: invalidValues,"
        " mustBe: 0, arguments: { validValues: [x, y] } } ] }"
    )
    assert (
        found(valid, "{ name: a, logicalType: string, enum: [ { value: y }, { value: x } ] }") == []
    )
    change = one(
        valid,
        "{ name: a, logicalType: string, enum: [ { value: x }, { value: z } ] }".replace(
            "value: x }, ", "value: x }, { value: y }, "
        ),
    )
    assert (change.kind, change.after) == (Kind.ENUM_VALUE_ADDED, "z")


def test_who_says_nothing_of_fields_is_concerned_by_all_and_who_does_by_its_own():
    [change] = changes(version("{ name: a, logicalType: string }"), version(""))
    assert change.concerns([])
    assert change.concerns(["a", "id"])
    assert not change.concerns(["id"])
    [all_of_it] = changes(version(), version(stream="{ partitions: 7 }"))
    assert set(all_of_it.fields) >= {"id", "customer.name", "lines[].amount"}
    assert all_of_it.concerns(["id"])


@pytest.mark.parametrize(
    ("outer", "path", "is_in"),
    [
        ("a", "a", 1),
        ("a", "a.b", 1),
        ("a", "a[].b", 1),
        ("a", "a{}", 1),
        ("a", "ab", 0),
        ("a.b", "a", 0),
    ],
)
def test_what_stands_in_what(outer, path, is_in):
    assert contains(outer, path) == bool(is_in)


def test_a_critical_field_that_is_computed_otherwise_means_something_else():
    critical = FIELDS.replace(
        "logicalType: string }", "logicalType: string, criticalDataElement: true }", 1
    )
    [change] = changes(
        version(critical), version(critical, sql=SQL.replace("o.status", "o.state AS status"))
    )
    assert (change.kind, change.meaning) == (Kind.MEANING_CHANGED, Meaning.BREAKING)
    assert change.where is not None
    assert change.where.file == "orders.v1.sql"


def test_a_condition_has_its_place_in_the_model():
    [change] = changes(version(), version(sql=SQL.replace("o.total > 0", "o.total > 9")))
    assert change.where is not None
    assert (change.where.line, change.where.text[change.where.column - 1 :]) == (6, "o.total > 9")
    assert (change.before, change.after) == ("o.total > 0", "o.total > 9")


def test_a_workspace_read_twice(tmp_path: Path):
    old = port(SHOP)
    shutil.copytree(SHOP, tmp_path / "shop", ignore=shutil.ignore_patterns(".mesh"))
    folder = tmp_path / "shop/domains/sales/products/orders"
    edit(folder / "orders.v1.odcs.yaml", "name: name, l", "name: full_name, l")
    edit(folder / "orders.v1.odcs.yaml", "unit: EUR", "unit: cent")
    model = folder / "orders.v1.sql"
    assert "name: " in model.read_text()
    new = port(tmp_path / "shop")
    assert changes(old, old) == ()
    shown = {
        one.path: (one.kind, str(one.where))
        for one in changes(old, new)
        if one.kind is not Kind.COMPUTATION
    }
    file = "domains/sales/products/orders/orders.v1.odcs.yaml"
    assert shown == {
        "customer.full_name": (Kind.FIELD_RENAMED, f"{file}:37:21"),
        "lines[].amount": (Kind.UNIT_CHANGED, f"{file}:54:33"),
    }


def port(root: Path) -> Version:
    workspace = load(root)
    found: Port = next(one for one in workspace.ports if one.product == "orders")
    return Version(found.contract, found.model, workspace.domains["sales"].owner)


def edit(file: Path, before: str, after: str) -> None:
    text = file.read_text()
    assert before in text
    file.write_text(text.replace(before, after))
