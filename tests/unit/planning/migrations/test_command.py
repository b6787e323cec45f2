"""`mesh check migration` as a person types it, on a database in memory."""

import json
import shlex
from dataclasses import replace
from pathlib import Path

import pytest

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.opening import catalog_address
from streammesh.cli import check
from streammesh.cli.main import run
from streammesh.errors import ExitCode
from streammesh.errors.platform import SettingWrong
from streammesh.planning.systems import DatabaseState
from tests.acceptance.tutorial import Command, File, agrees, steps
from tests.unit.planning.conftest import MemoryDatabases, Mesh, table
from tests.unit.planning.consumers_on_twins import subscribed

ROOT = Path(__file__).parents[4]
RENAME = "ALTER TABLE cities RENAME COLUMN name TO title;\n"


class Unreachable(MemoryDatabases):
    def observe(self, source, slot: str) -> DatabaseState:
        raise SettingWrong(setting="url", system="PostgreSQL", problem="nobody answers")


class TwoDatabases(MemoryDatabases):
    """The source's database, and a migrated one at another address."""

    def observe(self, source, slot: str) -> DatabaseState:
        found = super().observe(source, slot)
        if source.url.text != "${MIGRATED}":
            return found
        columns = ["id integer", "title text", "country text"]
        tables = (table("cities", columns), *found.tables[1:])
        return replace(found, tables=tables)


@pytest.fixture
def shop(mesh: Mesh, monkeypatch: pytest.MonkeyPatch) -> Mesh:
    monkeypatch.chdir(mesh.root)
    databases = mesh.platform.databases
    monkeypatch.setattr(check, "databases_of", lambda: databases)
    monkeypatch.setattr(check, "deployments_of", lambda _, __: mesh.platform.deployments.read())
    (mesh.root / "0042.sql").write_text(RENAME)
    return mesh


def test_what_breaks_gives_exit_status_3(shop: Mesh, capsys) -> None:
    assert run(["check", "migration", "0042.sql"]) == ExitCode.CHECK_SAID_NO
    shown = capsys.readouterr().out
    assert shown.startswith(
        "0042.sql:1:1   ALTER TABLE cities RENAME COLUMN name TO title\n  breaks"
    )
    assert "read ci.title in orders.v1.sql" in shown


def test_what_is_harmless_gives_0(shop: Mesh, capsys) -> None:
    (shop.root / "0043.sql").write_text("ALTER TABLE orders ADD COLUMN note text;")
    assert run(["check", "migration", "0043.sql", "--source", "sales.shop"]) == 0
    assert "1 statement on sales.shop: 1 harmless" in capsys.readouterr().out


def test_json(shop: Mesh, capsys) -> None:
    assert run(["check", "migration", "0042.sql", "--json"]) == ExitCode.CHECK_SAID_NO
    found = json.loads(capsys.readouterr().out)
    assert (found["format"], found["source"], found["breaks"]) == (1, "sales.shop", True)
    assert found["statements"][0]["impacts"][0]["consumers"] == []


def test_a_dialect_can_be_named(shop: Mesh, capsys) -> None:
    (shop.root / "m.sql").write_text("ALTER TABLE `cities` CHANGE `name` `title` text NOT NULL;")
    assert run(["check", "migration", "m.sql", "--dialect", "mysql"]) == ExitCode.CHECK_SAID_NO
    assert "ci.title" in capsys.readouterr().out


def test_without_a_database_the_deployed_tables_count(
    shop: Mesh, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.apply()
    monkeypatch.setattr(check, "databases_of", Unreachable)
    assert run(["check", "migration", "0042.sql"]) == ExitCode.CHECK_SAID_NO
    assert "field customer.city" in capsys.readouterr().out


def test_without_any_tables_nothing_is_judged(
    shop: Mesh, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "databases_of", Unreachable)
    assert run(["check", "migration", "0042.sql"]) == ExitCode.FAILED
    shown = capsys.readouterr()
    assert (shown.out, "nobody answers; it is not deployed" in " ".join(shown.err.split())) == (
        "",
        True,
    )


def test_a_migrated_database_is_compared(
    shop: Mesh, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "databases_of", TwoDatabases)
    code = run(["check", "migration", "--from-database", "${MIGRATED}"])
    assert code == ExitCode.CHECK_SAID_NO
    assert "+ column public.cities.title text" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give a migration's file"),
        (["0042.sql", "--from-database", "x"], "give a migration's file"),
        (["0042.sql", "--source", "sales.shp"], "write sales.shop"),
        (["0042.sql", "--dialect", "oracle"], "oracle"),
    ],
)
def test_what_was_typed_wrong(shop: Mesh, capsys, arguments: list[str], said: str) -> None:
    assert run(["check", "migration", *arguments]) == ExitCode.USAGE
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"BEGIN;\nUPDATE a SET b = 'c", "bad.sql:2:18"),
        (b"ALTR TABLE a ADD b int", "`ALTR` begins no statement"),
        (b"\x00\x01", "bad.sql"),
    ],
)
def test_files_that_are_no_sql(shop: Mesh, capsys, content: bytes, said: str) -> None:
    (shop.root / "bad.sql").write_bytes(content)
    assert run(["check", "migration", "bad.sql"]) == ExitCode.FAILED
    assert said in capsys.readouterr().err


def test_an_empty_file_changes_nothing(shop: Mesh, capsys) -> None:
    (shop.root / "empty.sql").write_text("")
    assert run(["check", "migration", "empty.sql"]) == 0
    assert capsys.readouterr().out == "empty.sql changes nothing of sales.shop\n"


def test_who_relies_on_what_breaks_is_named(shop: Mesh, capsys) -> None:
    environment = shop.workspace.environments["local"]
    catalog = Catalog.at(catalog_address(shop.root, environment, {}))
    shop.platform = replace(shop.platform, catalog=catalog)
    shop.apply()
    subscribed(shop, warehouse=("customer.city",), object=("customer",), revenue=("order_id",))
    assert run(["check", "migration", "0042.sql", "--json"]) == ExitCode.CHECK_SAID_NO
    found = json.loads(capsys.readouterr().out)
    consumers = {
        one["field"]: one["consumers"]
        for one in found["statements"][0]["impacts"]
        if one["who"] == "sales.orders v1"
    }
    assert consumers["customer.city"] == [
        "marketing/object (object@example.com)",
        "marketing/warehouse (warehouse@example.com)",
    ]
    assert found["notes"] == []


def test_a_catalog_that_can_not_be_read_keeps_no_break_back(
    shop: Mesh, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        check, "catalog_address", lambda *_: "postgresql+psycopg://n@127.0.0.1:1/none"
    )
    assert run(["check", "migration", "0042.sql"]) == ExitCode.CHECK_SAID_NO
    shown = " ".join(capsys.readouterr().out.split())
    assert "who relies on what breaks is not known: the catalog at" in shown


def test_what_the_page_shows_is_what_is_said(shop: Mesh, capsys) -> None:
    page = (ROOT / "docs/migrations.md").read_text(encoding="utf-8")
    files = [one for one in steps(page) if isinstance(one, File)]
    commands = [one for one in steps(page) if isinstance(one, Command)]
    assert (len(files), len(commands)) == (1, 1)
    path = shop.root / files[0].path
    path.parent.mkdir()
    path.write_text(files[0].text, encoding="utf-8")
    run(shlex.split(commands[0].line)[1:])
    said = capsys.readouterr().out
    assert agrees(commands[0].says, said), said


def test_a_workspace_without_a_database_is_the_wrong_one(tmp_path, capsys, monkeypatch) -> None:
    (tmp_path / "mesh.toml").write_text('[mesh]\nname = "empty"\n')
    (tmp_path / "0042.sql").write_text(RENAME)
    monkeypatch.chdir(tmp_path)
    assert run(["check", "migration", "0042.sql"]) == ExitCode.USAGE
    assert "no source of the workspace is a database" in " ".join(capsys.readouterr().err.split())


@pytest.mark.parametrize("catalog", ["${NOT_SET}", "postgresql://127.0.0.1:1/c"])
def test_an_environment_that_can_not_be_asked_for_stops_nothing(
    shop: Mesh, capsys, monkeypatch, catalog: str
) -> None:
    """A service's CI often has no catalog, from which the environment would come."""
    file = shop.root / "mesh.toml"
    said = f'"shop"\ncatalog = {{ url = "{catalog}" }}'
    file.write_text(file.read_text().replace('"shop"', said, 1))
    monkeypatch.setenv("MESH_ENV", "production")
    assert run(["check", "migration", "0042.sql"]) == ExitCode.CHECK_SAID_NO
    shown = " ".join(capsys.readouterr().out.split())
    assert "field customer.city" in shown
    assert "note: who relies on what breaks is not known" in shown


def test_an_environment_of_another_name_is_refused(shop: Mesh, capsys) -> None:
    assert run(["check", "migration", "0042.sql", "--env", "nope"]) == ExitCode.USAGE
    assert "no environment `nope`" in capsys.readouterr().err
