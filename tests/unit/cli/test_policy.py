"""`mesh policy` as a user types it."""

from __future__ import annotations

import json
import os

import pytest

from streammesh.catalog.catalog import Catalog
from streammesh.cli.main import run
from streammesh.policies.shipped import shipped_names
from tests.unit.policies.meshes import copy, edit, told, written

EXCEPTION = """exceptions:
  - { subject: sales.orders, reason: Known so., owner: Ann, expires: 9999-01-31 }
  - { subject: sales.customers, reason: Was so., owner: Ann, expires: 2020-01-31 }
  - { subject: sales.gone, reason: Is gone., owner: Ann, expires: 9999-01-31 }
"""


@pytest.fixture
def root(tmp_path, monkeypatch):
    root = copy(tmp_path / "shop")
    monkeypatch.chdir(root)
    return root


@pytest.fixture
def mesh(root, capsys):
    def typed(*arguments: str) -> tuple[int, str, str]:
        status = run(["policy", *arguments])
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return status, said.out, said.err

    return typed


def put(root, text: str, name: str = "rule") -> None:
    (root / "policies").mkdir(exist_ok=True)
    (root / f"policies/{name}.policy.yaml").write_text(text)


def test_a_workspace_without_policies_is_checked_for_what_products_lack(root, mesh):
    status, out, _ = mesh("check")
    assert (status, out) == (
        0,
        "0 policies: 0 findings stop a plan, 0 warnings, 0 allowed by exceptions.\n",
    )
    edit(root, "orders.v1.odcs.yaml", ", description: Its name today.", "")
    status, out, _ = mesh("check")
    assert status == 3
    assert "sales.orders   active: what it lacks" in out
    assert "orders.v1.odcs.yaml:46" in out
    edit(root, "orders.v1.odcs.yaml", "status: active", "status: draft")
    assert mesh("check")[0] == 0


def test_a_violation_is_shown_with_its_policy_owner_place_and_fix(root, mesh):
    put(root, written("SELECT subject FROM products", message="{subject} is bad"))
    status, out, _ = mesh("check")
    assert status == 3
    assert "rule   block   Governance <governance@example.com>" in out
    assert "  ✗ sales.orders is bad" in out
    assert "domains/sales/products/orders/dataproduct.odps.yaml:4" in out
    assert "1 policy: 2 findings stop a plan" in out
    assert max(map(len, out.splitlines())) <= 100


def test_a_warning_is_told_and_stops_nothing(root, mesh):
    put(root, written("SELECT subject FROM products", severity="warn"))
    status, out, _ = mesh("check")
    assert status == 0
    assert "! sales.orders" in out
    assert "2 warnings" in out


def test_exceptions_are_told_used_expired_and_needless(root, mesh):
    put(root, written("SELECT subject FROM products", more=EXCEPTION))
    status, out, _ = mesh("check")
    words = " ".join(out.split())
    assert status == 3
    assert "rule for sales.orders, until 9999-01-31, by Ann: Known so." in words
    assert "rule for sales.customers, expired on 2020-01-31" in words
    assert "nothing violates the policy there: it can go" in words
    assert (
        "1 finding stops a plan, 0 warnings, 1 allowed by exceptions, 1 exception expired" in words
    )


def test_all_of_it_as_json(root, mesh):
    put(root, written("SELECT subject FROM products", more=EXCEPTION))
    put(root, written("SELECT subject FROM nothing", name="broken"), "broken")
    status, out, _ = mesh("check", "--json")
    found = json.loads(out)
    assert status == 3
    assert found["blocked"] is True
    assert [one["policy"] for one in found["policies"]] == ["broken", "rule"]
    (violation,) = found["violations"]
    assert violation["subject"] == "sales.customers"
    assert violation["place"].endswith("customers/dataproduct.odps.yaml:4")
    assert violation["owner"]["email"] == "governance@example.com"
    assert [one["exception"] for one in found["excepted"]] == ["sales.orders"]
    assert [(one["used"], one["expired"]) for one in found["exceptions"]] == [
        (True, False),
        (True, True),
        (False, False),
    ]
    (failed,) = found["failed"]
    assert failed["where"].startswith("policies/broken.policy.yaml:9")


def test_a_policy_that_fails_is_shown_at_its_place(root, mesh):
    put(root, written("SELECT subject FROM prodcts"))
    status, out, _ = mesh("check")
    assert status == 3
    assert "there is no view `prodcts`" in out
    assert "fix: write `products`" in out


def test_markdown_says_it_for_a_pull_request(root, mesh):
    put(root, written("SELECT subject, '<b>@all_*' AS x FROM products", message="{x}"))
    status, out, _ = mesh("check", "--format", "markdown")
    assert status == 3
    assert out.startswith("### Policies\n")
    assert "(`domains/sales/products/orders/dataproduct.odps.yaml:4`)" in out
    assert "<b>" not in out
    assert "@all" not in out
    put(
        root,
        written("SELECT subject, '`a[]` _b_' AS x, '`_c_' AS y FROM domains", message="{x}|{y}"),
    )
    escaped = "\\`a\\[\\]\\` \\_b\\_\\|\\`\\_c\\_"
    assert escaped in mesh("check", "--format", "markdown")[1]
    evil = "x' || char(10, 10) || '# Approved' || char(10) || '![i](https://e.example) @all"
    put(root, written(f"SELECT subject, '{evil}' AS x FROM domains", message="{x}"))
    out = mesh("check", "--format", "markdown")[1]
    assert [one for one in out.splitlines() if one.startswith("#")] == ["### Policies"]
    assert "![" not in out
    assert "https://" not in out
    assert "@all" not in out
    put(root, written("SELECT subject, '`a[]` _b_' AS x FROM domains", message="{x}"))
    assert "`a[]` \\_b\\_" in mesh("check", "--format", "markdown")[1]


def test_other_domains_are_judged_on_demand(root, mesh, tmp_path):
    put(root, written("SELECT subject FROM domains"))
    catalog = Catalog.open(f"sqlite:///{root}/.mesh/catalog/local.db")
    other = copy(tmp_path / "other")
    os.rename(other / "domains/sales", other / "domains/finance")
    for file in other.rglob("*.yaml"):
        file.write_text(file.read_text().replace("sales", "finance"))
    catalog.record(told(other), who="ann", commit="")
    catalog.close()
    assert "finance" not in mesh("check")[1]
    status, out, _ = mesh("check", "--all")
    assert status == 3
    assert "  ✗ finance\n" in out


def test_policies_are_listed(root, mesh):
    assert "no policy is in force" in mesh("list")[2]
    put(root, written("SELECT subject FROM domains"))
    assert "Governance <governance@example.com>" in mesh("list")[1]
    (one,) = json.loads(mesh("list", "--json")[1])
    assert (one["policy"], one["severity"], one["domain"]) == ("rule", "block", None)
    found = json.loads(mesh("list", "--shipped", "--json")[1])
    assert [one["policy"] for one in found] == list(shipped_names())


def test_shipped_policies_are_added_and_then_hold(root, mesh):
    status, out, _ = mesh("add", *shipped_names())
    assert status == 0
    assert out.splitlines()[0] == "policies/acknowledged-endings.policy.yaml"
    assert mesh("check")[0] == 0
    first = (root / "policies/restricted-fields.policy.yaml").read_text().splitlines()[0]
    assert first == "# yaml-language-server: $schema=../.mesh/schemas/policy.json"
    status, _, err = mesh("add", "descriptions")
    assert status == 2
    assert "policies/descriptions.policy.yaml is there already" in err


def test_a_policy_is_added_for_one_domain(root, mesh):
    assert mesh("add", "restricted-fields", "--domain", "sales")[0] == 0
    assert json.loads(mesh("list", "--json")[1])[0]["domain"] == "sales"
    for name in ("finance", "../../..", "Sales"):
        status, _, err = mesh("add", "descriptions", "--domain", name)
        assert status == 2
        assert "has no domain" in err


def test_one_that_is_not_shipped_writes_nothing(root, mesh):
    status, _, err = mesh("add", "descriptions", "restricted-feilds")
    assert status == 2
    assert "write `restricted-fields`" in err
    assert not (root / "policies").exists()
