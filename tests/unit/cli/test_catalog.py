"""The catalog's commands, on a catalog that was told of the example's products."""

from __future__ import annotations

import json
import shutil
import socket
import threading
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.registering import registration
from streammesh.catalog.samples import Sample
from streammesh.cli.main import run
from streammesh.cli.sampling import GIVE_UP_SECONDS, _within, lines
from streammesh.documents.names import Names
from streammesh.documents.values import ProductName
from streammesh.documents.workspace import load
from streammesh.planning.wanting.build import build_all
from tests.unit.catalog.test_registering import TABLES

SHOP = Path(__file__).parents[3] / "examples" / "shop"
SUBSCRIPTION = """apiVersion: streammesh/v1
kind: Subscription
name: towns
consumer: map
product: sales.orders
version: 1
purpose: A map of orders
fields: [customer.city]
contact: { email: maps@example.com }
deliver: { to: postgres, url: "${MAP_URL}", table: orders }
"""


@pytest.fixture(autouse=True, scope="module")
def shop(tmp_path_factory) -> Path:
    """Give a workspace whose catalog knows what stands in its files."""
    root = tmp_path_factory.mktemp("mesh") / "shop"
    shutil.copytree(SHOP, root, ignore=shutil.ignore_patterns(".mesh"))
    folder = root / "domains/sales/subscriptions"
    folder.mkdir()
    (folder / "towns.subscription.yaml").write_text(SUBSCRIPTION)
    workspace, names = load(root), Names()
    built, _ = build_all(workspace, names, TABLES)
    ports = [one.port for one in built]
    models = {
        ProductName(port.domain, port.product, port.name, port.major): one.model
        for port, one in zip(ports, built, strict=True)
    }
    catalog = Catalog.open(f"sqlite:///{root}/.mesh/catalog/local.db")
    catalog.record(registration(workspace, names, models, TABLES), who="ann", commit="")
    catalog.close()
    return root


@pytest.fixture
def mesh(shop, monkeypatch, capsys):
    monkeypatch.chdir(shop)

    def typed(*arguments: str) -> tuple[int, str, str]:
        status = run(list(arguments))
        said = capsys.readouterr()
        return status, said.out, said.err

    return typed


def test_search_forgives_typing_errors(mesh):
    status, out, _ = mesh("search", "oders")
    assert status == 0
    assert out.splitlines()[1].startswith("sales.orders")
    found = json.loads(mesh("search", "custmers", "--json")[1])
    assert (found[0]["product"], found[0]["team"]) == ("customers", "Sales platform")


def test_search_says_when_nothing_is_found(mesh):
    assert mesh("search", "xyzzyq") == (0, "", "nothing in the catalog is like that\n")
    assert mesh("search", "xyzzyq", "--json")[1] == "[]\n"
    assert mesh("search", "[red]'; DROP TABLE products; --")[0] == 0


def test_show_says_what_a_consumer_asks(mesh):
    status, out, _ = mesh("show", "sales.orders")
    assert status == 0
    assert max(map(len, out.splitlines())) <= 100
    for text in (
        "active · gold · tier 1 · v1.0.0",
        "One document per order",
        "Sales platform · sales-data@example.com",
        "24x7 · tel:+49-30-5550100",
        "latency 5 s · retention unlimited",
        "order_id*",
        "EUR · internal · Quantity times price.",
        "confidential",
        "sales.shop.public.order_lines",
        "\nread it   `mesh consume sales.orders.v1 -n 1` shows an event; a subscription asks for",
    ):
        assert text in out


def test_show_as_json_has_all_of_it(mesh):
    found = json.loads(mesh("show", "sales.orders.v1", "--json")[1])
    assert (found["asset"], found["topic"]) == ("sales.orders.v1", "sales.orders.v1")
    assert found["product"]["support"][0]["tool"] == "slack"
    assert len(found["fields"]) == 11


def test_a_sample_is_made_of_the_contract_where_no_kafka_answers(mesh):
    out = mesh("show", "sales.orders")[1]
    assert "sample    made of the contract, not real: the local stack of this workspace" in out
    assert '"name": "<confidential>"' in out
    assert "not real: the topic was not looked at" in mesh("show", "sales.orders", "--no-look")[1]
    found = json.loads(mesh("show", "sales.orders", "--json")[1])["sample"]
    assert (found["source"], found["event"]["key"]) == ("contract", {"order_id": 1})
    assert found["event"]["value"]["customer"]["name"] == "<confidential>"
    assert found["event"]["value"]["lines"][0]["amount"] == "1.00"


def test_servers_that_are_silent_hold_nobody_up(mesh, shop, monkeypatch):
    """A firewall that swallows everything: nobody refuses, and nobody answers."""
    catalog = f"sqlite:///{shop}/.mesh/catalog/local.db"
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"127.0.0.1:{silent.getsockname()[1]}"
        (shop / "mesh.toml").write_text(
            (shop / "mesh.toml").read_text()
            + f"""
[environments.silent]
kafka = {{ bootstrap_servers = "{address}", security_protocol = "PLAINTEXT" }}
registry = {{ url = "http://{address}" }}
connect = {{ url = "http://{address}" }}
catalog = {{ url = "{catalog}" }}
"""
        )
        monkeypatch.setenv("MESH_ENV", "silent")
        began = time.monotonic()
        status, out, err = mesh("show", "sales.orders")
        took = time.monotonic() - began
    assert (status, err) == (0, "")
    assert "sample    made of the contract, not real: " in out
    assert took < GIVE_UP_SECONDS + 1


def test_a_registry_that_is_silent_holds_nobody_up():
    event = threading.Event()
    with pytest.raises(TimeoutError):
        _within(0.05, lambda: event.wait(10) and None)
    event.set()


def test_a_long_event_is_cut_and_says_so():
    event = Sample(
        "contract", "x", {"key": {"a": 1}, "value": [str(one) * 60 for one in range(90)]}
    )
    shown = list(lines(event, datetime.now(UTC)))
    assert shown[:2] == ["made of the contract, not real: x", 'key {"a": 1}']
    assert shown[-1] == "… and 52 lines more, with --json"
    assert max(map(len, shown)) <= 90


def test_show_takes_products_alone(mesh):
    for name in ("sales.orders.status", "sales.shop", "sales/towns"):
        status, _, err = mesh("show", name)
        assert status == 2
        assert "is no product" in err


def test_lineage_goes_both_ways(mesh):
    status, out, _ = mesh("lineage", "sales.orders.customer.city")
    assert status == 0
    assert out.splitlines() == [
        "sales.orders.v1.customer.city   product",
        "from",
        "  sales.orders.v1.customer.city",
        "    ← sales.shop.public.cities.name",
        "to",
        "  sales/towns.customer.city",
        "    ← sales.orders.v1.customer.city",
    ]
    found = json.loads(mesh("lineage", "sales/towns", "--json")[1])
    origins = {(one["from"]["kind"], one["from"]["part"]) for one in found["upstream"]}
    assert origins == {("product", "customer.city"), ("source database", "name")}
    assert found["downstream"] == []


def test_impact_names_those_affected_and_how_to_reach_them(mesh):
    out = mesh("impact", "sales.shop.public.cities.name")[1]
    assert "sales.customers.v1   city" in out
    assert "sales.orders.v1   customer.city" in out
    assert "sales/towns   map   customer.city" in out
    assert "maps@example.com" in out
    assert "nobody that the catalog knows of" in mesh("impact", "sales.orders.status")[1]
    found = json.loads(mesh("impact", "sales.shop.public.orders", "--json")[1])
    assert {one["asset"] for one in found["versions"]} == {"sales.orders.v1", "sales.customers.v1"}


@pytest.mark.parametrize("command", ["show", "lineage", "impact"])
def test_what_is_not_there_names_the_nearest(mesh, command):
    status, out, err = mesh(command, "sales.oders")
    assert (status, out) == (2, "")
    assert "write `sales.orders`" in err
