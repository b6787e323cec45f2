"""The commands of a version's life, on a catalog that twins were applied to."""

from __future__ import annotations

import json
import subprocess
from datetime import timedelta

import pytest

from streammesh.catalog.notice_book import NoticeBook
from streammesh.catalog.workspaces import Claim
from streammesh.cli import retire
from streammesh.cli.main import run
from streammesh.documents.repository import Repository
from streammesh.errors.policies import PolicyViolated
from streammesh.planning.observing.use import Look
from streammesh.policies.shipped import shipped_text
from tests.unit.planning.lifecycle.conftest import Life, applied_life
from tests.unit.planning.lifecycle.test_release import CONTRACT, added, renamed

V1 = "sales.orders.v1"


@pytest.fixture
def life(tmp_path, monkeypatch) -> Life:
    one = applied_life(tmp_path / "shop")
    monkeypatch.chdir(one.root)
    return one


@pytest.fixture
def mesh(life, capsys):
    def typed(*arguments: str) -> tuple[int, str, str]:
        status = run(list(arguments))
        said = capsys.readouterr()
        life._workspace = None
        return status, said.out, said.err

    return typed


@pytest.fixture
def told(life, mesh) -> str:
    """Deprecate v1, apply, and give the notice's name."""
    assert mesh("deprecate", V1, "--because", "It ends.", "--yes")[0] == 0
    life.apply()
    return life.catalog.notices()[0].notice.notice


def commit(life: Life) -> None:
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@example.com"]
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "as applied"]):
        subprocess.run([*git, *arguments], cwd=life.root, check=True)


def test_release_shows_what_it_would_write(life, mesh):
    added(life)
    before = life.text(CONTRACT)
    status, out, err = mesh("release", "sales.orders", "--dry-run")
    assert status == 0
    assert "-version: 1.0.0\n+version: 1.1.0" in out
    assert "+## sales.orders 1.1.0" in out
    assert "sales.orders  1.0.0 → 1.1.0   in place" in err
    assert life.text(CONTRACT) == before


def test_release_asks_before_it_writes(life, mesh):
    added(life)
    status, _, err = mesh("release", "sales.orders")
    assert status == 2
    assert "--yes" in err
    assert not list(life.root.rglob("releases"))


def test_a_breaking_release_takes_the_old_files_from_the_last_commit(life, mesh):
    (life.root / ".gitignore").write_text(".mesh\n")
    before = life.text(CONTRACT).replace("status: active", "status: active   # since May")
    life.file(CONTRACT).write_text(before)
    commit(life)
    renamed(life)
    status, out, err = mesh("release", "sales.orders", "--yes")
    assert status == 0, err
    assert "beside v1" in err
    assert "breaking" in err
    assert "+++ domains/sales/products/orders/orders.v2.odcs.yaml" in out
    assert life.text(CONTRACT) == before
    assert mesh("release", "sales.orders.v1")[2] == (
        "sales.orders 1.0.0: nothing to release, the files are as they were applied\n"
    )


def test_release_as_json(life, mesh):
    renamed(life)
    status, out, _ = mesh("release", "sales.orders", "--dry-run", "--json")
    found = json.loads(out)
    assert status == 0
    assert (found["before"], found["version"], found["beside"]) == ("1.0.0", "2.0.0", True)
    assert [one["path"] for one in found["changes"]] == ["customer.full_name"]
    assert len(found["remarks"]) == 1


def test_release_of_what_was_never_applied(mesh, life):
    renamed(life)
    mesh("release", "sales.orders", "--yes")
    status, _, err = mesh("release", "sales.orders")
    assert status == 2
    assert "knows no version of sales.orders.v2" in err


def test_deprecate_writes_the_contract_and_names_whom_apply_will_tell(life, mesh):
    until = (life.today + timedelta(weeks=8)).isoformat()
    status, out, err = mesh("deprecate", V1, "--yes")
    assert status == 0
    assert "-status: active\n+status: deprecated" in out
    assert f'+  - {{ property: endOfLife, value: "{until}" }}' in out
    assert "`mesh apply` tells finance/revenue, marketing/campaigns" in err
    assert mesh("deprecate", V1, "--yes")[2] == f"{V1} says so already\n"
    assert mesh("validate")[0] == 0


def test_deprecate_with_another_day(life, mesh):
    soon = (life.today + timedelta(weeks=1)).isoformat()
    status, out, err = mesh("deprecate", V1, "--until", soon, "--yes")
    assert status == 0
    assert soon in out
    assert "warning: consumers have until" in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sales.orders",), "write `sales.orders.v1`"),
        (("sales.oders.v1",), "no product"),
        ((V1, "--until", "2020-01-01"), "no day to come"),
        ((V1, "--until", "soon"), "no day to come"),
        ((V1, "--until", "2099-01-01", "--weeks", "3"), "give one of them"),
        ((V1, "--instead", V1), "can't be replaced"),
    ],
)
def test_deprecate_refuses(mesh, arguments, said):
    status, out, err = mesh("deprecate", *arguments, "--yes")
    assert (status, out) == (2, "")
    assert said in err


def test_notices_say_who_was_told_and_what_they_answered(mesh, told):
    status, out, _ = mesh("notices")
    assert status == 0
    assert out.splitlines()[0].startswith(f"{V1} ends on ")
    assert f"  notice   {told}" in out
    assert "  because  It ends." in out
    assert "  finance/revenue       has not answered   revenue@example.com" in out
    assert "    told by email, event" in out
    assert mesh("notices", "sales.customers")[1:] == ("", "no notices\n")
    status, _, err = mesh("notices", "sales.oders")
    assert (status, "write `sales.orders`" in err) == (2, True)
    mine = mesh("notices", "sales.orders", "--for", "finance")[1]
    assert "marketing" not in mine
    [found] = json.loads(mesh("notices", "--json")[1])
    assert found["notice"] == told
    assert [len(one["deliveries"]) for one in found["consumers"]] == [2, 2]


def test_show_tells_of_the_notice(mesh, told):
    out = mesh("show", "sales.orders")[1]
    assert "\nnotices   sales.orders.v1 ends on " in out
    assert "\nnotices   none\n" in mesh("show", "sales.customers")[1]
    [found] = json.loads(mesh("show", V1, "--json")[1])["notices"]
    assert found["notice"] == told


def test_a_consumer_acknowledges_or_objects(mesh, told):
    status, _, err = mesh("ack", V1, "--as", "finance/revenue")
    assert (status, err) == (0, f"finance/revenue acknowledged: {told}\n")
    assert mesh("ack", told, "--as", "marketing/campaigns", "--object", "not in May")[0] == 0
    out = mesh("notices", V1)[1]
    assert "finance/revenue       acknowledged on " in out
    assert ": not in May" in out


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        ((V1, "--as", "finance/revenue", "--object", " "), 2, "an objection says why"),
        ((V1, "--as", "legal/archive"), 4, "not in the files of this workspace"),
        (("sales.customers.v1", "--as", "finance/revenue"), 2, "there is no notice"),
    ],
)
def test_an_answer_is_refused_where_it_is_nobodys(mesh, told, arguments, status, said):
    found = mesh("ack", *arguments)
    assert found[0] == status
    assert said in found[2]


def test_retire_lists_who_is_left(mesh, told, life):
    mesh("ack", V1, "--as", "finance/revenue")
    status, out, err = mesh("retire", V1, "--yes")
    assert (status, out) == (3, "")
    assert "3 consumers and its last day are in the way" in err
    said = " ".join(err.split())
    assert "finance/revenue subscribes to it; has acknowledged revenue@example.com" in said
    assert "whoever never said so may read it: who reads products could not be looked at" in said
    assert "note: who reads products could not be looked at: the local stack" in err
    assert "status: deprecated" in life.text(CONTRACT)


def add(life: Life, policy: str) -> None:
    folder = life.root / "policies"
    folder.mkdir(exist_ok=True)
    (folder / f"{policy}.policy.yaml").write_text(shipped_text(policy))


def test_retire_by_force_is_refused_where_a_policy_refuses_it_at_the_plan(mesh, told, life):
    add(life, "tier-1-acknowledged-endings")
    mesh("ack", V1, "--as", "finance/revenue")
    before = life.text(CONTRACT)
    by_force = ("retire", V1, "--force", "--reason", "The law.", "--yes")
    status, _, err = mesh(*by_force)
    said = " ".join(err.split())
    assert status == 3
    assert "marketing/campaigns, which subscribes to it, has not acknowledged that it ends" in said
    assert "finance/revenue, which" not in said
    assert "policy tier-1-acknowledged-endings" in said
    assert life.text(CONTRACT) == before
    assert NoticeBook(life.catalog).forced([V1]) == ()
    life.file(CONTRACT).write_text(before.replace("status: deprecated", "status: retired"))
    life._workspace = None
    assert PolicyViolated in map(type, life.plan().problems)
    life.file(CONTRACT).write_text(before)
    mesh("ack", V1, "--as", "marketing/campaigns")
    assert mesh(*by_force)[0] == 0
    assert not life.plan().problems


def test_retire_warns_of_what_a_policy_warns_of(mesh, told, life):
    life.edit_product("tier: 1", "tier: 2")
    life.apply()
    add(life, "acknowledged-endings")
    status, _, err = mesh("retire", V1, "--force", "--reason", "The law.", "--yes")
    assert status == 0
    assert "warning: policy acknowledged-endings: sales.orders.v1 is retired, and " in err


@pytest.mark.parametrize(
    ("tier", "policy", "weeks"),
    [
        (1, lambda text: text, 12),
        (2, lambda text: text, 8),
        (2, lambda text: text.replace("(2, 8)", "(2, 4)"), 4),
        (2, lambda text: text.replace("(2, 8)", "(2, 103)"), 103),
        (2, lambda text: text.replace("(2, 8)", "(2, 999)"), 8),
        (2, lambda text: text.replace("v.status = 'deprecated'", "false"), 8),
    ],
)
def test_the_last_day_is_the_first_that_the_policies_take(life, mesh, tier, policy, weeks):
    life.edit_product("tier: 1", f"tier: {tier}")
    renamed(life)
    assert mesh("release", "sales.orders", "--yes")[0] == 0
    life.apply()
    add(life, "deprecation-windows")
    path = life.root / "policies/deprecation-windows.policy.yaml"
    path.write_text(policy(path.read_text()))
    status, out, err = mesh("deprecate", V1, "--yes")
    assert status == 0, err
    assert f'endOfLife, value: "{life.today + timedelta(weeks=weeks)}"' in out


def test_retire_by_force_needs_a_reason_and_keeps_it(mesh, told, life):
    status, _, err = mesh("retire", V1, "--force", "--yes")
    assert status == 2
    assert f"fix: mesh retire {V1} --force --reason" in err
    status, out, err = mesh("retire", V1, "--force", "--reason", "The law.", "--yes")
    assert status == 0
    assert "+status: retired" in out
    assert "cut off: finance/revenue" in err
    life.apply()
    assert V1 not in life.platform.kafka.topics()


def test_retire_is_refused_while_nobody_can_look_who_reads(mesh, told, life):
    for path in life.root.rglob("*.subscription.yaml"):
        path.unlink()
    status, _, err = mesh("retire", V1, "--yes")
    assert status == 3
    assert "see to it that Kafka answers who reads" in err
    assert mesh("retire", V1, "--force", "--reason", "It burns.", "--yes")[0] == 0
    (forced,) = NoticeBook(life.catalog).forced([V1])
    until = life.today + timedelta(weeks=8)
    assert forced.left == ("whoever never said so", f"until {until}")


def test_retire_when_nobody_is_left(mesh, told, life, monkeypatch):
    monkeypatch.setattr(retire, "look_now", lambda *_: Look())
    for path in life.root.rglob("*.subscription.yaml"):
        path.unlink()
    status, _, err = mesh("retire", V1, "--yes")
    assert (status, "its last day is not past" in err) == (3, True)
    monkeypatch.setattr(retire, "today", lambda: life.today + timedelta(weeks=8, days=1))
    assert mesh("retire", V1, "--yes")[0] == 0
    assert mesh("retire", V1, "--yes")[2] == f"{V1} says so already\n"
    status, _, err = mesh("deprecate", V1, "--yes")
    assert status == 3
    assert "is retired" in err


def test_retire_by_force_is_for_the_repository_that_holds_the_domain(mesh, told, life, monkeypatch):
    before = life.text(CONTRACT)
    life.catalog.claim([Claim("sales", "git.example.com/acme/theirs")], who="ann", commit="")
    monkeypatch.setattr(retire, "claimant", lambda *_: Repository("here", "here"))
    status, _, err = mesh("retire", V1, "--force", "--reason", "The law.", "--yes")
    assert status == 4
    assert "git.example.com/acme/theirs holds the domain `sales`" in err
    assert life.text(CONTRACT) == before
    assert NoticeBook(life.catalog).forced([V1]) == ()
