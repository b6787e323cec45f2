"""What is wrong with an environment is said at its place in mesh.toml, and soon."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.integration.foreign.certificates import make_certificates
from tests.integration.foreign.company import Company
from tests.integration.foreign.servers import ADMIN, Servers, admin_rights

pytestmark = [pytest.mark.real, pytest.mark.slow, pytest.mark.timeout(600)]

SECONDS = 25.0
"""How long a plan may take to say it, on a machine that has other things to do as well."""

Changes = dict[str, dict[str, str | None]]


@pytest.fixture(scope="module", autouse=True)
def wrong(company: Company) -> Iterator[Company]:
    """Give the company, whose own settings are right again in the end."""
    company.servers.put_user(ADMIN)
    company.servers.allow(admin_rights("library."))
    other = make_certificates(company.root.parent / "other").authority.read_text()
    (company.root / "certificates" / "other.pem").write_text(other)
    (company.root / "certificates" / "empty.pem").write_text("no certificate\n")
    yield company
    company.write_mesh()


def kafka(**keys: str | None) -> Changes:
    return {"kafka": keys}


def plain(servers: Servers, address: str) -> Changes:
    """Log in as the owner of the cluster, without TLS."""
    info = servers.info
    return kafka(
        bootstrap_servers=address,
        security_protocol="SASL_PLAINTEXT",
        sasl_mechanism="SCRAM-SHA-256",
        username=info.admin_username,
        password="${OWNER_PASSWORD}",
        ssl_ca=None,
    )


Case = tuple[Callable[[Servers], Changes], str, str, str]

CASES: dict[str, Case] = {
    "another mechanism": (
        lambda _: kafka(sasl_mechanism="SCRAM-SHA-256"),
        "SettingWrong",
        "sasl_mechanism",
        "SCRAM-SHA-512",
    ),
    "no TLS at a TLS listener": (
        lambda _: kafka(security_protocol="SASL_PLAINTEXT", ssl_ca=None),
        "WrongProtocol",
        "security_protocol",
        "SASL_SSL",
    ),
    "TLS at a listener without": (
        lambda servers: kafka(bootstrap_servers=servers.info.bootstrap_servers),
        "TlsFailed",
        "security_protocol",
        "SASL_PLAINTEXT",
    ),
    "an authority that nobody knows": (
        lambda _: kafka(ssl_ca=None),
        "TlsFailed",
        "security_protocol",
        "ssl_ca",
    ),
    "another authority": (
        lambda _: kafka(ssl_ca="certificates/other.pem"),
        "TlsFailed",
        "ssl_ca",
        "ssl_ca",
    ),
    "a file that is no certificate": (
        lambda _: kafka(ssl_ca="certificates/empty.pem"),
        "SettingWrong",
        "ssl_ca",
        "",
    ),
    "a file that is not there": (
        lambda _: kafka(ssl_ca="certificates/none.pem"),
        "SettingWrong",
        "ssl_ca",
        "",
    ),
    "brokers that name another address": (
        lambda servers: plain(servers, servers.far),
        "BrokerUnreachable",
        "bootstrap_servers",
        "advertised.listeners",
    ),
    "a login where none is wanted by name": (
        lambda servers: kafka(
            bootstrap_servers=servers.info.bootstrap_servers, security_protocol="PLAINTEXT"
        ),
        "WrongProtocol",
        "security_protocol",
        "SASL_PLAINTEXT",
    ),
    "nobody there": (
        lambda _: kafka(bootstrap_servers="127.0.0.1:9"),
        "Unreachable",
        "bootstrap_servers",
        "",
    ),
    "no such host": (
        lambda _: kafka(bootstrap_servers="kafka.invalid:9092"),
        "Unreachable",
        "bootstrap_servers",
        "",
    ),
    "a registry's other path": (
        lambda servers: {"registry": {"url": servers.registry.address + "/apis"}},
        "AnotherSystem",
        "url",
        "/apis/ccompat/v7",
    ),
    "a registry that doesn't know us": (
        lambda _: {"registry": {"username": "nobody"}},
        "LoginFailed",
        "username",
        "",
    ),
    "a registry without TLS": (
        lambda servers: {"registry": {"url": servers.registry.url.replace("https", "http")}},
        "Unreachable",
        "url",
        "",
    ),
    "a registry of an unknown authority": (
        lambda _: {"registry": {"ssl_ca": None}},
        "TlsFailed",
        "url",
        "ssl_ca",
    ),
    "a registry that is down": (
        lambda _: {"registry": {"url": "https://127.0.0.1:9"}},
        "Unreachable",
        "url",
        "",
    ),
    "a registry where Connect should be": (
        lambda servers: {"connect": {"url": servers.info.registry_url}},
        "AnotherSystem",
        "url",
        "Connect's REST API",
    ),
    "TLS where Connect has none": (
        lambda servers: {"connect": {"url": servers.info.connect_url.replace("http", "https")}},
        "TlsFailed",
        "url",
        "http://",
    ),
    "Connect is down": (
        lambda _: {"connect": {"url": "http://127.0.0.1:9"}},
        "Unreachable",
        "url",
        "",
    ),
}


def errors(company: Company) -> list[dict[str, Any]]:
    began = time.monotonic()
    found = company.problems()
    assert time.monotonic() - began < SECONDS
    return found


@pytest.mark.parametrize("name", CASES)
def test_a_plan_says_what_is_wrong_and_where(company: Company, name: str) -> None:
    change, error, key, fix = CASES[name]
    changes = change(company.servers)
    company.terminal.variables["OWNER_PASSWORD"] = company.servers.info.admin_password
    company.write_mesh(changes)
    every = errors(company)
    print(json.dumps(every, indent=1))
    [found] = every
    assert found["error"] == error
    assert place(company, found["where"]) == key
    assert fix in f"{found['what']} {found['fix']}"


def place(company: Company, where: str) -> str:
    """Give the key that stands at a place of mesh.toml."""
    file, line, column = where.split(":")
    assert file == "mesh.toml"
    text = (company.root / file).read_text().splitlines()[int(line) - 1]
    return text[int(column) - 1 :].split(" =")[0]


def test_a_wrong_password_is_never_repeated(company: Company) -> None:
    company.write_mesh()
    own = company.terminal.variables
    right, own["KAFKA_PASSWORD"] = own["KAFKA_PASSWORD"], "a-wrong-password"
    try:
        done = company.terminal.mesh("plan")
    finally:
        own["KAFKA_PASSWORD"] = right
    assert done.status == 5
    assert "refused the login" in done.err
    assert "a-wrong-password" not in done.out + done.err


def test_more_replicas_than_brokers_are_refused(company: Company) -> None:
    company.write_mesh({"": {"topic_defaults": "{ replication_factor = 3 }"}})
    assert "TooFewBrokers" in [one["error"] for one in errors(company)]


def test_all_systems_are_told_at_once(company: Company) -> None:
    nobody = "127.0.0.1:9"
    company.write_mesh(
        {
            "kafka": {"bootstrap_servers": nobody},
            "registry": {"url": f"https://{nobody}"},
            "connect": {"url": f"http://{nobody}"},
        }
    )
    found = errors(company)
    assert [one["error"] for one in found] == ["Unreachable"] * 3
    assert len({one["where"] for one in found}) == 3
