"""Serving metrics over HTTP: one page, read only."""

from __future__ import annotations

import socket
import threading
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from streammesh.errors.observability import MetricsAddressTaken, MetricsExtraMissing
from streammesh.observability.addresses import PATH, Address

try:
    from prometheus_client import CollectorRegistry
    from prometheus_client.exposition import choose_encoder
except ModuleNotFoundError as error:
    raise MetricsExtraMissing from error

REQUEST_SECONDS = 10.0
"""How long a client may take for its request."""


class MetricsServer:
    """Answers GET /metrics, in threads of its own."""

    def __init__(self, where: Address, registry: CollectorRegistry) -> None:
        """Listen; `start` answers.

        Raises:
            MetricsAddressTaken: nothing can listen there.
        """
        family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
        server = type("_Server", (ThreadingHTTPServer,), {"address_family": family})
        try:
            self._server = server((where.host, where.port), partial(_Handler, registry))
        except (OSError, UnicodeError) as error:
            why = getattr(error, "strerror", None) or str(error)
            raise MetricsAddressTaken(address=str(where), why=why) from error
        self._server.daemon_threads = True
        self.address = Address(where.host, self._server.server_address[1])
        self._thread = threading.Thread(
            target=self._server.serve_forever, name="metrics", daemon=True
        )

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """End, and give the port back."""
        self._server.shutdown()
        self._server.server_close()


class _Handler(BaseHTTPRequestHandler):
    server_version, sys_version = "streammesh", ""
    timeout = REQUEST_SECONDS

    def __init__(self, registry: CollectorRegistry, *arguments: Any) -> None:
        self._registry = registry
        super().__init__(*arguments)

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path == PATH:
            encode, content_type = choose_encoder(self.headers.get("Accept", ""))
            self._answer(HTTPStatus.OK, encode(self._registry), content_type)
        elif path == "/":
            self._say(HTTPStatus.OK, f"streammesh engine; its metrics are at {PATH}")
        else:
            self._say(HTTPStatus.NOT_FOUND, f"nothing here; metrics are at {PATH}")

    def _refuse(self) -> None:
        # what the client goes on to send is not read
        self.close_connection = True
        self._say(HTTPStatus.METHOD_NOT_ALLOWED, "metrics are only read: GET or HEAD")

    do_HEAD = do_GET  # noqa: N815 - the base class calls them so
    do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _refuse  # noqa: N815

    def _say(self, status: HTTPStatus, text: str) -> None:
        self._answer(status, f"{text}\n".encode(), "text/plain; charset=utf-8")

    def _answer(self, status: HTTPStatus, body: bytes, content_type: str) -> None:
        self.send_response(status)
        if status is HTTPStatus.METHOD_NOT_ALLOWED:
            self.send_header("Allow", "GET, HEAD")
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing: scrapes come every few seconds."""
