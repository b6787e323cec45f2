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
    AnotherSystem,
    LoginFailed,
    RequestFailed,
    SettingWrong,
    TlsFailed,
    TooSlow,
    Unreachable,
)
from streammesh.platform.settings import HttpSettings
from streammesh.platform.tls import TlsWords, tls_failed

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

    def __init__(self, system: str, settings: HttpSettings, expected: str = "") -> None:
        """Prepare a client; the connection is made by the first request.

        Args:
            system: what errors call it.
            settings: where it is.
            expected: what its address has to be, for whoever has given another server's.

        Raises:
            SettingWrong: the file of its authority is none.
        """
        self._expected = expected
        self._system = system
        self._settings = settings
        self._connected = False
        auth = (settings.username, settings.password) if settings.username else None
        self._client = httpx.Client(
            base_url=settings.url,
            auth=auth,
            timeout=httpx.Timeout(REQUEST_SECONDS, connect=5.0),
            verify=_trust(system, settings),
            trust_env=not _is_loopback(settings.url),  # no proxy between us and ourselves
            headers={"Accept": "application/json"},
        )

    def send(self, request: Request) -> httpx.Response:
        """Send a request, again while it fails in a way that may pass.

        Raises:
            MeshError: Unreachable, TlsFailed, AnotherSystem, LoginFailed, ActionRefused, TooSlow,
                RequestFailed.
        """
        started, pause = monotonic(), 0.1
        while True:
            answer = self._attempt(request)
            if isinstance(answer, httpx.Response):
                self._connected = True
                status = answer.status_code
                if not _is_api(answer):
                    raise self._another_system(answer)
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
        where = self._settings.places.get("url")
        if _is_tls(error):
            return tls_failed(self._system, address, why, self._settings.places, _WORDS)
        return Unreachable(system=self._system, address=address, why=why, where=where)

    def _refusal(self, answer: httpx.Response, action: str) -> MeshError:
        user, address = self._settings.username or "anonymous", self._settings.url
        where = self._settings.places.get("username", self._settings.places.get("url"))
        if answer.status_code == 401:
            return LoginFailed(system=self._system, address=address, user=user, where=where)
        if answer.status_code == 403:
            return ActionRefused(system=self._system, user=user, action=action, where=where)
        return RequestFailed(system=self._system, action=action, why=message(answer))

    def _another_system(self, answer: httpx.Response) -> MeshError:
        return AnotherSystem(
            system=self._system,
            address=self._settings.url,
            where=self._settings.places.get("url"),
            why=f"it answered {answer.request.method} {answer.request.url.path} with HTTP "
            f"{answer.status_code} and {_kind(answer)}",
            fix=self._expected or "check the address",
        )


_WORDS = TlsWords(
    wrong_protocol="nobody speaks TLS there: write `http://`, or name the port that does",
    wrong_authority="`ssl_ca` names a PEM file with the authority that signed its certificate",
)


def _is_api(answer: httpx.Response) -> bool:
    """Tell an answer of the API from one of whatever else listens: that isn't JSON.

    Both APIs say in JSON that something is not there; a path that isn't theirs has no such answer.
    """
    if answer.status_code == 404:
        said = _json(answer)
        if not isinstance(said, dict) or "error_code" not in said:
            return False
        return not str(said.get("message", "")).startswith(_NO_SUCH_PATH)
    return answer.status_code >= 300 or not answer.content or _json(answer) is not None


_NO_SUCH_PATH = ("HTTP 404", "RESTEASY")
"""How the frameworks of Connect and the registries begin when a path is none of the API's."""


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


def _kind(answer: httpx.Response) -> str:
    kind = answer.headers.get("content-type", "").partition(";")[0]
    return kind or "no content type"


def _trust(system: str, settings: HttpSettings) -> ssl.SSLContext | bool:
    """Give the authorities to trust; True for the system's own."""
    if not settings.ssl_ca:
        return True
    try:
        return ssl.create_default_context(cafile=settings.ssl_ca)
    except (OSError, ssl.SSLError) as error:
        problem = f"{settings.ssl_ca} holds no certificates (PEM)"
        where = settings.places.get("ssl_ca")
        raise SettingWrong(setting="ssl_ca", system=system, problem=problem, where=where) from error


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
