"""What companies put before a registry: TLS with their own authority, and a login."""

from __future__ import annotations

import base64
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

import httpx

from tests.integration.foreign.certificates import Certificates

USER, PASSWORD = "mesh", "a p@ssword: of the registry"


class Front:
    """Hands requests on to `behind` when they come with the login."""

    def __init__(self, behind: str, certificates: Certificates) -> None:
        parts = urlsplit(behind)
        base, self.path = f"http://{parts.netloc}", parts.path
        expected = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                if self.headers.get("Authorization") != f"Basic {expected}":
                    self.answer(401, b'{"error_code": 401, "message": "Unauthorized"}')
                    return
                kept = {"Content-Type": self.headers.get("Content-Type", "application/json")}
                done = httpx.request(
                    self.command, base + self.path, content=body, headers=kept, trust_env=False
                )
                self.answer(done.status_code, done.content)

            do_GET = do_POST = do_PUT = do_DELETE = handle_any  # noqa: N815

            def answer(self, status: int, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificates.server)
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )

    @property
    def address(self) -> str:
        return f"https://127.0.0.1:{self._server.server_port}"

    @property
    def url(self) -> str:
        return self.address + self.path

    def __enter__(self) -> Front:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
