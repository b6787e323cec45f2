"""Versions that end: notices are made and sent, and who still reads stops the end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from streammesh.catalog.notice_book import NoticeBook
from streammesh.documents.names import Names
from streammesh.errors import ExitCode, MeshErrors, RemoteFailed
from streammesh.errors.catalog import CatalogTooOld
from streammesh.errors.lifecycle import NotYet
from streammesh.errors.planning import StepFailed
from streammesh.planning.findings import Findings
from streammesh.planning.lifecycle.deprecate import deprecate, retire
from streammesh.planning.lifecycle.gate import ends
from streammesh.planning.lifecycle.noticing import noticing
from streammesh.planning.owner import mesh_owner
from streammesh.planning.showing import render
from streammesh.planning.steps.end_force import EndForce
from streammesh.planning.steps.make_notice import MakeNotice
from streammesh.planning.steps.remove_deployment import RemoveDeployment
from streammesh.planning.steps.send_notices import SendNotices
from streammesh.platform.memory.groups import MemoryGroups
from tests.unit.planning.lifecycle.ending import V1, V2, forced, move, over, told, two
from tests.unit.planning.lifecycle.test_release import CONTRACT, renamed

__all__ = ["over", "told", "two"]


def kinds(plan) -> list[type]:
    return [type(one) for one in plan.steps]


def test_a_contract_says_when_why_and_what_comes_instead(two):
    text = two.text(CONTRACT)
    until = (two.today + timedelta(weeks=8)).isoformat()
    assert "\nstatus: deprecated\n" in text
    assert f'  - {{ property: endOfLife, value: "{until}" }}\n' in text
    assert '      because: "Names are split."\n' in text
    assert f"      replaced_by: {V2}\n" in text
    assert "  - { property: retention, value: unlimited }\n" in text


def test_a_plan_says_who_will_be_told(two):
    [made] = [one for one in two.plan().steps if isinstance(one, MakeNotice)]
    assert made.consumers == ("finance/revenue", "marketing/campaigns")
    assert kinds(two.plan())[-2:] == [MakeNotice, SendNotices]
    assert two.catalog.notices() == ()
    shown = render.text(two.plan())
    assert "to finance/revenue, marketing/campaigns" in shown
    assert "catalog record" in shown


def test_apply_makes_the_notice_and_tells_each_consumer_once(told):
    [one] = told.catalog.notices([V1])
    assert one.notice.instead == V2
    assert "`customer.full_name`" in one.notice.notes
    assert one.notice.owner["team"] == "Sales platform"
    assert one.notice.made_by == "tester"
    assert {each.consumer for each in one.recipients} == {"finance/revenue", "marketing/campaigns"}
    assert len(told.post.sent) == len(told.topic.events) == 2
    assert told.plan().empty
    assert len(told.post.sent) == 2


def test_an_apply_broken_off_before_sending_goes_on(two, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(SendNotices, "apply", killed)
        with pytest.raises(KeyboardInterrupt):
            two.apply()
    assert two.post.sent == []
    assert kinds(two.plan()) == [SendNotices]
    two.apply()
    assert len(two.post.sent) == 2
    assert two.plan().empty


def test_an_apply_broken_off_before_the_notice_goes_on(two, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(MakeNotice, "apply", killed)
        with pytest.raises(KeyboardInterrupt):
            two.apply()
    assert kinds(two.plan()) == [MakeNotice, SendNotices]
    two.apply()
    assert len(two.post.sent) == 2


def test_a_mail_server_that_is_down_fails_the_last_step_alone(two):
    two.post.failing = {"finance/revenue"}
    with pytest.raises(StepFailed) as caught:
        two.apply()
    assert caught.value.exit_code == ExitCode.REMOTE_FAILED
    assert len(two.post.sent) == 1
    two.post.failing = set()
    two.apply()
    assert [who for _, who, _ in two.post.sent] == ["marketing/campaigns", "finance/revenue"]


def test_another_day_is_another_notice(told):
    later = told.today + timedelta(weeks=20)
    told.write(deprecate(told.workspace, told.port(V1), later))
    told.apply()
    newest, _ = told.catalog.notices([V1])
    assert newest.notice.until == later.isoformat()
    assert len(told.post.sent) == 4


def test_a_deprecation_that_is_taken_back_reminds_nobody(told):
    told.edit(CONTRACT, "status: deprecated", "status: active")
    told.apply()
    told.today += timedelta(days=50)
    assert told.plan().empty


def test_a_version_that_is_subscribed_to_can_not_be_retired(told):
    told.write(retire(told.workspace, told.port(V1)))
    plan = told.plan()
    [problem] = plan.problems
    assert isinstance(problem, NotYet)
    assert problem.what == f"{V1} can't be retired yet: 2 consumers and its last day are in the way"
    assert "marketing/campaigns   subscribes to it; has not answered" in str(problem.why)
    with pytest.raises(MeshErrors):
        told.apply()
    assert V1 in told.platform.kafka.topics()


def test_when_all_have_moved_it_is_retired_and_gone(over):
    move(over)
    over.apply()
    over.write(retire(over.workspace, over.port(V1)))
    over.apply()
    platform = over.platform
    assert not {V1, f"_quarantine.{V1}"} & platform.kafka.topics().keys()
    assert V2 in platform.kafka.topics()
    assert not platform.registry.subjects(V1)
    assert not [one for one in platform.kafka.acls() if V1 in one.name]
    assert not [key for key in platform.resources.read() if V1 in key]
    assert f"product/{V1}" not in platform.deployments.read()
    assert over.plan().empty
    assert over.catalog.versions({"sales"})[V1].status == "retired"
    assert [one.record for one in over.catalog.history("sales")].count("versions") >= 3


def test_a_retired_version_can_leave_the_files_and_its_history_stays(over):
    move(over)
    over.write(retire(over.workspace, over.port(V1)))
    over.apply()
    folder = over.file(CONTRACT).parent
    for name in (CONTRACT, "orders.v1.sql"):
        (folder / name).unlink()
    document = (folder / "dataproduct.odps.yaml").read_text()
    one, two = document.index("  - name: orders"), document.rindex("  - name: orders")
    (folder / "dataproduct.odps.yaml").write_text(document[:one] + document[two:])
    over._workspace = None
    over.apply()
    assert over.plan().empty
    assert over.catalog.versions({"sales"}).keys() == {V2, "sales.customers.v1"}
    past = [one for one in over.catalog.history("sales") if one.record == "versions"]
    assert past[0].change == "removed"
    assert '"status":"retired"' in str(past[0].before)


def test_moving_and_retiring_in_one_apply(over):
    move(over)
    over.write(retire(over.workspace, over.port(V1)))
    over.apply()
    assert V1 not in over.platform.kafka.topics()


def elsewhere(life) -> None:
    """Let the consumers be another workspace's: they are known from the catalog alone."""
    for name in ("finance", "marketing"):
        (life.root / "domains" / name).rename(life.root / f"{name}.elsewhere")
    life._workspace = None


def test_consumers_of_another_workspace_hold_a_version(told):
    elsewhere(told)
    told.write(retire(told.workspace, told.port(V1)))
    assert isinstance(told.plan().problems[0], NotYet)


def test_a_version_that_is_read_can_not_be_ended_by_deleting_its_files(life):
    elsewhere(life)
    life.remove_product("orders")
    [problem] = life.plan().problems
    assert isinstance(problem, NotYet)


def test_a_catalog_of_another_form_does_not_open_the_gate(told):
    with told.catalog.reading() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
        connection.commit()
    ending = RemoveDeployment(mesh_owner(), f"product/{V1}", "sales.orders v1 is retired")
    found = Findings(steps=(ending,))
    with pytest.raises(CatalogTooOld):
        ends(found, told.workspace, Names(), told.catalog, told.today)
    with pytest.raises(CatalogTooOld):
        noticing(told.workspace, Names(), told.platform)


def test_the_events_of_a_product_that_is_gone_are_held_too(life):
    catalog = life.platform.catalog
    elsewhere(life)
    life.platform = replace(life.platform, catalog=None)
    life.remove_product("orders")
    life.apply()
    life.platform = replace(life.platform, catalog=catalog)
    assert life.plan().problems == ()
    assert isinstance(life.plan(delete_data=True).problems[0], NotYet)


def test_what_was_forced_holds_once_and_for_those_who_were_left_then(over):
    over.write(retire(over.workspace, over.port(V1)))
    book = NoticeBook(over.catalog)
    book.force(forced(over, "finance/revenue"))
    assert isinstance(over.plan().problems[0], NotYet)
    book.force(forced(over, "finance/revenue", "marketing/campaigns"))
    assert over.plan().problems == ()
    over.apply()
    assert V1 not in over.platform.kafka.topics()
    kept = book.forced([V1])
    assert [one.reason for one in kept] == ["The law says so."] * 2
    assert all(one.applied_at for one in kept)
    assert over.plan().empty


def test_a_version_that_nobody_uses_needs_no_notice(life):
    renamed(life)
    life.write(*life.release().edits)
    life.apply()
    life.write(retire(life.workspace, life.port(V2)))
    assert life.plan().problems == ()


def test_without_a_catalog_nothing_is_known_and_nothing_is_told(two):
    two.platform = replace(two.platform, catalog=None)
    assert not {MakeNotice, SendNotices} & {*kinds(two.plan())}


def test_the_readers_of_domains_may_read_what_consumers_are_told(life):
    readers = {one.principal for one in life.platform.kafka.acls() if one.name == "mesh.notices.v1"}
    assert readers == {
        "mesh.sales.reader",
        "mesh.finance.reader",
        "mesh.marketing.reader",
    }  # the consumers wait for access
    assert life.platform.kafka.topics()["mesh.notices.v1"].config["cleanup.policy"] == "compact"


def test_what_cant_be_looked_at_is_not_taken_for_nobody(over):
    move(over)
    over.apply()
    over.write(retire(over.workspace, over.port(V1)))
    groups = MemoryGroups(over.platform.kafka)
    over.platform = replace(over.platform, groups=groups)
    groups.failing = RemoteFailed(what="Kafka lists no groups")
    (problem,) = over.plan().problems
    assert isinstance(problem, NotYet)
    assert "whoever never said so" in problem.why
    assert "Kafka lists no groups" in problem.why
    groups.failing = None
    assert over.plan().problems == ()


def test_a_force_ends_also_where_an_apply_was_killed_before_it_said_so(over, monkeypatch):
    def killed(*_):
        raise KeyboardInterrupt

    over.write(retire(over.workspace, over.port(V1)))
    book = NoticeBook(over.catalog)
    book.force(forced(over, "finance/revenue", "marketing/campaigns"))
    with monkeypatch.context() as patched:
        patched.setattr(EndForce, "apply", killed)
        with pytest.raises(KeyboardInterrupt):
            over.apply()
    assert V1 not in over.platform.kafka.topics()
    assert kinds(over.plan()) == [EndForce]
    over.apply()
    assert all(one.applied_at for one in book.forced([V1]))
    assert over.plan().empty
