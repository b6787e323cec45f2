"""Where a catalog is, and what is no place for one."""

from __future__ import annotations

import pytest

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.opening import catalog_address, open_engine
from streammesh.documents.files import read_text
from streammesh.documents.mesh_file import read_mesh
from streammesh.errors.catalog import CatalogAddressWrong, CatalogUnreachable
from streammesh.errors.documents import MissingSecret

MESH = """[mesh]
name = "shop"
[environments.production]
kafka = { bootstrap_servers = "k:9092" }
catalog = { url = "postgresql+psycopg://mesh:${CATALOG_PASSWORD}@db/catalog" }
"""


@pytest.fixture
def environments(tmp_path):
    (tmp_path / "mesh.toml").write_text(MESH)
    return read_mesh(read_text(tmp_path, tmp_path / "mesh.toml")).environments


def test_without_an_address_it_is_a_file_of_the_workspace(environments, tmp_path):
    address = catalog_address(tmp_path, environments["local"], {})
    assert address == f"sqlite:///{tmp_path}/.mesh/catalog/local.db"
    Catalog.open(address).close()
    assert (tmp_path / ".mesh/catalog/local.db").is_file()


@pytest.mark.parametrize("address", ["postgresql://mesh:pw1", "postgresql://[::1/pw1"])
def test_an_address_without_a_port_is_refused_and_nothing_of_it_is_shown(address):
    with pytest.raises(CatalogAddressWrong) as found:
        open_engine(address)
    assert "pw1" not in str(found.value)
    assert found.value.__cause__ is None


@pytest.mark.parametrize("said", ["me:p@zwo@db/x", "me:p@zwo/s@db:5432/x"])
def test_a_password_with_an_at_sign_is_refused_and_not_shown(said):
    with pytest.raises(CatalogAddressWrong) as found:
        open_engine(f"postgresql://{said}")
    assert "`@` is written %40" in found.value.fix
    assert "zwo" not in str(found.value)


def test_who_logs_in_is_never_shown():
    address = "postgresql://me:secret@127.0.0.1:1/x?password=secret&connect_timeout=2"
    catalog = Catalog.at(address)
    with pytest.raises(CatalogUnreachable) as found:
        catalog.standing()
    assert "at postgresql+psycopg://127.0.0.1:1/x can't" in str(found.value)
    assert "secret" not in f"{found.value}{found.value.why}"


def test_a_folder_that_cant_be_made_is_no_bug(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CatalogUnreachable, match="can't be used") as found:
        open_engine(f"sqlite:///{tmp_path}/file/catalog.db")
    assert "file can't be made: File exists" in found.value.why


def test_an_address_of_mesh_toml_has_its_secrets_filled_in(environments, tmp_path):
    production = environments["production"]
    address = catalog_address(tmp_path, production, {"CATALOG_PASSWORD": "s3"})
    assert address == "postgresql+psycopg://mesh:s3@db/catalog"
    with pytest.raises(MissingSecret, match="CATALOG_PASSWORD"):
        catalog_address(tmp_path, production, {})


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgres"])
def test_postgresql_is_reached_by_one_driver(scheme):
    assert open_engine(f"{scheme}://u:p@h/d").url.drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    "address", ["mysql://root:s3cret@h/d", "sqlite://", "sqlite:///:memory:", "s3cret", ""]
)
def test_what_is_no_place_for_it_is_refused_without_showing_a_password(address):
    with pytest.raises(CatalogAddressWrong) as refused:
        open_engine(address)
    assert "s3cret" not in str(refused.value)


def test_a_file_of_something_else_is_refused_and_left_alone(tmp_path):
    file = tmp_path / "catalog.db"
    file.write_text("no database at all\n" * 100)
    with pytest.raises(CatalogUnreachable) as refused:
        Catalog.open(f"sqlite:///{file}")
    assert "not a database" in (refused.value.why or "")
    assert file.read_text().startswith("no database")


def test_a_server_that_is_not_there_is_named_without_its_password():
    with pytest.raises(CatalogUnreachable) as refused:
        Catalog.open("postgresql+psycopg://mesh:s3cret@127.0.0.1:1/catalog")
    assert "127.0.0.1:1/catalog" in refused.value.what
    assert "s3cret" not in refused.value.what + (refused.value.why or "")
