import json
from pathlib import Path

import pytest

from streammesh.cli.main import run
from tests.unit.policies.meshes import written

ORDERS = "domains/sales/products/orders"


def test_a_workspace_without_errors(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(root / ORDERS)
    assert run(["validate"]) == 0
    assert capsys.readouterr().out == "9 files, no errors\n"


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        ("domains/sales/domain.yaml", "owner:", "ownr:", "`ownr`"),
        (f"{ORDERS}/orders.v1.odcs.yaml", "decimal(12,2)", "decimal(99,2)", "decimal(99,2)"),
        (f"{ORDERS}/orders.v1.odcs.yaml", "name: placed_at", "name: placed-at", "Avro"),
        (f"{ORDERS}/orders.v1.sql", "FROM shop.orders o", "FRM shop.orders o", "orders.v1.sql"),
    ],
)
@pytest.mark.parametrize("single", [False, True])
def test_errors_give_exit_status_3(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    file: str,
    old: str,
    new: str,
    what: str,
    single: bool,
) -> None:
    path = root / file
    path.write_text(path.read_text().replace(old, new, 1))
    monkeypatch.chdir(root)
    arguments = ["validate", file] if single else ["validate"]
    assert run(arguments) == 3
    shown = capsys.readouterr()
    assert what in shown.err
    assert shown.out == ""
    assert run([*arguments, "--json"]) == 3
    said = json.loads(capsys.readouterr().out)
    assert said["files"] == (1 if single else 9)
    assert any(what in json.dumps(one, ensure_ascii=False) for one in said["errors"])
    assert all(one["where"].startswith(file) for one in said["errors"])


def test_policies_of_the_workspace_are_checked(
    root: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (root / "policies").mkdir()
    (root / "policies" / "owners.policy.yaml").write_text("kind: Policy\n")
    monkeypatch.chdir(root)
    assert run(["validate"]) == 3
    assert "policies/owners.policy.yaml" in capsys.readouterr().err
    query = "SELECT subject\n  FROM prodcts"
    (root / "policies" / "owners.policy.yaml").write_text(written(query, name="owners"))
    assert run(["validate", "--json"]) == 3
    (error,) = json.loads(capsys.readouterr().out)["errors"]
    assert error["where"] == "policies/owners.policy.yaml:10:10"
    assert error["fix"] == "write `products`"


def test_a_contract_outside_of_any_workspace(
    tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["validate", str(root / "mesh.toml"), str(root / ORDERS / "orders.v1.sql")]) == 0
    assert capsys.readouterr().out == "2 files, no errors\n"


def test_a_file_of_no_kind(root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = root / "notes.yaml"
    path.write_text("a: 1\n")
    assert run(["validate", str(path)]) == 3
    assert "notes.yaml" in capsys.readouterr().err


CONTRACT = """\
apiVersion: v3.1.0
kind: DataContract
id: rides
version: 1.0.0
status: in the making
schema:
  - name: ride
    properties:
      - { name: id, logicalType: integer }
"""


def test_a_contract_alone_is_valid_and_what_streammesh_would_want_is_told_apart(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "rides.yaml").write_text(CONTRACT)
    assert run(["validate", str(tmp_path / "rides.yaml")]) == 0
    shown = capsys.readouterr()
    assert shown.out == "1 file, no errors\n"
    assert "is valid: ODCS v3.1.0" in shown.err
    assert "`in the making` is no status" in shown.err
    assert run(["validate", "--json", str(tmp_path / "rides.yaml")]) == 0
    (valid,) = json.loads(capsys.readouterr().out)["valid"]
    assert (valid["kind"], valid["standard"]) == ("contract", "ODCS v3.1.0")
    assert len(valid["needs"]) >= 2


def test_folders_are_looked_through(
    tmp_path: Path, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "contracts"
    (folder / "more").mkdir(parents=True)
    (folder / "a.odcs.yaml").write_text(CONTRACT)
    (folder / "more" / "b.odcs.yaml").write_text(CONTRACT.replace("kind:", "knd:"))
    (folder / "values.yaml").write_text("a: 1\n")
    assert run(["validate", "--json", str(folder)]) == 3
    said = json.loads(capsys.readouterr().out)
    assert said["files"] == 2
    assert [one["fix"] for one in said["errors"]] == ["write `kind`"]
    assert run(["validate", str(root)]) == 0
    assert run(["validate", str(folder.parent / "domains" / "sales" / "sources")]) == 0
    (tmp_path / "empty").mkdir()
    assert run(["validate", str(tmp_path / "empty")]) == 2


@pytest.mark.parametrize(
    ("old", "new", "fix"),
    [("shop.orders o", "shop.ordrs o", "shop.orders"), ("shop.orders o", "shp.orders o", "shop")],
)
def test_a_model_names_tables_that_its_source_captures(
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    old: str,
    new: str,
    fix: str,
) -> None:
    path = root / ORDERS / "orders.v1.sql"
    path.write_text(path.read_text().replace(old, new, 1))
    monkeypatch.chdir(root)
    assert run(["validate", "--json"]) == 3
    (error,) = json.loads(capsys.readouterr().out)["errors"]
    assert error["where"].startswith(f"{ORDERS}/orders.v1.sql:")
    assert fix in error["fix"]


def test_a_policy_outside_of_any_workspace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "a.policy.yaml").write_text("kind: Policy\n")
    assert run(["validate", str(tmp_path / "a.policy.yaml")]) == 3
    assert "`query` is missing" in capsys.readouterr().err
