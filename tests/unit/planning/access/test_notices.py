"""`mesh.notices` is found, asked for and kept as other products are."""

from __future__ import annotations

from contextlib import nullcontext

import pytest

from streammesh.catalog.workspaces import Claim
from streammesh.documents.policy_files import POLICY_END
from streammesh.documents.repository import Repository
from streammesh.documents.workspace import load
from streammesh.errors.documents import UnknownReference
from streammesh.errors.planning import ForeignResource
from streammesh.errors.workspaces import DecidedElsewhere
from streammesh.planning.steps.register_schema import RegisterSchema
from streammesh.planning.steps.set_compatibility import SetCompatibility
from streammesh.planning.weighing.holding import check_holder
from streammesh.policies.shipped import shipped_names, shipped_text

NOTICES, ASSET = "mesh.notices", "mesh.notices.v1"
LOADER = "mesh.finance.loader"
OWNER = '\nowner = { team = "Platform", email = "platform@example.com" }\n'


def name_owner(mesh, said: str = OWNER) -> None:
    path = mesh.root / "mesh.toml"
    path.write_text(path.read_text().replace("[mesh]", f"[mesh]{said}", 1))


def of_notices(mesh) -> list:
    return [one for one in mesh.plan().steps if NOTICES in one.subject]


def test_apply_registers_its_schemas_as_those_of_products_and_then_leaves_them(mesh):
    mesh.apply()
    registry = mesh.platform.registry
    for part in ("key", "value"):
        subject = f"{ASSET}-{part}"
        assert registry.compatibility(subject) == "FULL_TRANSITIVE"
        assert registry.compatibility(subject) == registry.compatibility(f"sales.orders.v1-{part}")
        assert registry.latest(subject) is not None
    assert mesh.plan().empty


def test_it_is_found_and_shown(mesh):
    name_owner(mesh)
    mesh.apply()
    assert mesh.catalog.search("notices")[0].product == "notices"
    point = mesh.catalog.find(NOTICES)
    shown = mesh.catalog.show(point.asset)
    assert (shown.asset, shown.status, shown.topic) == (ASSET, "active", ASSET)
    assert (shown.owner.team, shown.owner.email) == ("Platform", "platform@example.com")
    assert [one.path for one in shown.fields if one.key] == ["notice", "consumer"]
    assert all(one.description and one.classification for one in shown.fields)
    assert {one["property"] for one in shown.promises} == {"latency", "retention"}


def test_a_mesh_that_names_nobody_leaves_who_another_repository_named(mesh):
    before = (mesh.root / "mesh.toml").read_text()
    mesh.apply()
    assert mesh.catalog.owners(["mesh"])["mesh"] == {"team": f"{load(mesh.root).mesh} platform"}
    name_owner(mesh)
    mesh.apply()
    (mesh.root / "mesh.toml").write_text(before)
    assert mesh.plan().empty
    assert mesh.catalog.owners(["mesh"])["mesh"]["team"] == "Platform"


def test_a_subscription_to_it_is_granted_at_once_also_by_the_first_apply(mesh):
    mesh.subscribe(NOTICES, more="fields: [asset, until, owner.email]")
    mesh.apply()
    assert mesh.states() == {("finance/loads", ASSET): "granted"}
    assert mesh.reads(LOADER, ASSET)
    assert mesh.rights(LOADER) == {("group", f"{LOADER}.", "read")}
    [consumer] = mesh.catalog.consumers([ASSET])[ASSET]
    assert consumer.name == "finance/loads"
    assert mesh.plan().empty
    mesh.unsubscribe()
    mesh.apply()
    assert not mesh.reads(LOADER, ASSET)


def test_what_is_revoked_is_cut_off_and_waits_for_the_mesh_when_asked_again(mesh):
    mesh.subscribe(NOTICES)
    mesh.apply()
    mesh.revoke(reason="enough")
    assert not mesh.reads(LOADER, ASSET)
    mesh.ask()
    mesh.apply()
    assert mesh.states() == {("finance/loads", ASSET): "requested"}
    mesh.approve()
    assert mesh.reads(LOADER, ASSET)


@pytest.mark.parametrize(
    ("said", "fix"), [({"more": "fields: [untill]"}, "until"), ({"version": 2}, "1")]
)
def test_what_it_does_not_have_is_refused_with_what_is_near(mesh, said, fix):
    mesh.subscribe(NOTICES, **said)
    [problem] = mesh.plan().problems
    assert isinstance(problem, UnknownReference)
    assert fix in problem.fix


@pytest.mark.parametrize(("who", "may"), [("mesh", True), ("sales", False)])
def test_where_repositories_are_many_governance_decides_who_reads_it(who, may):
    claims = {name: Claim(name, f"acme/{of}") for name, of in (("", "mesh"), ("sales", "sales"))}
    repository = Repository(f"acme/{who}", "here")
    with nullcontext() if may else pytest.raises(DecidedElsewhere):
        check_holder(claims, "mesh", repository)


def test_a_plan_does_nothing_about_it_when_domains_go(mesh):
    mesh.apply()
    mesh.alone("finance")
    plan = mesh.plan()
    assert not [one for one in plan.steps if one.subject.startswith(NOTICES)]
    assert not any(NOTICES in one.text for one in plan.notes)


def test_what_somebody_did_to_its_schemas_is_seen_and_mended(mesh):
    mesh.apply()
    registry = mesh.platform.registry
    registry.set_compatibility(f"{ASSET}-value", "NONE")
    assert [type(one) for one in of_notices(mesh)] == [SetCompatibility]
    mesh.apply()
    registry.delete_subject(f"{ASSET}-key")
    [step] = of_notices(mesh)
    assert isinstance(step, RegisterSchema)
    assert step.recorded_id is not None
    mesh.apply()
    assert mesh.plan().empty


def test_subjects_of_somebody_else_are_left_and_named(mesh):
    mesh.platform.registry.register(f"{ASSET}-value", '"string"')
    [problem] = mesh.plan().problems
    assert isinstance(problem, ForeignResource)
    assert "delete that subject" in problem.fix


def test_its_schemas_stay_where_the_records_of_what_is_ours_are_lost(mesh):
    mesh.apply()
    resources = mesh.platform.resources
    resources.remove([key for key in resources.read() if key.startswith(f"subject/{ASSET}")])
    assert [type(one) for one in of_notices(mesh)] == [RegisterSchema, RegisterSchema]
    mesh.apply()
    assert mesh.plan().empty


def test_no_policy_is_told_of_it_since_nobody_could_mend_it(mesh):
    for name in shipped_names():
        path = mesh.root / f"policies/{name}{POLICY_END}"
        path.parent.mkdir(exist_ok=True)
        path.write_text(shipped_text(name))
    plan = mesh.plan()
    assert [one for one in plan.notes if "policy" in one.text]  # they are judged by
    assert not [one for one in plan.notes if "other domain" in one.text]
