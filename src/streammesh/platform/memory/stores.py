"""The stores' twins, and the lock's."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager

from streammesh.deployments.deployment import Deployment
from streammesh.deployments.requests import Request
from streammesh.errors.platform import ApplyLockLost, ApplyRunning
from streammesh.platform.stores import Resource


class MemoryDeploymentStore:
    """Deployments in a dict."""

    def __init__(self) -> None:
        """Begin empty."""
        self._records: dict[str, Deployment] = {}
        self._requests: dict[str, Request] = {}

    def read(self) -> Mapping[str, Deployment]:
        """See `DeploymentStore.read`."""
        return dict(self._records)

    def records(self) -> Mapping[str, Deployment | Request]:
        """See `DeploymentStore.records`."""
        return {**self._records, **self._requests}

    def ask(self, request: Request) -> None:
        """See `DeploymentStore.ask`."""
        self._requests[request.key] = request

    def write(self, deployments: Iterable[Deployment]) -> None:
        """See `DeploymentStore.write`."""
        self._records.update({one.key: one for one in deployments})

    def remove(self, keys: Iterable[str]) -> None:
        """See `DeploymentStore.remove`."""
        for key in keys:
            self._records.pop(key, None)
            self._requests.pop(key, None)


class MemoryResourceStore:
    """Resources in a dict."""

    def __init__(self) -> None:
        """Begin empty."""
        self._records: dict[str, Resource] = {}

    def read(self) -> Mapping[str, Resource]:
        """See `ResourceStore.read`."""
        return dict(self._records)

    def write(self, resources: Iterable[Resource]) -> None:
        """See `ResourceStore.write`."""
        self._records.update({one.key: one for one in resources})

    def remove(self, keys: Iterable[str]) -> None:
        """See `ResourceStore.remove`."""
        for key in keys:
            self._records.pop(key, None)


class MemoryHeldLock:
    """The right to apply; a test takes it away with `lose`."""

    def __init__(self) -> None:
        """Begin as held."""
        self._lost = False

    def check(self) -> None:
        """See `HeldLock.check`."""
        if self._lost:
            raise ApplyLockLost

    def lose(self) -> None:
        """Let the next `check` fail."""
        self._lost = True


class MemoryApplyLock:
    """A lock within this process; those who share this object exclude each other."""

    def __init__(self) -> None:
        """Begin free."""
        self._lock = threading.Lock()

    @contextmanager
    def hold(self, *, wait_seconds: float = 15.0) -> Iterator[MemoryHeldLock]:
        """See `ApplyLock.hold`."""
        if not self._lock.acquire(timeout=wait_seconds):
            raise ApplyRunning
        held = MemoryHeldLock()
        try:
            yield held
        finally:
            held.lose()
            self._lock.release()
