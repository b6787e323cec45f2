import threading
import time
from dataclasses import dataclass

import pytest

from streammesh.errors import MeshErrors
from streammesh.errors.local import ComponentFailed
from streammesh.local.stack import ignore
from streammesh.local.starting import start_all
from streammesh.local.supervisor import Cancelled


@dataclass(frozen=True)
class Part:
    name: str
    needs: tuple[str, ...] = ()


PARTS = (Part("postgres"), Part("kafka"), Part("connect", ("kafka",)))


def start(begin, progress=ignore, parts=PARTS):
    start_all(parts, begin, progress, threading.Event())


def failing(*names):
    def begin(part):
        if part.name in names:
            raise ComponentFailed(component=part.name, reason="no luck")
        return ""

    return begin


def test_what_needs_nothing_starts_together():
    both = threading.Barrier(2)
    start(lambda part: "" if part.needs else str(both.wait(5)))


def test_what_is_needed_is_ready_before():
    events = []

    def progress(component, state, _detail):
        events.append((component, state))

    def begin(part):
        time.sleep(0.05)
        return "here"

    start(begin, progress)
    assert events.index(("kafka", "ready")) < events.index(("connect", "starting"))


def test_what_needs_a_failed_one_is_skipped():
    events = []
    with pytest.raises(ComponentFailed, match="kafka did not start: no luck"):
        start(failing("kafka"), lambda *event: events.append(event[:2]))
    assert ("connect", "skipped") in events
    assert ("postgres", "ready") in events


def test_all_failures_are_told():
    with pytest.raises(MeshErrors) as caught:
        start(failing("kafka", "postgres"))
    assert len(caught.value.errors) == 2


def test_one_alone_starts_without_what_it_needs():
    start(lambda _part: "", parts=PARTS[2:])


def test_an_interruption_ends_the_waiting(monkeypatch):
    cancelled = threading.Event()

    def interrupted(_futures):
        raise KeyboardInterrupt

    def begin(_part):
        assert cancelled.wait(5)
        raise Cancelled

    monkeypatch.setattr("streammesh.local.starting.wait", interrupted)
    with pytest.raises(KeyboardInterrupt):
        start_all(PARTS, begin, ignore, cancelled)
