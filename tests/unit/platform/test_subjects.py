"""All subjects are read, however many of them a registry gives at a time."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from streammesh.platform import confluent_registry
from streammesh.platform.confluent_registry import ConfluentRegistry
from streammesh.platform.settings import HttpSettings

SUBJECTS = [f"sales.orders{number}.v1-value" for number in range(25)]
Page = Callable[[int, int], list[str]]


def by_page(offset: int, limit: int) -> list[str]:
    return SUBJECTS[offset : offset + limit]


def by_ten_at_most(offset: int, limit: int) -> list[str]:
    return SUBJECTS[offset : offset + min(limit, 10)]


def all_at_once(offset: int, limit: int) -> list[str]:
    return SUBJECTS


@pytest.fixture
def serve() -> Iterator[Callable[[Page], str]]:
    """Give what starts a registry, and its address."""
    servers = []

    def start(page: Page) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked = parse_qs(urlsplit(self.path).query)
                found = page(int(asked["offset"][0]), int(asked["limit"][0]))
                body = json.dumps(found).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield start
    for one in servers:
        one.shutdown()
        one.server_close()


@pytest.mark.parametrize("page", [by_page, by_ten_at_most, all_at_once])
@pytest.mark.parametrize("limit", [7, 25, 10_000])
def test_all_are_read(serve, monkeypatch, page: Page, limit: int) -> None:
    monkeypatch.setattr(confluent_registry, "PAGE", limit)
    registry = ConfluentRegistry(HttpSettings(serve(page)))
    assert registry.subjects() == frozenset(SUBJECTS)
    assert registry.subjects("sales.orders2") == frozenset(
        one for one in SUBJECTS if one.startswith("sales.orders2")
    )
