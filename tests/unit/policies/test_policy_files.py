"""Policies as files: read, or refused with a place and a fix."""

from __future__ import annotations

from datetime import date

import pytest

from streammesh.documents.files import source_text
from streammesh.documents.policy_files import read_policy
from streammesh.documents.single import read_single
from streammesh.documents.workspace import load
from streammesh.errors import MeshError, MeshErrors
from streammesh.errors import documents as errors
from tests.unit.policies.meshes import copy, policy, written

EXCEPTION = """exceptions:
  - subject: sales.orders
    reason: It is old.
    owner: Ann
    expires: 2027-01-31
"""


def read(text: str, domain: str = ""):
    return read_policy(source_text("policies/rule.policy.yaml", text.encode()), domain, "rule")


def test_all_of_it_is_read():
    one = read(written("SELECT 1 AS subject", more=EXCEPTION))
    assert (one.label, one.severity, one.blocks) == ("rule", "block", True)
    assert one.query == "SELECT 1 AS subject\n"
    assert one.answers == "Governance <governance@example.com>"
    (exception,) = one.exceptions
    assert exception.expires == date(2027, 1, 31)
    assert str(exception.where).startswith("policies/rule.policy.yaml:11")


def test_an_exception_covers_what_stands_below_it_and_holds_on_its_last_day():
    (one,) = read(written("SELECT 1 AS subject", more=EXCEPTION)).exceptions
    assert one.covers("sales.orders")
    assert one.covers("sales.orders.v1.customer.name")
    assert not one.covers("sales.orders-old")
    assert not one.expired(date(2027, 1, 31))
    assert one.expired(date(2027, 2, 1))


@pytest.mark.parametrize(
    ("old", "new", "error", "line", "fix"),
    [
        ("severity: block", "severity: stop", errors.WrongShape, 6, "`block`"),
        ("severity", "severty", errors.UnknownField, 6, "`severity`"),
        ("name: rule", "name: rules", errors.NameDiffers, 3, "`rule`"),
        ("    reason: It is old.\n", "", errors.MissingField, 11, "`reason`"),
        ("    owner: Ann\n", "", errors.MissingField, 11, "`owner`"),
        ("    expires: 2027-01-31\n", "", errors.MissingField, 11, "`expires`"),
        ("reason: It is old.", 'reason: " "', errors.WrongShape, 12, "why"),
        ("2027-01-31", "2027-02-31", errors.WrongShape, 14, "2027-03-31"),
        ("2027-01-31", "soon", errors.WrongShape, 14, "2027-03-31"),
        (", email: governance@example.com", "", errors.MissingField, 5, "`email`"),
        ("message:", "massage:", errors.UnknownField, 7, "`message`"),
    ],
)
def test_what_is_wrong_has_its_place_and_its_fix(old, new, error, line, fix):
    text = written("SELECT 1 AS subject", more=EXCEPTION)
    assert old in text
    with pytest.raises(MeshErrors) as caught:
        read(text.replace(old, new))
    found = [one for one in caught.value.errors if isinstance(one, error)]
    assert found, caught.value.errors
    assert found[0].where.line == line
    assert fix in (found[0].fix or "")


def test_two_exceptions_for_one_thing_are_refused():
    twice = EXCEPTION + EXCEPTION.partition("\n")[2]
    with pytest.raises(MeshErrors, match="1 errors"):
        read(written("SELECT 1 AS subject", more=twice))


def test_a_domains_policy_makes_no_exceptions_for_others():
    text = written("SELECT 1 AS subject", more=EXCEPTION)
    assert read(text, "sales").label == "sales/rule"
    with pytest.raises(MeshErrors):
        read(text, "finance")


def test_a_place_in_the_query_is_one_in_the_file():
    one = policy("SELECT subject\n  FROM produts")
    where = one.in_query(one.query.index("produts"))
    assert str(where) == "policies/rule.policy.yaml:10:10"
    assert where.text == "    FROM produts"
    assert one.in_query(None).line == 8


def test_a_query_on_one_line_has_the_place_of_that_line():
    text = written("x").replace("query: |\n  x", "query: SELECT 1 FROM nothing")
    assert read(text).in_query(14).line == 8


def test_a_workspace_reads_its_policies_and_those_of_its_domains(tmp_path):
    root = copy(tmp_path / "shop")
    assert load(root).policies == ()
    assert not load(root).governs
    for folder in ("policies", "domains/sales/policies"):
        (root / folder).mkdir()
        (root / folder / "rule.policy.yaml").write_text(written("SELECT 1 AS subject"))
    workspace = load(root)
    assert [one.label for one in workspace.policies] == ["rule", "sales/rule"]
    assert workspace.governs
    single = read_single(root, root / "domains/sales/policies/rule.policy.yaml")
    assert (single.kind, single.placed) == ("policy", True)


def test_a_workspace_of_policies_alone_is_one(tmp_path):
    (tmp_path / "mesh.toml").write_text('[mesh]\nname = "shop"\n')
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies/rule.policy.yaml").write_text(written("SELECT 1 AS subject"))
    assert [one.label for one in load(tmp_path).policies] == ["rule"]


def test_files_that_are_nearly_policies_are_told(tmp_path):
    root = copy(tmp_path / "shop")
    (root / "policies").mkdir()
    (root / "policies/rule.policy.yml").write_text(written("SELECT 1 AS subject"))
    with pytest.raises(MeshError) as caught:
        load(root)
    (error,) = caught.value.errors
    assert "rule.policy.yaml" in error.fix
