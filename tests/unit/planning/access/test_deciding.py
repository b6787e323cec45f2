"""Approve, deny, revoke and ask again: recorded, done at once, and told."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from streammesh.catalog.access import AccessChange
from streammesh.errors import MeshErrors
from streammesh.errors.access import (
    AccessNotSuch,
    AccessUnknown,
    ExpiryWrong,
    RestrictedFields,
    SubscriptionUnknown,
    VersionNotOffered,
)
from streammesh.errors.planning import StepFailed
from streammesh.planning.access.expiry import last_day
from streammesh.planning.steps.base import Step
from streammesh.platform.kafka import Acl
from tests.unit.planning.access.conftest import CLOSED, LOCKED, OPEN

LOADER = "mesh.finance.loader"
TOPIC = "crm.customers.v1"


@pytest.fixture
def waiting(mesh):
    mesh.subscribe(CLOSED)
    mesh.apply()
    return mesh


@pytest.fixture
def granted(waiting):
    waiting.approve(reason="campaigns")
    return waiting


def kinds(steps: tuple[Step, ...]) -> list[str]:
    return [type(one).__name__ for one in steps]


def test_approving_records_and_does_it_and_the_right_to_read_comes_last(waiting):
    done = waiting.approve(reason="campaigns")
    assert kinds(done.steps) == ["RecordAccess", "CreateUser", "PutQuota", "CreateAccess"]
    assert waiting.reads(LOADER, TOPIC)
    (record,) = waiting.subscribed()
    assert (record.state, record.decided_by, record.reason) == ("granted", "tester", "campaigns")
    assert waiting.plan().empty
    assert not any(one.intended for one in waiting.platform.resources.read().values())


def test_approving_again_does_nothing(granted):
    done = granted.approve()
    assert (done.steps, done.judged) == ((), ())


def test_revoking_takes_rights_first_then_the_user_then_its_quota(granted):
    done = granted.revoke(reason="enough")
    names = ["RecordAccess", "DeleteAccess", "DeleteUser", "DeleteQuota"]
    assert kinds(done.steps) == names
    assert done.removed == (LOADER,)
    assert {one.name for one in done.cut} == {TOPIC, "mesh.notices.v1", f"{LOADER}."}
    assert granted.rights(LOADER) == set()
    assert granted.plan().steps == ()
    assert "revoked by tester" in granted.notes()[0]
    assert "`mesh access request finance/loads` asks again" in granted.notes()[0]


def test_revoking_one_leaves_what_else_the_consumer_was_granted(granted):
    granted.subscribe(OPEN, "second")
    granted.apply()
    done = granted.revoke()
    assert kinds(done.steps) == ["RecordAccess", "DeleteAccess"]
    assert not granted.reads(LOADER, TOPIC)
    assert granted.reads(LOADER, "sales.orders.v1")
    assert LOADER in granted.platform.kafka.users()


def test_a_right_that_somebody_made_by_hand_is_named_and_left(granted):
    theirs = Acl(LOADER, "topic", "prefixed", "crm.", "read")
    everybody = Acl("*", "topic", "literal", "*", "all")
    other = Acl("other", "topic", "literal", TOPIC, "read")
    denied = Acl(LOADER, "topic", "literal", TOPIC, "read", "deny")
    granted.platform.kafka.create_acls([theirs, everybody, other, denied])
    assert set(granted.revoke().left) == {theirs, everybody}
    assert theirs in granted.platform.kafka.acls()


def test_who_was_refused_gets_nothing_by_applying_or_by_another_name(mesh):
    mesh.subscribe(OPEN)
    mesh.apply()
    mesh.revoke()
    mesh.subscribe(OPEN, "again", consumer="other")
    mesh.apply()
    mesh.unsubscribe()
    mesh.apply()
    mesh.subscribe(OPEN)
    mesh.apply()
    assert mesh.rights(LOADER) == mesh.rights("mesh.finance.other") == set()
    assert mesh.states() == {
        ("finance/again", "sales.orders.v1"): "requested",
        ("finance/loads", "sales.orders.v1"): "revoked",
    }


def test_who_was_denied_asks_again_and_waits(waiting):
    waiting.deny(reason="use totals")
    assert "denied by tester" in waiting.notes()[0]
    assert "use totals" in waiting.notes()[0]
    with pytest.raises(AccessNotSuch, match="denied"):
        waiting.deny()
    asked = waiting.ask(reason="please")
    assert asked.because == "it was refused before"
    waiting.apply()
    assert not waiting.reads(LOADER, TOPIC)
    waiting.approve()
    assert waiting.reads(LOADER, TOPIC)
    reasons = [one.reason for one in waiting.catalog.access_events(("finance", "loads", TOPIC))]
    assert reasons == ["reports", "use totals", "please", ""]
    with pytest.raises(AccessNotSuch, match="granted"):
        waiting.ask()


def test_asking_needs_a_subscription_of_something_that_is_offered(mesh):
    mesh.subscribe(OPEN)
    with pytest.raises(SubscriptionUnknown) as unknown:
        mesh.ask("finance/load")
    assert unknown.value.fix == "write `finance/loads`"
    mesh.version(OPEN)
    mesh.status(OPEN, "deprecated")
    with pytest.raises(MeshErrors) as refused:
        mesh.ask()
    assert isinstance(refused.value.errors[0], VersionNotOffered)


def test_what_was_asked_for_by_hand_is_granted_by_apply_where_the_rule_grants_it(mesh):
    mesh.subscribe(OPEN)
    mesh.ask()
    assert mesh.states() == {("finance/loads", "sales.orders.v1"): "requested"}
    mesh.apply()
    assert mesh.reads(LOADER, "sales.orders.v1")


def test_restricted_fields_are_granted_by_name(mesh):
    mesh.subscribe(LOCKED)
    mesh.apply()
    assert "--field name" in mesh.notes()[0]
    with pytest.raises(RestrictedFields) as refused:
        mesh.approve()
    assert "mesh access approve finance/loads --field 'name'" in (refused.value.fix or "")
    with pytest.raises(MeshErrors) as unknown:
        mesh.approve(fields=("nam",))
    assert unknown.value.errors[0].fix == "write `name`"
    assert mesh.states() == {("finance/loads", "marketing.portraits.v1"): "requested"}
    mesh.approve(fields=("name",))
    assert mesh.reads(LOADER, "marketing.portraits.v1")
    assert mesh.plan().empty


@pytest.mark.parametrize("name", ["finance/load", "finance", "", "x/y", "finance/loads/x", "%"])
def test_nobody_asked_as_that(waiting, name):
    for decide in (waiting.approve, waiting.deny, waiting.revoke):
        with pytest.raises(AccessUnknown):
            decide(name)


def test_only_what_is_granted_can_be_revoked(waiting):
    with pytest.raises(AccessNotSuch, match="requested"):
        waiting.revoke()
    with pytest.raises(AccessUnknown):
        waiting.revoke(version=2)


def test_what_the_files_no_longer_ask_for_is_not_approved(waiting):
    waiting.unsubscribe()
    waiting.apply()
    with pytest.raises(AccessNotSuch, match="withdrawn"):
        waiting.approve()


def backdate(mesh, days: int) -> None:
    """Let a grant have ended so many days ago."""
    (record,) = [one for one in mesh.catalog.access() if one.subscription == "loads"]
    day = (datetime.now(UTC).date() - timedelta(days=days)).isoformat()
    change = AccessChange(replace(record, expires=day), record)
    mesh.catalog.decide_access([change], who="clock")


def test_a_grant_holds_on_its_last_day_and_is_cut_after_it(granted):
    backdate(granted, 0)
    assert granted.plan().empty
    backdate(granted, 1)
    granted.apply()
    assert granted.rights(LOADER) == set()
    assert granted.states() == {("finance/loads", TOPIC): "expired"}
    assert "expired" in granted.notes()[0]
    granted.ask()
    granted.apply()
    assert granted.rights(LOADER) == set()
    granted.approve()
    (record,) = granted.subscribed()
    assert (record.expires, granted.reads(LOADER, TOPIC)) == ("", True)


def test_a_grant_that_is_over_is_approved_as_if_it_were_new(mesh):
    mesh.subscribe(LOCKED)
    mesh.apply()
    mesh.approve(fields=("name",), expires="2999-12-31")
    backdate(mesh, 1)
    with pytest.raises(RestrictedFields):
        mesh.approve()
    mesh.approve(fields=("name",))
    (record,) = mesh.subscribed()
    assert (record.expires, record.state) == ("", "granted")
    assert mesh.plan().empty


def test_whoever_decides_cuts_what_has_expired_of_that_domain(granted):
    granted.subscribe(CLOSED, "second", consumer="other")
    granted.apply()
    backdate(granted, 3)
    done = granted.deny("finance/second")
    assert not granted.reads(LOADER, TOPIC)
    assert {(one.record.name, one.record.state.value) for one in done.judged} == {
        ("finance/second", "denied"),
        ("finance/loads", "expired"),
    }


def test_approving_again_can_change_until_when(granted):
    granted.approve(expires="2999-12-31")
    (record,) = granted.subscribed()
    assert record.expires == "2999-12-31"
    granted.approve(reason="still")
    (record,) = granted.subscribed()
    assert (record.expires, record.reason) == ("2999-12-31", "still")
    granted.approve(expires="")
    assert granted.subscribed()[0].expires == ""


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("90d", "2026-08-29"),
        (" 1 d", "2026-06-01"),
        ("2026-05-31", "2026-05-31"),
        ("2027-01-31", "2027-01-31"),
        ("never", ""),
    ],
)
def test_an_expiry_is_days_or_a_day(text, day):
    assert last_day(text, date(2026, 5, 31)) == day


@pytest.mark.parametrize(
    "text", ["", "0d", "-3d", "2026-05-30", "20270131", "90", "soon", "999999d"]
)
def test_anything_else_is_none(text):
    with pytest.raises(ExpiryWrong):
        last_day(text, date(2026, 5, 31))


def test_a_consumers_user_that_somebody_made_stops_it_before_anything_is_done(waiting):
    waiting.platform.kafka.put_user(LOADER, "known to somebody")
    with pytest.raises(MeshErrors, match="1 errors"):
        waiting.approve()
    assert waiting.states() == {("finance/loads", TOPIC): "requested"}
    assert waiting.rights(LOADER) == set()


class Killed(Exception):
    """Stands for a kill: nothing catches it."""


CHANGES = {
    "kafka": ["create_acls", "delete_acls", "put_user", "delete_user", "put_quota", "delete_quota"],
    "resources": ["write", "remove"],
    "catalog": ["decide_access"],
}


def kill_at(mesh, number: int, patch) -> dict[str, int]:
    """Let the nth change of any system be the last; half of the time it isn't done any more."""
    calls = {"count": 0}

    def wrapped(change):
        def call(*args, **said):
            calls["count"] += 1
            if calls["count"] == number and number % 2:
                raise Killed
            result = change(*args, **said)
            if calls["count"] == number:
                raise Killed
            return result

        return call

    for system, methods in CHANGES.items():
        twin = getattr(mesh.platform, system)
        for method in methods:
            patch.setattr(twin, method, wrapped(getattr(twin, method)))
    return calls


@pytest.mark.parametrize("deed", ["approve", "revoke"])
def test_whatever_is_killed_midway_grants_nothing_more_and_the_next_completes_it(
    tmp_path, monkeypatch, deed, mesh
):
    mesh.subscribe(CLOSED)
    mesh.apply()
    for number in range(1, 40):
        if deed == "revoke":
            mesh.approve()
        with monkeypatch.context() as patch:
            calls = kill_at(mesh, number, patch)
            with contextlib.suppress(Killed, StepFailed):
                getattr(mesh, deed)()
        recorded = mesh.states()["finance/loads", TOPIC]
        if mesh.reads(LOADER, TOPIC) and deed == "approve":
            assert recorded == "granted"
        getattr(mesh, deed)()
        assert mesh.reads(LOADER, TOPIC) is (deed == "approve")
        assert mesh.plan().steps == ()
        if calls["count"] < number:
            return
        if deed == "approve":
            mesh.revoke()
    pytest.fail("never ran through")


def test_an_apply_completes_a_revocation_that_was_killed(granted, monkeypatch):
    with monkeypatch.context() as patch:
        kill_at(granted, 2, patch)
        with contextlib.suppress(Killed):
            granted.revoke()
    assert granted.states() == {("finance/loads", TOPIC): "revoked"}
    granted.apply()
    assert granted.rights(LOADER) == set()
    assert LOADER not in granted.platform.kafka.users()


def test_what_a_restriction_cut_keeps_its_limit_when_it_is_approved_again(mesh):
    mesh.subscribe(CLOSED)
    mesh.apply()
    mesh.approve(expires="2999-12-31")
    mesh.edit("customers.v1.odcs.yaml", "confidential", "restricted")
    mesh.apply()
    assert mesh.rights(LOADER) == set()
    mesh.ask()
    done = mesh.approve(fields=("name",))
    (record,) = mesh.subscribed()
    assert record.expires == "2999-12-31"
    assert "the limit that it had before stays" in done.judged[0].because
    mesh.edit("customers.v1.odcs.yaml", "name: city", "name: town")
    mesh.approve(expires="")
    assert mesh.subscribed()[0].expires == ""
