"""Each kind of change once through the policy: what it means, for whom, whether it stops."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streammesh.catalog.consumers import Consumer
from streammesh.catalog.known_versions import KnownVersion
from streammesh.contracts.changes.kinds import Kind, Meaning
from streammesh.documents.names import Names
from streammesh.documents.values import Domain, Port, Product, Workspace
from streammesh.errors import ExitCode, Location
from streammesh.models.changes import Version, changes
from streammesh.planning.findings import Findings
from streammesh.planning.weighing.breaking_changes import fitting_version, judged
from streammesh.planning.weighing.changing import (
    ChangedVersion,
    PlannedChange,
    changed_versions,
    with_consumers,
)
from tests.unit.models.change_rows import FIELD_ROWS, FieldRow
from tests.unit.models.product_rows import PRODUCT_ROWS, ProductRow
from tests.unit.models.versions import FIELDS, version

ASSET = "sales.orders.v1"
OLD_NAMES = {Kind.FIELD_RENAMED: "z", Kind.FIELD_MOVED: "a"}
TOPICS = (Kind.TOMBSTONES_SHORTENED, Kind.TOMBSTONES_LENGTHENED)
"""Settings that all topics of products have alike: no file can change them."""


def consumer(name: str, *fields: str) -> Consumer:
    return Consumer(ASSET, name, "loader", "", "reports", {"email": "e@example.com"}, fields)


STRANGER = consumer("")
OTHER = consumer("finance/other", "id")


def port(one: Version, number: str = "1.0.0") -> Port:
    status = str(one.contract.document["status"])
    return Port("sales", "orders", "orders", 1, number, status, one.contract, one.model)


def workspace(one: Port, new: Version) -> Workspace:
    assert new.owner_at is not None
    product = Product("sales", "orders", "orders", {}, (one,))
    domain = Domain("sales", new.owner, {}, (), (product,), new.owner_at)
    return Workspace("/", "shop", {}, {"sales": domain})


def known(one: Version, number: str = "1.0.0") -> KnownVersion:
    return KnownVersion(
        asset=ASSET,
        domain="sales",
        product="orders",
        port="orders",
        major=1,
        version=number,
        status="active",
        topic=ASSET,
        contract=replace(one.contract, places={}),
        model=one.model,
        owner=one.owner,
    )


def changed(old: Version, new: Version, number: str = "1.0.0") -> ChangedVersion:
    """Compare a version of the files with the one that was applied as 1.0.0."""
    files = workspace(port(new, number), new)
    (found,), notes = changed_versions(files, Names(), {ASSET: known(old)})
    assert notes == ()
    return found


def once(old: Version, new: Version, relied_on: str, kind: Kind) -> None:
    """Check one change with a consumer that relies on it, one that doesn't, and a stranger."""
    one = consumer("marketing/one", relied_on)
    if kind in TOPICS or old.owner != new.owner:  # told elsewhere than at the version
        (change,) = changes(old, new)
        found = changed(version(), version(schema="description: Another."))
        found = replace(found, changes=(PlannedChange(change),))
    else:
        found = changed(old, new)
    told = with_consumers(found, (one, OTHER, STRANGER))
    (planned,) = told.changes
    assert planned.change.kind is kind
    assert told.meaning is kind.row.meaning
    everybody = planned.change.whole
    expected = (one, OTHER, STRANGER) if everybody else (one, STRANGER)
    if kind is Kind.FIELD_ADDED_OPTIONAL:
        expected = ()
    assert planned.relied_on_by == expected
    rest = [each for each in (one, OTHER, STRANGER) if each not in expected]
    assert list(planned.not_affected) == rest

    problems = judged(Findings(), {told.owner.key: told}).problems
    elsewhere = kind in (Kind.STATUS_RETIRED, Kind.CLASSIFICATION_RESTRICTED)
    assert len(problems) == (kind.row.meaning is Meaning.BREAKING and not elsewhere)
    for problem in problems:
        assert problem.exit_code is ExitCode.CHECK_SAID_NO
        assert problem.fields["policy"] == "breaking-changes"
        assert problem.where == planned.change.where is not None
        assert "marketing/one" in problem.what
        assert ("finance/other" in problem.what) == everybody
        assert "`mesh release sales.orders --major`" in str(problem.fix)


@pytest.mark.parametrize("row", FIELD_ROWS, ids=lambda one: one.kind.name)
def test_a_change_of_a_field_stops_where_it_breaks_who_relies_on_it(row: FieldRow):
    relied_on = OLD_NAMES.get(row.kind, row.path)
    once(version(row.old), version(row.new), relied_on, row.kind)


@pytest.mark.parametrize("row", PRODUCT_ROWS, ids=lambda one: one.kind.name)
def test_a_change_of_the_product_stops_where_it_breaks(row: ProductRow):
    once(version(**row.old), version(**row.new), row.path or "status", row.kind)


@pytest.mark.parametrize("row", FIELD_ROWS, ids=lambda one: one.kind.name)
def test_what_breaks_nobody_stops_nothing(row: FieldRow):
    told = with_consumers(changed(version(row.old), version(row.new)), (OTHER,))
    whole = row.kind is Kind.FIELD_ADDED_REQUIRED
    assert bool(told.gated) == whole
    assert bool(judged(Findings(), {told.owner.key: told}).problems) == whole


def test_who_relies_on_an_object_relies_on_all_in_it_and_on_nothing_beside_it():
    old = version()
    new = version(FIELDS.replace("name: city", "name: town"))
    consumers = [consumer("m/object", "customer"), consumer("m/name", "customer.name")]
    (planned,) = with_consumers(changed(old, new), consumers).changes
    assert planned.change.kind is Kind.FIELD_RENAMED
    assert [one.name for one in planned.relied_on_by] == ["m/object"]
    assert [one.name for one in planned.not_affected] == ["m/name"]


def test_a_draft_is_stopped_only_where_somebody_uses_it():
    old, new = (
        version("{ name: a, logicalType: string }", status="draft"),
        version("", status="draft"),
    )
    alone = with_consumers(changed(old, new), ())
    assert [one.breaking for one in alone.changes] == [True]
    assert judged(Findings(), {alone.owner.key: alone}).problems == ()
    used = with_consumers(alone, (STRANGER,))
    assert judged(Findings(), {used.owner.key: used}).problems


def test_a_version_that_the_catalog_does_not_know_has_no_changes():
    new = version()
    assert changed_versions(workspace(port(new), new), Names(), {}) == ((), ())


def test_a_version_that_did_not_change_has_none():
    new = version()
    assert changed_versions(workspace(port(new), new), Names(), {ASSET: known(new)}) == ((), ())


def test_a_contract_that_was_applied_and_can_not_be_read_any_more_is_told():
    new = version()
    broken = replace(new.contract, document={**new.contract.document, "schema": []})
    unreadable = known(replace(new, contract=broken))
    found, (note,) = changed_versions(workspace(port(new), new), Names(), {ASSET: unreadable})
    assert found == ()
    assert note.warns
    assert "can't be told" in note.text


ADDED = (
    version("{ name: b, logicalType: integer }"),
    version("{ name: b, logicalType: integer }\n{ name: a, logicalType: string }"),
)
DESCRIBED = (version(), version(schema="description: Another."))
REMOVED = tuple(reversed(ADDED))
READY = (version(status="draft"), version())


@pytest.mark.parametrize(
    ("pair", "number", "fitting"),
    [
        (ADDED, "1.0.0", "1.1.0"),
        (ADDED, "1.0.9", "1.1.0"),
        (ADDED, "1.1.0", None),
        (ADDED, "1.7.3", None),
        (DESCRIBED, "1.0.0", "1.0.1"),
        (DESCRIBED, "1.0.1", None),
        (REMOVED, "1.0.0", "1.1.0"),
        (REMOVED, "1.2.0", None),
        (READY, "1.0.0", None),
    ],
)
def test_the_version_says_what_changes(pair, number, fitting):
    found = with_consumers(changed(*pair, number), ())
    assert fitting_version(found) == fitting
    notes = judged(Findings(), {found.owner.key: found}).notes
    assert [fitting in one.text for one in notes] == ([True] if fitting else [])


def test_another_owner_is_the_domains_and_asks_for_no_other_version():
    old = replace(version(), owner={"team": "A"})
    new = replace(version(), owner={"team": "B"}, owner_at=Location("domain.yaml", 4))
    files = workspace(port(new), new)
    found, (note,) = changed_versions(files, Names(), {ASSET: known(old)})
    assert found == ()
    assert (note.owner.key, note.text) == ("domain/sales", f"A → B: {Kind.OWNER.row.why}")
    assert note.where == new.owner_at
    assert changed_versions(files, Names(), {ASSET: known(replace(old, owner={}))}) == ((), ())


def test_what_is_stopped_needs_a_release_and_no_other_number():
    found = with_consumers(changed(*REMOVED), (STRANGER,))
    assert fitting_version(found) is None
