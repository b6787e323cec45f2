"""`mesh validate` and `mesh schema` as programs: the streams and exit codes that scripts see."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "shop"
ORDERS = "domains/sales/products/orders"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    shutil.copy(EXAMPLE / "mesh.toml", tmp_path)
    shutil.copytree(EXAMPLE / "domains", tmp_path / "domains")
    return tmp_path


def mesh(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "streammesh.cli.main", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60)


def test_all_that_is_wrong_comes_in_one_run_each_at_its_place(workspace: Path) -> None:
    for file, old, new in (
        ("domains/sales/domain.yaml", "owner:", "ownr:"),
        ("domains/sales/sources/shop.source.yaml", "retention: 7d", "retention: 7"),
        (f"{ORDERS}/orders.v1.odcs.yaml", "status: active", "status: actve"),
        (f"{ORDERS}/dataproduct.odps.yaml", "outputPorts:", "outputPort:"),
    ):
        path = workspace / file
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new, 1))
    done = mesh(workspace, "validate")
    assert (done.returncode, done.stdout) == (3, "")
    for text in ("domain.yaml:4:1", "shop.source.yaml:13:12", "orders.v1.odcs.yaml:5:9", "^^^"):
        assert text in done.stderr
    for fix in ("write `owner`", "like 7d", "write `active`", "write `outputPorts`"):
        assert f"fix: {fix}" in done.stderr or fix in done.stderr
    assert done.stderr.count("error:") == 4
    assert "Traceback" not in done.stderr


def test_a_contract_on_its_own(tmp_path: Path) -> None:
    text = "apiVersion: v3.1.0\nkind: DataContract\nid: a\nversion: 1.0.0\nstatus: draft\n"
    (tmp_path / "a.yaml").write_text(text)
    done = mesh(tmp_path, "validate", "a.yaml")
    assert (done.returncode, done.stdout) == (0, "1 file, no errors\n")
    (tmp_path / "a.yaml").write_text(text.replace("kind: DataContract", "kind: DataContrakt"))
    done = mesh(tmp_path, "validate", "--json", "a.yaml")
    assert done.returncode == 3
    assert json.loads(done.stdout)["errors"][0]["where"] == "a.yaml:2:7"


def test_a_schema_goes_to_stdout(tmp_path: Path) -> None:
    done = mesh(tmp_path, "schema", "domain")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["title"] == "Domain"
