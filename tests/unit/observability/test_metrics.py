"""Metrics over HTTP: what is served is what docs/metrics.md lists, and bad requests do no harm."""

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

pytest.importorskip("prometheus_client")

from prometheus_client.parser import text_string_to_metric_families

from streammesh.errors.observability import MetricsAddressTaken, MetricsAddressWrong
from streammesh.observability.addresses import Address, address
from streammesh.observability.metrics import registry
from streammesh.observability.metrics_server import MetricsServer
from tests.unit.observability.engines import TOPIC, busy

DOCUMENT = Path(__file__).parents[3] / "docs" / "metrics.md"
LABELS = {"source": "sales.shop", "product": TOPIC}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[MetricsServer]:
    made = MetricsServer(address("0"), registry("sales.shop", busy(), tmp_path / "x.sqlite"))
    made.start()
    yield made
    made.stop()


def samples(server: MetricsServer) -> dict[str, dict[tuple[tuple[str, str], ...], float]]:
    answer = httpx.get(server.address.url)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/plain")
    found: dict[str, dict[tuple[tuple[str, str], ...], float]] = {}
    for family in text_string_to_metric_families(answer.text):
        for one in family.samples:
            found.setdefault(one.name, {})[tuple(sorted(one.labels.items()))] = one.value
    return found


def test_the_figures_of_a_product(server: MetricsServer) -> None:
    found = samples(server)
    labels = tuple(sorted(LABELS.items()))
    values = {
        name: found[f"streammesh_{name}_total"][labels]
        for name in ("documents", "events", "unchanged", "filtered", "quarantined")
    }
    assert values == {
        "documents": 103,
        "events": 100,
        "unchanged": 1,
        "filtered": 1,
        "quarantined": 1,
    }
    assert found["streammesh_delay_seconds_count"][labels] == 100
    assert found["streammesh_delay_seconds_sum"][labels] == pytest.approx(4.0)
    below = {dict(k)["le"]: v for k, v in found["streammesh_delay_seconds_bucket"].items()}
    assert (below["0.03"], below["0.04"], below["+Inf"]) == (0, 100, 100)


def test_the_figures_of_a_source(server: MetricsServer) -> None:
    found = samples(server)
    labels = (("source", "sales.shop"),)
    assert found["streammesh_changes_total"][labels] == 50
    assert found["streammesh_lag_records"][labels] == 3
    assert found["streammesh_position_lsn"][labels] == 0x4A3F2C8
    assert found["streammesh_kafka_transaction_seconds_count"][labels] == 2
    phases = {dict(k)["phase"]: v for k, v in found["streammesh_phase"].items()}
    assert [name for name, value in phases.items() if value] == ["following"]


def test_the_document_lists_exactly_what_is_served(server: MetricsServer) -> None:
    families = text_string_to_metric_families(httpx.get(server.address.url).text)
    served = {
        f"{one.name}_total" if one.type == "counter" else one.name
        for one in families
        if one.name.startswith("streammesh_")
    }
    listed = set(re.findall(r"^\| `(streammesh_\w+)`", DOCUMENT.read_text(), re.MULTILINE))
    assert served == listed


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("HEAD", "/metrics", 200),
        ("GET", "/metrics?name[]=x", 200),
        ("GET", "/metrics/../../etc/passwd", 404),
        ("GET", "/" + "x" * 5_000, 404),
        ("POST", "/metrics", 405),
        ("DELETE", "/metrics", 405),
        ("BREW", "/metrics", 501),
    ],
)
def test_other_requests_are_answered(
    server: MetricsServer, method: str, path: str, status: int
) -> None:
    with httpx.Client() as client:
        answer = client.request(method, server.address.url.removesuffix("/metrics") + path)
    assert answer.status_code == status
    assert "Python" not in answer.headers["server"]
    if method == "HEAD":
        assert answer.content == b""


@pytest.mark.parametrize("garbage", [b"\x00\xff\n\n", b"GET\r\n\r\n", b"G" * 70_000 + b"\r\n\r\n"])
def test_garbage_ends_nothing(server: MetricsServer, garbage: bytes) -> None:
    with socket.create_connection((server.address.host, server.address.port)) as one:
        one.sendall(garbage)
    assert httpx.get(server.address.url).status_code == 200


def test_an_address_that_is_taken_is_told(server: MetricsServer, tmp_path: Path) -> None:
    with pytest.raises(MetricsAddressTaken, match=str(server.address.port)):
        MetricsServer(server.address, registry("sales.shop", busy(), tmp_path / "x.sqlite"))


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("9464", Address("127.0.0.1", 9464)),
        ("0.0.0.0:9464", Address("0.0.0.0", 9464)),
        ("[::1]:9464", Address("::1", 9464)),
        ("host.example:1", Address("host.example", 1)),
    ],
)
def test_addresses(text: str, where: Address) -> None:
    assert address(text) == where


@pytest.mark.parametrize(
    "text", ["", "x", "99999", ":9464", "1.2.3.4:", "a b:1", "http://a:1", "-1", "٣"]
)
def test_what_is_no_address(text: str) -> None:
    with pytest.raises(MetricsAddressWrong):
        address(text)
