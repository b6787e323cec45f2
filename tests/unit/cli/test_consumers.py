"""`mesh consumers`, on a catalog that knows subscriptions and what was seen."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from streammesh.catalog.access import AccessChange, AccessRecord, State
from streammesh.catalog.catalog import Catalog
from streammesh.catalog.uses import Use
from streammesh.cli.consumers_shown import lines
from streammesh.cli.main import run
from tests.conformance.catalogs import port, product, shop, subscription, version

ORDERS = "sales.orders.v1"
LOADER = "mesh.marketing.loader"
FIELDS = ("customer.name", "lines[].amount", "order_id")


@pytest.fixture
def now() -> datetime:
    return datetime.now(UTC)


def use(group: str, **other: object) -> Use:
    made = Use(ORDERS, group, "", (), (), 0, 12, False, "x")
    return replace(made, **other)


@pytest.fixture
def catalog(tmp_path: Path, monkeypatch):
    (tmp_path / "mesh.toml").write_text('[mesh]\nname = "shop"\n')
    monkeypatch.chdir(tmp_path)
    opened = Catalog.open(f"sqlite:///{tmp_path}/.mesh/catalog/local.db")
    reports, paths = subscription("reports", ORDERS, FIELDS)
    idle, _ = subscription("idle", ORDERS)
    second = replace(version("orders"), asset="sales.orders.v2", major=2, topic="sales.orders.v2")
    opened.record(
        shop(
            scope=frozenset({"sales", "marketing"}),
            products=(product("orders"), product("quiet")),
            ports=(port("orders"), port("quiet")),
            versions=(version("orders"), second, version("quiet")),
            subscriptions=(reports, replace(idle, consumer="other", deliver_to="")),
            subscription_fields=paths,
        ),
        who="ann",
        commit="",
    )
    yield opened
    opened.close()


@pytest.fixture
def seen(catalog: Catalog, now: datetime) -> Catalog:
    main = use(f"{LOADER}.main", members=2, lag=0, client_ids=("rdkafka",), hosts=("10.0.0.7",))
    test = use("test-1", principal="admin", client_ids=("console",))
    catalog.observe_use([main, test, use("old")], at=now - timedelta(days=40))
    catalog.observe_use([main, replace(test, position="y")], at=now - timedelta(minutes=2))
    return catalog


@pytest.fixture
def mesh(capsys):
    def typed(*arguments: str) -> tuple[int, str, str]:
        status = run(["consumers", *arguments])
        said = capsys.readouterr()
        return status, said.out, said.err

    return typed


def test_who_declares_and_who_was_seen_stand_together(mesh, seen):
    status, out, err = mesh("sales.orders.v1", "--no-look")
    assert (status, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 100
    assert out.splitlines() == [
        "sales.orders.v1   2 declared, 1 undeclared   as of 2 min ago",
        "  marketing/idle      declared   never seen",
        "    consumer  other · idle@example.com",
        "    relies on doesn't say: perhaps all fields",
        "  marketing/reports   both       seen 2 min ago       lag 0",
        "    consumer  loader · reports@example.com",
        "    relies on customer.name, lines[].amount, order_id",
        "    groups    mesh.marketing.loader.main · 2 members · client id `rdkafka` at 10.0.0.7",
        "  group `test-1`      observed   seen 2 min ago       lag 12",
        "    principal admin",
        "    groups    test-1 · no members · client id `console`",
        "",
        "  ! undeclared: group `test-1`, seen 2 min ago, lag 12, of admin, client id `console`",
        "  ! declared but never seen: marketing/idle, idle@example.com",
        "  undeclared groups that are gone for over 30 days: 1",
        "  Who reads without a consumer group, and commits nothing, can't be seen.",
    ]


def test_the_page_shows_what_is_shown(catalog, now):
    loader, fields = subscription("orders-to-warehouse", ORDERS, FIELDS)
    revenue, others = subscription("revenue", ORDERS, FIELDS[1:], "finance")
    mine = (
        replace(loader, consumer="warehouse-loader", contact='{"email":"campaigns@example.com"}'),
        replace(revenue, consumer="revenue", contact='{"email":"finance@example.com"}'),
    )
    told = shop(
        scope=frozenset({"sales", "marketing", "finance"}),
        subscriptions=mine,
        subscription_fields=(*fields, *others),
    )
    catalog.record(told, who="ann", commit="")
    test = use("test-1", client_ids=("console-consumer",), hosts=("10.0.0.9",))
    main = use("mesh.marketing.warehouse-loader.main", members=1, lag=0)
    catalog.observe_use([test], at=now - timedelta(minutes=2))
    seen = [test, replace(main, client_ids=("rdkafka",), hosts=("10.0.0.7",))]
    catalog.observe_use(seen, at=now)
    shown = lines(ORDERS, catalog.consumers([ORDERS])[ORDERS], catalog.looked(), now)
    page = (Path(__file__).parents[3] / "docs/consumers.md").read_text()
    assert "".join(f"    {line}".rstrip() + "\n" for line in shown) in page


def test_a_product_is_shown_with_all_its_versions(mesh, seen):
    out = mesh("sales.orders", "--no-look")[1]
    assert "sales.orders.v1   2 declared" in out
    assert "\n\nsales.orders.v2   0 declared, 0 undeclared   as of 2 min ago\n" in out
    assert "  nobody declares it, and no consumer group was seen" in out


def test_a_product_that_nobody_uses_and_no_look(mesh, catalog):
    assert mesh("sales.quiet", "--no-look")[1].splitlines() == [
        "sales.quiet.v1   0 declared, 0 undeclared   Kafka was never looked at",
        "  nobody declares it, and no consumer group was seen",
    ]


def test_who_was_not_seen_for_long_is_called_idle(mesh, catalog, now):
    catalog.observe_use([use(f"{LOADER}.main")], at=now - timedelta(days=9))
    out = mesh("sales.orders.v1", "--no-look")[1]
    assert "! declared but idle for 9 days: marketing/reports, reports@example.com" in out


def test_a_group_beyond_the_end_and_a_gone_one_say_so(mesh, catalog, now):
    catalog.observe_use([use("a", beyond=True, lag=0), use("b")], at=now)
    catalog.observe_use([use("a", beyond=True, lag=0)], at=now)
    out = mesh("sales.orders.v1", "--no-look")[1]
    assert "unread" not in out
    assert "it was made anew" in out
    assert "b · gone, seen " in out


def test_groups_that_were_not_read_are_counted(mesh, catalog, now):
    catalog.observe_use([use("a")], unread=["b", "c"], at=now)
    out = mesh("sales.orders.v1", "--no-look")[1]
    assert out.splitlines()[0].endswith(", but for 2 unread groups")


def test_undeclared_groups_of_all_products(mesh, seen):
    status, out, _ = mesh("--undeclared", "--no-look")
    assert status == 0
    assert out.splitlines()[0] == ORDERS
    assert "! undeclared: group `test-1`" in out
    assert "reports" not in out
    found = json.loads(mesh("--undeclared", "--no-look", "--json")[1])
    (only,) = found["versions"]
    assert [one["groups"][0]["name"] for one in only["consumers"]] == ["old", "test-1"]


def test_without_undeclared_groups_that_is_said(mesh, catalog):
    status, out, err = mesh("--undeclared", "--no-look")
    assert (status, out) == (0, "")
    assert "no group was seen" in err


def test_json_has_all_of_it(mesh, seen, now):
    found = json.loads(mesh("sales.orders.v1", "--no-look", "--json")[1])
    assert datetime.fromisoformat(found["looked_at"]) == now - timedelta(minutes=2)
    assert found["unknown"] == []
    (only,) = found["versions"]
    assert only["version"] == ORDERS
    idle, reports, old, test = only["consumers"]
    assert (idle["declared"], idle["seen"], idle["idle"], idle["last_seen"]) == (
        True,
        False,
        True,
        None,
    )
    assert (reports["lag"], reports["active"], reports["fields"]) == (0, True, list(FIELDS))
    assert (test["name"], test["declared"], test["principal"]) == ("", False, "admin")
    assert (old["groups"][0]["standing"], old["lag"]) == (False, None)


def test_a_look_that_fails_is_told_and_what_is_known_is_shown(mesh, seen):
    status, out, err = mesh("sales.orders.v1")
    assert status == 0
    assert err.startswith("note: who reads products could not be looked at: ")
    assert "marketing/reports   both" in out
    found = json.loads(mesh("sales.orders.v1", "--json")[1])
    assert len(found["unknown"]) == 1


@pytest.mark.parametrize("name", ["a\x1b[31mb", "größe 注文", "[red]x[/red]", "a\nb", "x" * 300])
def test_groups_may_be_called_anything(mesh, catalog, name, now):
    catalog.observe_use([use(name, client_ids=(name,))], at=now)
    status, out, _ = mesh("sales.orders.v1", "--no-look")
    assert status == 0
    assert "\x1b" not in out
    found = json.loads(mesh("--undeclared", "--no-look", "--json")[1])
    assert found["versions"][0]["consumers"][0]["groups"][0]["name"] == name


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("sales.oders", "--no-look"), "write `sales.orders`"),
        (("sales.orders.v1.order_id", "--no-look"), "is no product"),
        (("--no-look",), "no product is named"),
    ],
)
def test_what_is_no_product_is_refused(mesh, catalog, arguments, said):
    status, out, err = mesh(*arguments)
    assert (status, out) == (2, "")
    assert said in err


def test_a_catalog_that_is_down_is_an_error(mesh, tmp_path, monkeypatch):
    (tmp_path / "mesh.toml").write_text(
        '[mesh]\nname = "shop"\n[environments.local]\nstack = "local"\n'
        'catalog = { url = "postgresql+psycopg://127.0.0.1:1/none" }\n'
    )
    monkeypatch.chdir(tmp_path)
    status, out, err = mesh("sales.orders", "--no-look")
    assert (status, out) == (5, "")
    assert "catalog" in err


def test_show_counts_those_who_would_fill_the_page(catalog, capsys, now):
    catalog.observe_use([use(f"g{number:03}") for number in range(500)], at=now)
    assert run(["show", "sales.orders.v1"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert "500 undeclared: groups `g000`, `g001`," in out
    assert "`g009`, 490 more" in out
    assert "`g010`" not in out


def test_show_names_those_who_use_it(seen, capsys):
    assert run(["show", "sales.orders.v1"]) == 0
    out = " ".join(capsys.readouterr().out.split())
    assert (
        "used by marketing/idle, marketing/reports (postgres), 1 undeclared: group `test-1`" in out
    )
    assert run(["show", "sales.orders.v1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["name"] for one in found["consumers"]] == [
        "marketing/idle",
        "marketing/reports",
        "",
        "",
    ]


def ended(catalog: Catalog) -> None:
    """End access that marketing's loader had to the second version."""
    second = "sales.orders.v2"
    held = AccessRecord("marketing", "loads", second, "sales", "loader", "", State.WITHDRAWN)
    catalog.decide_access([AccessChange(held, None)], who="ann")


def test_who_had_access_before_is_former_and_not_undeclared(mesh, seen, now):
    ended(seen)
    old = replace(use(f"{LOADER}.main", lag=0), asset="sales.orders.v2")
    seen.observe_use([old], at=now)
    out = mesh("sales.orders.v2", "--no-look")[1].splitlines()
    assert out[0].startswith("sales.orders.v2   0 declared, 0 undeclared, 1 former   as of ")
    assert out[1].startswith("  marketing/loads   former     seen ")
    assert not any(line.startswith("  !") for line in out)
    assert "sales.orders.v2" not in mesh("--undeclared", "--no-look")[1]
    seen.observe_use([], at=now)  # its offsets are gone
    assert mesh("sales.orders.v2", "--no-look")[1].splitlines()[1:] == [
        "  nobody declares it, and no consumer group was seen"
    ]


def test_who_reads_on_without_access_is_called_out(mesh, seen, now):
    ended(seen)
    still = replace(use(f"{LOADER}.main", members=1), asset="sales.orders.v2")
    seen.observe_use([still], at=now)
    out = mesh("sales.orders.v2", "--no-look")[1]
    assert (
        "  ! marketing/loads has no access any more, but is seen: group `mesh.marketing.lo" in out
    )
    assert "marketing/loads" in mesh("--undeclared", "--no-look")[1]
