"""Starting several components at once, each as soon as what it needs is ready."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from streammesh.errors.base import MeshError, MeshErrors
from streammesh.local.setting import Component, Progress
from streammesh.local.supervisor import Cancelled


def start_all(
    components: Sequence[Component],
    start: Callable[[Component], str],
    progress: Progress,
    cancelled: threading.Event,
) -> None:
    """Start all components, in parallel where they allow it.

    Args:
        components: each after those that it needs.
        start: starts one, waits until it is ready and gives a word about it.
        progress: told of every step, from several threads.
        cancelled: set when this is interrupted, so that `start` gives up.

    Raises:
        MeshError: what went wrong; `MeshErrors` when several failed.
    """
    with ThreadPoolExecutor(len(components)) as pool:
        futures: dict[str, Future[None]] = {}
        for component in components:
            needed = [futures[name] for name in component.needs if name in futures]
            futures[component.name] = pool.submit(_start, component, needed, start, progress)
        try:
            wait(futures.values())
        except BaseException:
            cancelled.set()
            raise
    _raise_failures(list(futures.values()))


def _start(
    component: Component,
    needed: Sequence[Future[None]],
    start: Callable[[Component], str],
    progress: Progress,
) -> None:
    if any(one.exception() is not None for one in needed):
        progress(component.name, "skipped", "what it needs did not start")
        raise Cancelled
    progress(component.name, "starting", "")
    try:
        detail = start(component)
    except Exception:
        progress(component.name, "failed", "")
        raise
    progress(component.name, "ready", detail)


def _raise_failures(futures: Sequence[Future[None]]) -> None:
    failures = [error for one in futures if (error := one.exception()) is not None]
    errors = [error for error in failures if isinstance(error, MeshError)]
    if len(errors) > 1:
        raise MeshErrors(errors)
    if failures:
        raise (errors or failures)[0]
