"""Asking an engine for something, and waiting until it says that it is done."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime

from streammesh.deployments.deployment import ProductDeployment, SourceDeployment
from streammesh.deployments.progress import Answer, ProductProgress, Progress
from streammesh.deployments.requests import Action, Request, new_id
from streammesh.errors.reconcile import NoAnswer, StillPublishing
from streammesh.platform.progress_topic import newest_progress
from streammesh.platform.stores import DeploymentStore
from streammesh.platform.streams import Streams

_STEP_SECONDS = 0.2


def request_of(
    topic: str, action: Action, keys: tuple[tuple[object, ...], ...] | None, by: str, why: str = ""
) -> Request:
    """Make a request of somebody, now."""
    at = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    return Request(new_id(), topic, action, keys, by, at, why)


def ask(
    store: DeploymentStore,
    streams: Streams,
    request: Request,
    place: tuple[SourceDeployment, ProductDeployment],
    seconds: float,
) -> tuple[Answer, ProductProgress]:
    """Write a request, wait for its answer, and take the request away again.

    Args:
        store: where requests stand.
        streams: to read the engine's progress.
        request: what is wanted.
        place: the product, and the source whose engine does it.
        seconds: how long to wait.

    Returns:
        The answer, and where the product stands then.

    Raises:
        NoAnswer: no engine took it in time; the request stands, and the next engine does it.
        StillPublishing: it is done, but what it released is still being published.
    """
    source, _ = place
    store.ask(request)
    deadline = time.monotonic() + seconds
    first = newest_progress(streams, source)
    progress = _until(
        lambda: newest_progress(streams, source),
        lambda now: request.id in now.answers,
        deadline,
    )
    if progress is None or request.id not in progress.answers:
        name = f"{source.domain}.{source.source}"
        runs = progress is not None and first is not None and progress.inputs != first.inputs
        why = "An engine runs, but it is busy." if runs else "No engine of it seems to run."
        raise NoAnswer(source=name, seconds=f"{seconds:g}", why=why)
    answer = progress.answers[request.id]
    store.remove([request.key])
    return answer, _settled(streams, source, request.topic, deadline)


def _settled(
    streams: Streams, source: SourceDeployment, topic: str, deadline: float
) -> ProductProgress:
    """Wait until a product that was released is live, or blocked again."""
    progress = _until(
        lambda: newest_progress(streams, source),
        lambda now: now.deployments[topic].status != "publishing",
        deadline,
    )
    if progress is None or progress.deployments[topic].status == "publishing":
        parts = None if progress is None else progress.deployments[topic]
        done = "" if parts is None else f" (part {parts.parts_done} of {parts.parts})"
        raise StillPublishing(topic=topic, done=done)
    return progress.deployments[topic]


def _until(
    read: Callable[[], Progress | None], done: Callable[[Progress], bool], deadline: float
) -> Progress | None:
    while True:
        now = read()
        if (now is not None and done(now)) or time.monotonic() >= deadline:
            return now
        time.sleep(_STEP_SECONDS)
