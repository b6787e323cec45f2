"""A plan reads the catalog with no right to write to it, and says what form it can't read."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url

from streammesh.catalog import migrating
from streammesh.catalog.catalog import Catalog
from streammesh.catalog.opening import open_engine
from streammesh.cli import plan as plan_command
from streammesh.cli.main import run
from streammesh.errors.catalog import CatalogTooOld
from streammesh.errors.planning import BreakingChangeGated
from tests.conformance.catalogs import DATABASES, database
from tests.unit.planning.conftest import Mesh
from tests.unit.planning.consumers_on_twins import rename, subscribed

OWNER = "product/sales.orders.v1"


@pytest.fixture(params=DATABASES)
def address(request, tmp_path) -> Iterator[str]:
    with database(request, tmp_path) as address:
        yield address


@pytest.fixture
def shop(tmp_path: Path, address: str) -> Mesh:
    mesh = Mesh(tmp_path / "shop")
    mesh.platform = replace(mesh.platform, catalog=Catalog.at(address))
    return mesh


@contextmanager
def without_right_to_write(address: str) -> Iterator[str]:
    """Give the address of the same catalog for who may only read it."""
    url = make_url(address)
    if url.drivername == "sqlite":
        assert url.database is not None
        file = Path(url.database)
        before = file.read_bytes()
        file.chmod(0o444)
        yield address
        assert file.read_bytes() == before
        assert [one.name for one in file.parent.glob("catalog's*")] == [file.name]
        return
    role, password = f"reader_{uuid.uuid4().hex[:12]}", uuid.uuid4().hex
    admin = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(admin, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
        connection.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
        try:
            reading = url.set(username=role, password=password)
            yield reading.render_as_string(hide_password=False)
        finally:
            connection.execute(f"DROP OWNED BY {role}")
            connection.execute(f"DROP ROLE {role}")


def test_a_plan_needs_no_right_to_write(shop, address):
    shop.apply()
    subscribed(shop, revenue=("customer.name",))
    rename(shop)
    with without_right_to_write(address) as reading:
        catalog = Catalog.at(reading)
        shop.platform = replace(shop.platform, catalog=catalog)
        plan = shop.plan()
        catalog.close()
    assert [type(one) for one in plan.problems] == [BreakingChangeGated]
    (change,) = plan.changes[OWNER].changes
    assert [one.name for one in change.relied_on_by] == ["marketing/revenue"]


def test_a_catalog_without_tables_knows_nothing_and_gets_none(shop, address):
    assert shop.plan().changes == {}
    assert not shop.platform.catalog.readable()


def older(address: str) -> None:
    """Make the tables of the first streammesh that had any."""
    config = Config()
    folder = Path(migrating.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with open_engine(address).begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")


def test_a_plan_says_that_the_catalog_is_older_and_leaves_it(shop, address):
    older(address)
    with pytest.raises(CatalogTooOld) as caught:
        shop.plan()
    assert caught.value.fields["found"] == "0001"
    assert not shop.platform.catalog.standing()


def test_apply_brings_an_older_catalog_up_to_date_before_it_plans(shop, address, monkeypatch):
    older(address)
    monkeypatch.chdir(shop.root)
    monkeypatch.setattr(plan_command, "applying", lambda *_: shop.platform)
    assert run(["plan"]) == 1
    assert run(["apply", "--yes"]) == 0
    assert shop.platform.catalog.standing()
    assert shop.plan().empty


def test_owners_of_domains_are_known(shop):
    shop.apply()
    catalog = shop.platform.catalog
    assert catalog.owners({"sales", "nobody"}).keys() == {"sales"}
    assert catalog.owners({"sales"})["sales"]["email"].endswith("@example.com")
