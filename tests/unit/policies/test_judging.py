"""Policies judged: violations, exceptions, and policies that can't be judged by."""

from __future__ import annotations

from datetime import date

import pytest

from streammesh.documents.files import source_text
from streammesh.documents.policy_files import read_policy
from streammesh.documents.workspace import load
from streammesh.errors.policies import QueryRefused
from streammesh.errors.rendering import render
from streammesh.policies.judging import Judgement, judge
from streammesh.policies.whereabouts import Whereabouts
from tests.unit.policies.meshes import TODAY, copy, edit, policy, state_of, told, written

NAMES = "SELECT subject, product FROM products"


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return copy(tmp_path_factory.mktemp("mesh") / "shop")


@pytest.fixture(scope="module")
def state(root):
    return state_of(told(root))


def only(judgement: Judgement) -> QueryRefused:
    (error,) = judgement.failed.values()
    assert isinstance(error, QueryRefused)
    return error


def excepting(subject: str, expires: str):
    more = (
        f"exceptions:\n  - {{ subject: {subject}, reason: Old., owner: Ann, expires: {expires} }}\n"
    )
    text = written(NAMES, more=more)
    return read_policy(source_text("policies/rule.policy.yaml", text.encode()), "", "rule")


def test_each_row_is_a_violation_with_its_message(state):
    found = judge([policy(NAMES, message="{product} of {subject}, {{}}")], state, None)
    assert [(one.subject, one.message) for one in found.violations] == [
        ("sales.customers", "customers of sales.customers, {{}}"),
        ("sales.orders", "orders of sales.orders, {{}}"),
    ]
    assert found.blocking == found.violations
    assert judge([policy(NAMES, severity="warn")], state, None).blocking == ()


def test_a_row_twice_is_one_violation(state):
    found = judge([policy(f"{NAMES} UNION ALL {NAMES}")], state, None)
    assert len(found.violations) == 2


def test_only_things_of_the_domains_in_question_are_judged(state):
    assert judge([policy(NAMES)], state, {"finance"}).violations == ()
    assert len(judge([policy(NAMES)], state, {"sales"}).violations) == 2


def test_a_domains_policy_judges_that_domain_alone(state):
    other = "SELECT 'finance/report' AS subject UNION SELECT 'sales' UNION SELECT 'salesforce.x'"
    found = judge([policy(other, domain="sales")], state, None)
    assert [one.subject for one in found.violations] == ["sales"]
    assert [one.policy.label for one in found.violations] == ["sales/rule"]


def test_an_exception_holds_until_its_day_and_is_told(state):
    found = judge([excepting("sales.orders", TODAY)], state, None)
    assert [one.subject for one in found.violations] == ["sales.customers"]
    (allowed,) = found.excepted
    assert allowed.exception.expires == date.fromisoformat(TODAY)
    (allowance,) = found.allowances
    assert (allowance.used, allowance.expired) == (True, False)


def test_an_expired_exception_holds_no_more_and_is_told(state):
    found = judge([excepting("sales.orders", "2026-11-22")], state, None)
    assert len(found.violations) == 2
    (allowance,) = found.allowances
    assert (allowance.used, allowance.expired) == (True, True)


def test_an_exception_that_nothing_needs_is_told(state):
    (allowance,) = judge([excepting("sales.gone", "2030-01-01")], state, None).allowances
    assert (allowance.used, allowance.expired) == (False, False)


def test_a_view_that_is_none_has_its_place_and_the_nearest_name(state):
    error = only(judge([policy("SELECT subject\n  FROM prodcts")], state, None))
    assert "there is no view `prodcts`" in error.what
    assert error.fix == "write `products`"
    assert "governance@example.com" in error.why
    assert str(error.where).startswith("policies/rule.policy.yaml:")
    assert "Traceback" not in render(error)


def test_a_column_that_is_none_has_its_place_and_the_nearest_name(state):
    error = only(judge([policy("SELECT subject,\n       teir FROM products")], state, None))
    assert error.fix == "write `tier`"
    assert str(error.where) == "policies/rule.policy.yaml:10:10"


def test_a_query_names_its_subject_and_all_that_its_message_does(state):
    error = only(judge([policy("SELECT product FROM products", message="x")], state, None))
    assert "has no column `subject`" in error.what
    error = only(judge([policy(NAMES, message="{prodct} is bad")], state, None))
    assert "`prodct`" in error.what
    assert error.fix == "write `product`"
    assert error.where.line == 7


def test_one_policy_that_fails_leaves_the_others(state):
    failing = policy("SELECT load_extension('x') AS subject", name="evil")
    endless = policy(
        "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) SELECT x AS subject FROM n",
        name="endless",
    )
    found = judge([failing, endless, policy(NAMES)], state, None)
    assert set(found.failed) == {"evil", "endless"}
    assert "it calls load_extension()" in found.failed["evil"].what
    assert "10,000 rows" in found.failed["endless"].what
    assert len(found.violations) == 2


def test_what_is_said_can_do_nothing_to_a_terminal(state):
    query = "SELECT subject, char(27) AS x FROM products"
    assert "it calls char()" in only(judge([policy(query)], state, None)).what
    query = "SELECT 'sales' AS subject, '\x85\u202e[31mred' AS x, NULL AS y, CAST('ä' AS BLOB) AS z"
    (one,) = judge([policy(query, message="{x}|{y}|{z}")], state, None).violations
    assert one.message == "[31mred|nothing|ä"


def test_what_its_author_says_can_do_nothing_to_a_terminal_either(state):
    text = written(NAMES, message="\\e[31m{product}\\n!").replace("Because.", '"\\e[2JBecause."')
    text = text.replace("team: Governance", 'team: "\\u202eGovernance"')
    one = read_policy(source_text("policies/rule.policy.yaml", text.encode()), "", "rule")
    violation = judge([one], state, None).violations[0]
    assert violation.message == "[31mcustomers !"
    assert (one.description, one.owner["team"]) == ("[2JBecause.", "Governance")


def test_a_message_is_short(state):
    query = "SELECT 'sales' AS subject, replace('aaaaaaaaaa', 'a', 'aaaaaaaaaaaaaaaaaaaa') AS x"
    (one,) = judge([policy(query, message="{x}{x}{x}{x}{x}{x}")], state, None).violations
    assert len(one.message) == 501


@pytest.mark.parametrize(
    ("subject", "place"),
    [
        ("sales", "domain.yaml"),
        ("sales.orders", "orders/dataproduct.odps.yaml:4:7"),
        ("sales.orders.v1", "orders.v1.odcs.yaml:3:5"),
        ("sales.orders.v1.lines[].amount", "orders.v1.odcs.yaml:48"),
        ("sales.orders.v1.gone", "orders.v1.odcs.yaml:3:5"),
        ("sales.shop.public.orders", "shop.source.yaml:9:5"),
        ("sales.shop", "shop.source.yaml:3:7"),
        ("sales/towns", "towns.subscription.yaml:3:7"),
        ("sales/map", "towns.subscription.yaml:4:11"),
        ("finance.reports", "None"),
    ],
)
def test_a_subject_has_its_place_in_the_files(root, subject, place):
    assert place in str(Whereabouts(load(root)).of(subject))


def test_files_are_judged_before_they_are_applied(tmp_path):
    root = copy(tmp_path / "shop")
    query = "SELECT subject FROM fields WHERE classification = 'restricted'"
    assert judge([policy(query)], state_of(told(root)), None).violations == ()
    edit(root, "orders.v1.odcs.yaml", "classification: public", "classification: restricted")
    (one,) = judge([policy(query)], state_of(told(root)), None).violations
    assert one.subject == "sales.orders.v1.lines[].product"
