import json
import os
from pathlib import Path

import pytest

from streammesh.cli import context
from streammesh.errors import MeshError
from streammesh.errors.documents import NoWorkspace, UnknownEnvironment

MESH_TOML = """
[mesh]
name = "shop"
[environments.production]
kafka = { bootstrap_servers = "kafka.example.com:9093" }
"""


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mesh.toml").write_text(MESH_TOML)
    below = tmp_path / "domains" / "sales"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    monkeypatch.delenv("SHOP_DATABASE_URL", raising=False)
    return tmp_path


def keep(workspace: Path, variables: dict[str, str]) -> None:
    path = workspace / context.KEPT_VARIABLES
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(variables))


def test_the_workspace_is_found_from_below(workspace: Path) -> None:
    assert context.workspace_root() == workspace


def test_outside_of_a_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(NoWorkspace):
        context.load_environment(None)


def test_the_environment_is_named_by_option_then_variable_then_local(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert context.load_environment(None).name == "local"
    monkeypatch.setenv("MESH_ENV", "production")
    assert context.load_environment(None).name == "production"
    assert context.load_environment("local").name == "local"
    with pytest.raises(UnknownEnvironment):
        context.load_environment("prodution")


def test_an_environment_does_not_need_the_domains(workspace: Path) -> None:
    (workspace / "domains" / "sales" / "domain.yaml").write_text("nothing: right")
    assert context.load_environment(None).stack == "local"
    with pytest.raises(MeshError):
        context.load_workspace()


def test_kept_variables_are_for_the_local_stack_and_give_way(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))
    keep(workspace, {"SHOP_DATABASE_URL": "kept"})
    context.load_environment("production")
    assert "SHOP_DATABASE_URL" not in os.environ
    context.load_environment("local")
    assert os.environ["SHOP_DATABASE_URL"] == "kept"
    os.environ["SHOP_DATABASE_URL"] = "set"
    context.load_environment("local")
    assert os.environ["SHOP_DATABASE_URL"] == "set"
