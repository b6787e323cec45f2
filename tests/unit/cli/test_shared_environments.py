"""A domain's mesh.toml names the catalog, and its environments come from there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.workspaces import SharedEnvironment
from streammesh.cli import context
from streammesh.cli.main import run
from streammesh.documents.files import source_text
from streammesh.documents.mesh_file import read_mesh
from streammesh.documents.sharing import crowding, document, environment_of
from streammesh.errors import Location, MeshErrors
from streammesh.errors.catalog import CatalogUnreachable
from streammesh.errors.documents import MissingSecret, PasswordInFile
from streammesh.errors.workspaces import EnvironmentNotShared, MeshDiffers
from streammesh.platform.settings import kafka_settings
from tests.unit.planning.repositories_on_twins import GOVERNANCE

DOMAIN = '[mesh]\nname = "three"\ncatalog = { url = "${MESH_CATALOG_URL}" }\n'


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Catalog:
    address = f"sqlite:///{tmp_path}/shared.db"
    monkeypatch.setenv("MESH_CATALOG_URL", address)
    found = Catalog.open(address)
    environments = read_mesh(source_text("mesh.toml", GOVERNANCE.encode())).environments
    said = json.dumps(document(environments["production"]))
    found.share(
        [SharedEnvironment("production", "three", said, "g.example/gov")], who="", commit=""
    )
    return found


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, catalog: Catalog) -> Path:
    root = tmp_path / "sales"
    (root / "domains/sales").mkdir(parents=True)
    (root / "mesh.toml").write_text(DOMAIN)
    monkeypatch.chdir(root)
    return root


def test_settings_and_references_come_from_the_catalog_and_secrets_from_this_machine(workspace):
    found = context.load_environment("production")
    assert found.namespace == "prod"
    assert found.topic_defaults == {"replication_factor": 3, "min_insync_replicas": 2}
    assert found.catalog["url"].text == "${MESH_CATALOG_URL}"
    environ = {"KAFKA_USER": "me", "KAFKA_PW": "mine"}
    settings = kafka_settings(found, environ)
    assert (settings.bootstrap_servers, settings.username) == ("kafka:9093", "me")
    with pytest.raises(MissingSecret) as caught:
        kafka_settings(found, {})
    assert str(caught.value.where) == "mesh.toml of g.example/gov"


def test_an_environment_is_the_same_after_it_was_shared():
    one = read_mesh(source_text("mesh.toml", GOVERNANCE.encode())).environments["production"]
    said = json.loads(json.dumps(document(one)))
    assert environment_of("production", said, Location("x")) == one
    assert environment_of("production", {**said, "of_a_later_version": 1}, Location("x")) == one


def test_governance_wins_over_an_entry_of_the_same_name_and_says_so(workspace, capsys):
    own = '[environments.production]\nkafka = { bootstrap_servers = "mine:1" }\n'
    other = '[environments.sandbox]\nkafka = { bootstrap_servers = "mine:2" }\n'
    (workspace / "mesh.toml").write_text(DOMAIN + own + other)
    found = context.load_environment("production")
    assert found.kafka["bootstrap_servers"].text == "kafka:9093"
    assert "[environments.production] of mesh.toml is not used" in capsys.readouterr().err
    sandbox = context.load_environment("sandbox")
    assert sandbox.kafka["bootstrap_servers"].text == "mine:2"
    assert sandbox.catalog["url"].text == "${MESH_CATALOG_URL}"
    assert capsys.readouterr().err == ""


def test_local_is_the_workspaces_own_and_asks_nobody(workspace, monkeypatch):
    monkeypatch.delenv("MESH_CATALOG_URL")
    found = context.load_environment("local")
    assert (found.stack, found.catalog) == ("local", {})


def test_governance_itself_reads_its_own_file(workspace, monkeypatch):
    (workspace / "domains/sales").rmdir()
    (workspace / "mesh.toml").write_text(DOMAIN + GOVERNANCE.split('name = "three"\n')[1])
    monkeypatch.delenv("MESH_CATALOG_URL")
    assert str(context.load_environment("production").where) == "mesh.toml:5:2"


def test_an_unknown_environment_is_refused_with_the_nearest_name(workspace):
    with pytest.raises(EnvironmentNotShared) as caught:
        context.load_environment("prodction")
    assert caught.value.fix == "write `production`"


def test_a_catalog_of_another_mesh_is_refused(workspace):
    (workspace / "mesh.toml").write_text(DOMAIN.replace("three", "four"))
    with pytest.raises(MeshDiffers) as caught:
        context.load_environment("production")
    assert str(caught.value.where) == "mesh.toml:3:13"
    assert "three" in caught.value.what


def test_a_catalog_that_cannot_be_reached_says_that_environments_come_from_it(
    workspace, monkeypatch
):
    monkeypatch.setenv("MESH_CATALOG_URL", "postgresql://me:hunter2@127.0.0.1:1/mesh")
    with pytest.raises(CatalogUnreachable) as caught:
        context.load_environment("production")
    assert "environments are read from it" in caught.value.fix
    assert str(caught.value.where) == "mesh.toml:3:13"
    assert "hunter2" not in f"{caught.value} {caught.value.why}"
    monkeypatch.delenv("MESH_CATALOG_URL")
    with pytest.raises(MissingSecret):
        context.load_environment("production")


def test_an_empty_catalog_has_no_environments(workspace, tmp_path, monkeypatch):
    monkeypatch.setenv("MESH_CATALOG_URL", f"sqlite:///{tmp_path}/empty.db")
    with pytest.raises(EnvironmentNotShared) as caught:
        context.load_environment("production")
    assert "local" in caught.value.fix


def test_commands_say_it_as_any_other_error(workspace, capsys):
    assert run(["search", "orders", "--env", "stage", "--json"]) == 2
    assert "EnvironmentNotShared" in capsys.readouterr().err


def test_the_mesh_toml_of_a_workspace_is_checked():
    with pytest.raises((MeshErrors, PasswordInFile)):
        read_mesh(source_text("mesh.toml", DOMAIN.replace("${MESH_", "pg://a:b@h/${").encode()))
    bad = '[mesh]\nname = "three"\nrepository = "https://github.com/acme/sales"\n'
    with pytest.raises(MeshErrors, match="errors"):
        read_mesh(source_text("mesh.toml", bad.encode()))
    good = bad.replace("https://", "")
    assert read_mesh(source_text("mesh.toml", good.encode())).repository == "github.com/acme/sales"


ENVIRONMENTS = """\
[mesh]
name = "shop"
[environments.one]
NAMESPACE_ONE
kafka = { bootstrap_servers = "a:1,b:1" }
[environments.two]
NAMESPACE_TWO
kafka = { bootstrap_servers = "b:1, c:1" }
[environments.far]
kafka = { bootstrap_servers = "${KAFKA}" }
[environments.further]
kafka = { bootstrap_servers = "${KAFKA}" }
"""


@pytest.mark.parametrize(
    ("one", "two", "refused"),
    [("", "", True), ("x", "", True), ("", "y", True), ("x", "x", True), ("x", "y", False)],
)
def test_environments_on_one_cluster_need_a_namespace_each(one, two, refused):
    text = ENVIRONMENTS
    for word, said in (("NAMESPACE_ONE", one), ("NAMESPACE_TWO", two)):
        text = text.replace(word, f'namespace = "{said}"' if said else "")
    known = read_mesh(source_text("mesh.toml", text.encode())).environments
    for name in ("one", "two"):
        found = list(crowding(known[name], known))
        assert [error.fields["other"] for error in found] == (
            [{"one": "two", "two": "one"}[name]] if refused else []
        )
    assert list(crowding(known["far"], known)) == []
    assert list(crowding(known["local"], known)) == []
