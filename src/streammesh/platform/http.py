"""HTTP with patience: what passes by itself is tried again for a bounded time."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from time import monotonic, sleep
from typing import Any

import httpx

from streammesh.errors import MeshError
from streammesh.errors.platform import (
    ActionRefused,
    LoginFailed,
    RequestFailed,
    TlsFailed,
    TooSlow,
    Unreachable,
)
from streammesh.platform.settings import HttpSettings

REQUEST_SECONDS = 10.0
"""How long one attempt may take."""

PATIENCE_SECONDS = 8.0
"""How long what may pass by itself is tried again, counted from the first attempt."""

FIRST_CONNECTION_SECONDS = 3.0
"""How long a connection is tried when there never was one."""

_PASSING = frozenset({429, 500, 502, 503, 504})


@dataclass(frozen=True)
class Request:
    """A request that is safe to repeat.

    Attributes:
        method: GET, PUT, POST or DELETE.
        path: below the base address, its parts quoted.
        action: what it is to do, for errors, such as "read subject `x`".
        body: sent as JSON; None sends nothing.
        accept: statuses over 399 that the caller understands and gets as an answer.
        retry: further statuses that may pass by themselves.
        patience: seconds for which it is tried again.
    """

    method: str
    path: str
    action: str
    body: object = None
    accept: frozenset[int] = frozenset()
    retry: frozenset[int] = frozenset()
    patience: float = PATIENCE_SECONDS


class HttpClient:
    """Requests to one system."""

    def __init__(self, system: str, settings: HttpSettings) -> None:
        """Prepare a client; the connection is made by the first request.

        Args:
            system: what errors call it.
            settings: where it is.
        """
        self._system = system
        self._settings = settings
        self._connected = False
        auth = (settings.username, settings.password) if settings.username else None
        self._client = httpx.Client(
            base_url=settings.url,
            auth=auth,
            timeout=httpx.Timeout(REQUEST_SECONDS, connect=5.0),
            trust_env=not _is_loopback(settings.url),  # no proxy between us and ourselves
            headers={"Accept": "application/json"},
        )

    def send(self, request: Request) -> httpx.Response:
        """Send a request, again while it fails in a way that may pass.

        Raises:
            MeshError: Unreachable, TlsFailed, LoginFailed, ActionRefused, TooSlow, RequestFailed.
        """
        started, pause = monotonic(), 0.1
        while True:
            answer = self._attempt(request)
            if isinstance(answer, httpx.Response):
                self._connected = True
                status = answer.status_code
                if status < 400 or status in request.accept:
                    return answer
                passing = status in _PASSING or status in request.retry
                error = self._refusal(answer, request.action)
            else:
                passing, error = not isinstance(answer, TlsFailed), answer
            patience = request.patience if self._connected else FIRST_CONNECTION_SECONDS
            if not passing or monotonic() + pause > started + patience:
                raise error
            sleep(pause)
            pause = min(2 * pause, 2.0)

    def _attempt(self, request: Request) -> httpx.Response | MeshError:
        try:
            return self._client.request(request.method, request.path, json=request.body)
        except httpx.ReadTimeout:
            action = request.action
            return TooSlow(system=self._system, seconds=REQUEST_SECONDS, action=action)
        except httpx.TransportError as error:
            return self._no_connection(error)

    def _no_connection(self, error: httpx.TransportError) -> MeshError:
        address, why = self._settings.url, str(error) or type(error).__name__
        if _is_tls(error):
            return TlsFailed(system=self._system, address=address, why=why)
        return Unreachable(system=self._system, address=address, why=why)

    def _refusal(self, answer: httpx.Response, action: str) -> MeshError:
        user, address = self._settings.username or "anonymous", self._settings.url
        if answer.status_code == 401:
            return LoginFailed(system=self._system, address=address, user=user)
        if answer.status_code == 403:
            return ActionRefused(system=self._system, user=user, action=action)
        return RequestFailed(system=self._system, action=action, why=message(answer))


def message(answer: httpx.Response) -> str:
    """Give the words of a refusal: those in its JSON, else its status and first lines."""
    try:
        content: Any = answer.json()
    except ValueError:
        content = None
    if isinstance(content, dict):
        for key in ("message", "detail", "title"):
            if content.get(key):
                return str(content[key])
    return f"HTTP {answer.status_code} {answer.text[:300]}".strip()


def _is_loopback(url: str) -> bool:
    return httpx.URL(url).host in {"localhost", "127.0.0.1", "::1"}


def _is_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
