import sys
import threading
from dataclasses import dataclass
from signal import SIGTERM, Signals

import pytest

from streammesh.errors.local import ComponentFailed
from streammesh.errors.rendering import render
from streammesh.local.layout import Layout
from streammesh.local.processes import Command, find_marked, kill_tree
from streammesh.local.secrets import Secrets
from streammesh.local.setting import Setting, Tools
from streammesh.local.supervisor import Cancelled, Supervisor, tail

SERVE = "import pathlib, sys, time; pathlib.Path(sys.argv[2]).touch(); time.sleep(60)"


@dataclass(frozen=True)
class Sleeper:
    """A component of one Python process, ready when its file is there."""

    code: str = SERVE
    name: str = "kafka"
    needs: tuple[str, ...] = ()
    ports: tuple[str, ...] = ("kafka",)
    deadline_s: float = 10
    grace_s: float = 5
    stop_signal: Signals = SIGTERM

    def mark(self, setting):
        return f"mark:{setting.layout.home}"

    def file(self, setting):
        return setting.layout.temporary(self.name) / "ready"

    def prepare(self, setting, run):
        pass

    def command(self, setting):
        path = str(self.file(setting))
        return Command([sys.executable, "-c", self.code, self.mark(setting), path])

    def is_ready(self, setting):
        return self.file(setting).exists()


@pytest.fixture
def supervisor(tmp_path):
    layout = Layout.of(tmp_path)
    layout.create()
    tools = Tools(java=tmp_path, postgres=tmp_path, jars={}, unpacked={})
    setting = Setting(layout, Secrets(layout), tools, {"kafka": 1234}, "id")
    records = {}
    one = Supervisor(setting, records.__setitem__, threading.Event())
    object.__setattr__(one, "records", records)
    yield one
    for process in find_marked(Sleeper().mark(setting)):
        process.kill()


def test_a_component_is_started_once(supervisor):
    part = Sleeper()
    assert supervisor.ensure(part, None) == "127.0.0.1:1234"
    record = supervisor.records["kafka"]
    supervisor.ensure(part, record)
    assert supervisor.records["kafka"] == record


def test_a_dead_component_is_started_again(supervisor):
    part = Sleeper()
    supervisor.ensure(part, None)
    before = supervisor.records["kafka"]
    kill_tree(supervisor.find(part, before))
    supervisor.ensure(part, before)
    assert supervisor.records["kafka"].pid != before.pid


def test_a_process_left_by_an_interrupted_start_is_ended(supervisor):
    part = Sleeper()
    supervisor.start(part)
    lost = supervisor.records["kafka"]
    supervisor.ensure(part, None)
    assert supervisor.find(part, lost) is None
    assert len(find_marked(part.mark(supervisor.setting))) == 1


def test_a_component_that_ends_says_what_its_log_says(supervisor):
    part = Sleeper(code="print('no space left'); raise SystemExit(1)")
    with pytest.raises(ComponentFailed, match="kafka did not start: its process ended") as caught:
        supervisor.start(part)
    shown = render(caught.value)
    assert "no space left" in shown
    assert str(supervisor.setting.layout.log("kafka")) in shown
    assert supervisor.records["kafka"] is None


def test_a_component_that_never_answers_is_an_error(supervisor):
    part = Sleeper(code="import time; time.sleep(60)", deadline_s=0.3)
    with pytest.raises(ComponentFailed, match="no answer within"):
        supervisor.start(part)


def test_a_cancelled_start_ends_soon(supervisor):
    supervisor.cancelled.set()
    with pytest.raises(Cancelled):
        supervisor.start(Sleeper(code="import time; time.sleep(60)"))


def test_stopping_forgets_the_process(supervisor):
    part = Sleeper()
    supervisor.start(part)
    supervisor.stop(part, supervisor.records["kafka"])
    assert supervisor.records["kafka"] is None
    assert find_marked(part.mark(supervisor.setting)) == []


def test_the_end_of_a_log(tmp_path):
    (tmp_path / "log").write_text("".join(f"line {number}\n" for number in range(5000)))
    assert tail(tmp_path / "log", 2) == ["line 4998", "line 4999"]
    assert tail(tmp_path / "none", 2) == []
