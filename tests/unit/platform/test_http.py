from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from streammesh.errors.platform import (
    ActionRefused,
    AnotherSystem,
    LoginFailed,
    RequestFailed,
    SettingWrong,
    TlsFailed,
)
from streammesh.platform.http import HttpClient, Request
from streammesh.platform.settings import HttpSettings

READ = Request("GET", "/thing", "read the thing", patience=3.0)


class Server:
    """Answers with what the test has put into `answers`, in order, the last one for ever."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, object]] = [(200, {})]
        self.seen: list[dict[str, str]] = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                owner.seen.append(dict(self.headers))
                left = owner.answers
                status, content = left.pop(0) if len(left) > 1 else left[0]
                body = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}"


@pytest.fixture
def server() -> Iterator[Server]:
    started = Server()
    threading.Thread(target=started.http.serve_forever, args=(0.01,), daemon=True).start()
    yield started
    started.http.shutdown()
    started.http.server_close()


def client(server: Server, *login: str) -> HttpClient:
    return HttpClient("the system", HttpSettings(server.url, *login))


@pytest.mark.parametrize(
    ("status", "content"),
    [
        (200, b"<html>a page</html>"),
        (404, b"nothing here"),
        (404, {"error_code": 404, "message": "HTTP 404 Not Found"}),
        (404, {"title": "RESTEASY003210: Could not find resource"}),
    ],
)
def test_what_is_another_system_is_told(server, status, content):
    server.answers = [(status, content)]
    accepting = Request("GET", "/thing", "read", accept=frozenset({404}))
    with pytest.raises(AnotherSystem, match="is not the system") as failure:
        client(server).send(accepting)
    assert str(status) in failure.value.why


def test_a_file_without_certificates_is_no_authority(tmp_path):
    (tmp_path / "ca.pem").write_text("no certificate")
    settings = HttpSettings("https://127.0.0.1:1", ssl_ca=str(tmp_path / "ca.pem"))
    with pytest.raises(SettingWrong, match="certificates"):
        HttpClient("the system", settings)


def test_an_answer_is_given_with_the_login_sent(server):
    server.answers = [(200, {"a": 1})]
    assert client(server, "jo", "s3cret").send(READ).json() == {"a": 1}
    assert server.seen[0]["Authorization"].startswith("Basic ")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_what_passes_by_itself_is_tried_again(server, status):
    server.answers = [(status, {}), (status, {}), (200, {"a": 1})]
    assert client(server).send(READ).json() == {"a": 1}
    assert len(server.seen) == 3


def test_patience_ends(server):
    server.answers = [(503, {"message": "starting"})]
    with pytest.raises(RequestFailed, match="the system could not read the thing") as failure:
        client(server).send(Request("GET", "/thing", "read the thing", patience=0.5))
    assert failure.value.why == "starting"
    assert len(server.seen) > 1


def test_a_refusal_is_not_tried_again(server):
    server.answers = [(409, {"message": "no"})]
    with pytest.raises(RequestFailed):
        client(server).send(READ)
    assert len(server.seen) == 1


def test_a_callers_own_statuses_are_tried_again_or_given_back(server):
    server.answers = [(409, {}), (404, {"error_code": 404, "message": "gone"})]
    request = Request("GET", "/", "x", accept=frozenset({404}), retry=frozenset({409}))
    assert client(server).send(request).status_code == 404


@pytest.mark.parametrize(("status", "error"), [(401, LoginFailed), (403, ActionRefused)])
def test_missing_rights_are_named_without_the_password(server, status, error):
    server.answers = [(status, {"message": "denied"})]
    with pytest.raises(error, match="jo") as failure:
        client(server, "jo", "s3cret").send(READ)
    assert "s3cret" not in str(failure.value.as_dict())


@pytest.mark.parametrize(
    ("content", "why"),
    [({"detail": "words"}, "words"), (b"<html>", "HTTP 400 <html>"), ([1], "HTTP 400 [1]")],
)
def test_a_refusal_is_put_in_the_servers_words(server, content, why):
    server.answers = [(400, content)]
    with pytest.raises(RequestFailed) as failure:
        client(server).send(READ)
    assert failure.value.why == why


def test_a_server_without_tls_is_named(server):
    secure = HttpClient("the system", HttpSettings(server.url.replace("http:", "https:")))
    with pytest.raises(TlsFailed):
        secure.send(READ)
