from collections.abc import Callable
from pathlib import Path

import pytest

from streammesh.documents.names import Names
from streammesh.documents.values import StreamOptions, TableName
from streammesh.documents.workspace import document_files, find_root, load
from streammesh.errors import MeshError
from streammesh.errors import documents as errors
from streammesh.errors.rendering import render
from tests.unit.documents.conftest import EXAMPLE, Broken, errors_of

SALES = "domains/sales"
DOMAIN = f"{SALES}/domain.yaml"
SOURCE = f"{SALES}/sources/shop.source.yaml"
ORDERS = f"{SALES}/products/orders"
CONTRACT = f"{ORDERS}/orders.v1.odcs.yaml"
UNQUOTED = (errors.UnknownField, "47:80", "put the value before it in quotes")
PRODUCT = f"{ORDERS}/dataproduct.odps.yaml"


def test_the_example_loads() -> None:
    workspace = load(EXAMPLE)
    assert workspace.mesh == "shop"
    assert set(workspace.environments) == {"local"}
    domain = workspace.domains["sales"]
    assert domain.owner["email"] == "sales-data@example.com"
    assert [port.label for port in workspace.ports] == ["sales.customers", "sales.orders"]
    assert {port.topic(Names("stage")) for port in workspace.ports} == {
        "stage-sales.customers.v1",
        "stage-sales.orders.v1",
    }


def test_a_source_is_read() -> None:
    (source,) = load(EXAMPLE).domains["sales"].sources
    assert source.tables[0] == TableName("public", "cities")
    assert source.exclude == ("public.customers.password_hash",)
    assert source.retention_ms == 7 * 86_400_000
    assert source.url.text == "${SHOP_DATABASE_URL}"
    assert str(source.places["tables[0]"]).endswith("shop.source.yaml:6:5")


def test_a_port_is_read() -> None:
    port = load(EXAMPLE).ports[1]
    assert (port.version, port.major, port.status) == ("1.0.0", 1, "active")
    assert port.model.path == f"{ORDERS}/orders.v1.sql"
    assert port.contract.stream == StreamOptions(trigger=port.contract.stream.trigger)
    assert port.contract.stream.trigger.startswith("any change")


def test_the_nearest_folder_with_a_mesh_is_the_workspace(root: Path) -> None:
    assert find_root(root / ORDERS) == root
    assert find_root(root) == root


def test_no_workspace(tmp_path: Path) -> None:
    with pytest.raises(errors.NoWorkspace) as caught:
        find_root(tmp_path)
    assert caught.value.fix


def test_files_are_counted(root: Path) -> None:
    assert len(document_files(root)) == 9
    for folder in (root / "policies", root / SALES / "policies"):
        folder.mkdir()
        (folder / "a.policy.yaml").write_text("kind: Policy\n")
    assert len(document_files(root)) == 11


@pytest.mark.parametrize(
    ("file", "old", "new", "error", "place", "fix"),
    [
        (DOMAIN, "owner:", "ownr:", errors.UnknownField, "4:1", "write `owner`"),
        (DOMAIN, "name: sales", "name: sale", errors.NameDiffers, "3:7", "`sales`"),
        (DOMAIN, "name: sales", "name: Sales", errors.BadName, "3:7", "write `sales`"),
        (DOMAIN, "email:", "mail:", errors.UnknownField, "4:32", "write `email`"),
        (DOMAIN, "hours: 24x7", "hours: [1]", errors.WrongShape, "5:19", "a text"),
        (DOMAIN, "kind: Domain", "kind: Domian", errors.WrongShape, "2:7", "write `Domain`"),
        (SOURCE, "retention: 7d", "retention: 7y", errors.BadDuration, "13:12", "7d"),
        (SOURCE, "tables:", "table:", errors.UnknownField, "5:1", "write `tables`"),
        (SOURCE, "postgres", "oracle", errors.WrongShape, "4:19", "`postgres`"),
        (SOURCE, "public.cities", "a.b.c", errors.BadTable, "6:5", "schema.table"),
        (SOURCE, "public.customers.p", "public.x.p", errors.BadTable, "12:5", "`tables`"),
        (SOURCE, "public.customers.p", "public.customer.p", errors.BadTable, "12:5", "customers.…"),
        (SOURCE, "public.customers.p", "public.tags.p", errors.BadTable, "12:5", "take it away"),
        (SOURCE, "${SHOP_DATABASE_URL}", "${shop}", errors.BadSecret, "4:34", "${NAME}"),
        (SOURCE, "${SHOP_DATABASE_URL}", "pg://a:b@c", errors.PasswordInFile, "4:34", "${NAME}"),
        (SOURCE, "retention:", "outbox: {table: a}\nretention:", errors.NotYetRead, "13:1", "out"),
        (CONTRACT, "version: 1.0.0", "version: 2.0.0", errors.VersionDiffers, "4:10", "1.0.0"),
        (CONTRACT, "version: 1.0.0", "version: v1", errors.BadVersion, "4:10", "1.0.0"),
        (CONTRACT, "sales.orders.v1", "sales.orders.v2", errors.VersionDiffers, "3:5", ".v1"),
        (CONTRACT, "status: active", "status: actve", errors.WrongShape, "5:9", "active"),
        (
            CONTRACT,
            "Name: sales.orders.v1",
            "Name: x",
            errors.NotYetRead,
            "8:19",
            "sales.orders.v1",
        ),
        (
            CONTRACT,
            "logicalType: string",
            "logicalType: strng",
            errors.WrongShape,
            "26:22",
            "string",
        ),
        (
            CONTRACT,
            "logicalType: string",
            "logicalType: datetime",
            errors.WrongShape,
            "26:22",
            "write `timestamp`",
        ),
        (CONTRACT, "physicalType: integer, re", "physicalType: numeric(20,3), re", *UNQUOTED),
        (CONTRACT, "primaryKey:", "primaryKy:", errors.UnknownField, "15:9", "`primaryKey`"),
        (CONTRACT, "partitions: 4", "partitons: 4", errors.UnknownField, "61:7", "`partitions`"),
        (
            CONTRACT,
            "partitions: 4",
            "partitions: many",
            errors.WrongShape,
            "61:19",
            "a whole number",
        ),
        (CONTRACT, "- name: order_id", "- nam: order_id", errors.MissingField, "12:9", "`name`"),
        (CONTRACT, "  logicalType: object", "\tx: y", errors.BadSyntax, "9:3", "spaces"),
        (PRODUCT, "name: orders", "name: order", errors.NameDiffers, "4:7", "`orders`"),
        (PRODUCT, "version: 1.0.0", "version: 1.0.1", errors.PortDiffers, "14:14", "1.0.0"),
        (PRODUCT, "contractId:", "description2:", errors.UnknownField, "15:5", "`description`"),
        (PRODUCT, "- name: orders", "- name: other", errors.PortNotDeclared, None, PRODUCT),
        ("mesh.toml", 'name = "shop"', 'nme = "shop"', errors.UnknownField, "2:1", "write `name`"),
        ("mesh.toml", '"local"', '"locl"', errors.WrongShape, "5:1", "`local`"),
        ("mesh.toml", '"local"', "local", errors.BadSyntax, "5:9", None),
    ],
)
def test_an_error_has_its_place_and_its_fix(
    broken: Broken,
    file: str,
    old: str,
    new: str,
    error: type[MeshError],
    place: str | None,
    fix: str | None,
) -> None:
    found = [one for one in broken(file, old, new) if isinstance(one, error)]
    assert found, "not this error"
    one = found[0]
    assert str(one.where) == (f"{file}:{place}" if place else CONTRACT)
    assert (fix or "") in (one.fix or "")
    assert "Traceback" not in render(one)


def test_a_password_in_a_file_is_not_repeated(broken: Broken) -> None:
    found = broken(SOURCE, "${SHOP_DATABASE_URL}", "pg://user:hunter2@host/db")
    assert "hunter2" not in "".join(render(one) for one in found)


def test_one_mistake_is_one_error(broken: Broken) -> None:
    assert len(broken(CONTRACT, "logicalType: string", "logicalType: strng")) == 1


def test_all_errors_of_all_files_come_at_once(root: Path, broken: Broken) -> None:
    broken(DOMAIN, "owner:", "ownr:")
    broken(SOURCE, "7d", "7y")
    (root / ORDERS / "orders.v1.sql").unlink()
    found = broken("mesh.toml", "stack", "stak")
    places = [str(one.where).split(":")[0] for one in found if one.where]
    assert set(places) == {DOMAIN, SOURCE, CONTRACT, "mesh.toml"}
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("remove", "missing", "at"),
    [
        (f"{ORDERS}/orders.v1.sql", "orders.v1.sql", CONTRACT),
        (PRODUCT, "dataproduct.odps.yaml", ORDERS),
        (DOMAIN, "domain.yaml", SALES),
    ],
)
def test_a_file_that_is_missing(root: Path, remove: str, missing: str, at: str) -> None:
    (root / remove).unlink()
    found = [one for one in errors_of(root) if isinstance(one, errors.MissingFile)]
    assert [(one.fields["missing"], str(one.where)) for one in found] == [(missing, at)]


def test_a_model_without_a_contract(root: Path) -> None:
    (root / CONTRACT).unlink()
    found = {(type(one), str(one.where)) for one in errors_of(root)}
    assert (errors.MissingFile, f"{ORDERS}/orders.v1.sql") in found


@pytest.mark.parametrize("name", ["engine", "connect", "admin", "reader", "mesh"])
def test_reserved_names_are_refused(root: Path, name: str) -> None:
    (root / SALES).rename(root / "domains" / name)
    assert any(isinstance(one, errors.ReservedName | errors.NameDiffers) for one in errors_of(root))
    path = root / "domains" / name / "domain.yaml"
    path.write_text(path.read_text().replace("name: sales", f"name: {name}"))
    assert any(isinstance(one, errors.ReservedName) for one in errors_of(root))


@pytest.mark.parametrize(
    "spoil",
    [
        lambda path: path.write_bytes(b"\xff\xfe"),
        lambda path: path.write_bytes(b"a: " + b"x" * 1_000_001),
        lambda path: path.write_text("["),
        lambda path: path.write_text("[1, 2]"),
        lambda path: path.write_text(""),
        lambda path: path.write_text("text"),
        lambda path: path.unlink() or path.mkdir(),
    ],
)
@pytest.mark.parametrize("file", [DOMAIN, SOURCE, CONTRACT, PRODUCT, "mesh.toml"])
def test_a_file_that_is_none_of_it(root: Path, file: str, spoil: Callable[[Path], object]) -> None:
    spoil(root / file)
    assert all(one.where for one in errors_of(root))
