"""What a running engine shows, on the real stack: lines, metrics, traces and `mesh status`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from streammesh.errors import ExitCode
from streammesh.observability.standing import standings
from tests.integration.engine.world import World

pytest.importorskip("prometheus_client")
pytest.importorskip("opentelemetry.exporter.otlp.proto.http")

from prometheus_client.parser import text_string_to_metric_families

from bench.collector import Collector, collecting

ENVIRONMENT = """
[environments.there]
kafka = {{ bootstrap_servers = "{kafka}", security_protocol = "{protocol}", \
sasl_mechanism = "{mechanism}", username = "${{TEST_USER}}", password = "${{TEST_PASSWORD}}" }}
registry = {{ url = "{registry}" }}
connect = {{ url = "{connect}", secrets = "${{file:/nowhere:NAME}}" }}
"""


def status(world: World, folder: Path) -> tuple[int, dict[str, Any]]:
    """Ask `mesh status` as on a machine that has the workspace and the engine, and no stack."""
    environ = os.environ | {
        "TEST_USER": str(world.admin.username),
        "TEST_PASSWORD": str(world.admin.password),
        "MESH_STATE_DIR": str(folder),
        "SHOP_DATABASE_URL": world.shop.url,
    }
    command = [sys.executable, "-m", "streammesh.cli.main", "status", "--env", "there", "--json"]
    done = subprocess.run(
        command, cwd=world.shop.root, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode in {0, 3}, done.stderr
    assert str(world.admin.password) not in done.stdout + done.stderr
    return done.returncode, json.loads(done.stdout)


def own(world: World, found: dict[str, Any]) -> dict[str, Any]:
    """Pick this test's source: others use the same Kafka."""
    name = f"{world.shop.domain}.shop"
    return next(one for one in found["sources"] if one["source"] == name)


def metrics(url: str) -> dict[str, float]:
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(httpx.get(url).text):
        for one in family.samples:
            found[one.name] = found.get(one.name, 0) + one.value
    return found


def describe(world: World) -> None:
    info = world.shop.stack.info()
    text = ENVIRONMENT.format(
        kafka=info.bootstrap_servers,
        protocol=info.security_protocol,
        mechanism=info.sasl_mechanism,
        registry=info.registry_url,
        connect=info.connect_url,
    )
    with (world.shop.root / "mesh.toml").open("a") as file:
        file.write(text)


def test_a_running_engine_is_seen_from_everywhere(world: World) -> None:
    describe(world)
    state = world.folder / "state"
    with collecting() as collector:
        engine = world.start_engine(
            more={
                "MESH_METRICS": "0",
                "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url,
                "OTEL_TRACES_SAMPLER": "always_on",
            }
        )
        world.wait_live()
        world.work(30)
        world.check()

        def told() -> bool:
            its = own(world, status(world, state)[1])["engine"]
            return its is not None and its["doing"] == "following"

        world.wait(told, 40)
        seen = own(world, status(world, state)[1])
        assert (seen["state"], seen["capture"]) == ("following", "RUNNING")
        assert seen["slot"]["active"]
        assert {one["status"] for one in seen["products"]} == {"live"}
        assert seen["engine"]["pid"] == engine.pid
        found = metrics(seen["engine"]["metrics"])
        events = sum(one["engine"]["events"] for one in seen["products"])
        assert found["streammesh_events_total"] == events > 30
        assert found["streammesh_delay_seconds_count"] >= 20
        assert found["streammesh_documents_total"] == sum(
            found[f"streammesh_{name}_total"]
            for name in ("events", "unchanged", "filtered", "quarantined")
        )
        world.stop_engines()
        check_traces(collector)
    check_lines(world)
    check_stopped(world, state)


def check_traces(collector: Collector) -> None:
    roots = [span for span in collector.spans if not span.parent_span_id]
    assert len(roots) >= 20
    assert len(collector.spans) == 7 * len(roots)
    for span in roots:
        assert 0 < span.end_time_unix_nano - span.start_time_unix_nano < 60e9


def check_lines(world: World) -> None:
    text = world.log.read_text()
    assert f"source={world.shop.domain}.shop " in text
    assert f"product={world.shop.domain}.orders.v1 " in text
    assert "delay_p99_ms=" in text
    assert str(world.admin.password) not in text


def check_stopped(world: World, state: Path) -> None:
    world.work(3)
    # for some seconds it could be heartbeats that an engine holds
    world.wait(lambda: own(world, status(world, state)[1])["state"] == "standing", 60)
    code, found = status(world, state)
    seen = own(world, found)
    assert (code, seen["state"], seen["engine"]) == (ExitCode.CHECK_SAID_NO, "standing", None)
    assert seen["lag_records"] > 0
    deployments = world.shop.platform.deployments.read()
    mine = {k: v for k, v in deployments.items() if v.domain == world.shop.domain}
    (standing,) = standings(mine, world.streams)
    assert standing.state == "standing"
    world.start_engine()
    world.wait(lambda: standings(mine, world.streams)[0].state == "following", 40)
    world.stop_engines()
