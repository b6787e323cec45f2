import os
import sys
import time
from dataclasses import replace
from signal import SIGTERM

import pytest

from streammesh.local import processes
from streammesh.local.processes import Command

SLEEP = "import time; print('here', flush=True); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + SLEEP


@pytest.fixture
def mark(tmp_path):
    mark = f"mark:{tmp_path}"
    yield mark
    for process in processes.find_marked(mark):
        process.kill()


def start(code, mark, tmp_path):
    record = processes.spawn(Command([sys.executable, "-c", code, mark]), tmp_path / "log")
    deadline = time.monotonic() + 10
    while "here" not in (tmp_path / "log").read_text() and time.monotonic() < deadline:
        time.sleep(0.01)
    return record


def test_a_process_has_its_own_session_and_is_found(mark, tmp_path):
    record = start(SLEEP, mark, tmp_path)
    assert os.getsid(record.pid) == record.pid
    assert processes.find(record, mark).pid == record.pid
    assert [one.pid for one in processes.find_marked(mark)] == [record.pid]


def test_a_recycled_process_id_is_not_mistaken(mark, tmp_path):
    record = start(SLEEP, mark, tmp_path)
    assert processes.find(replace(record, started=record.started - 60), mark) is None
    assert processes.find(record, "another mark") is None
    assert processes.find(None, mark) is None


def test_a_dead_child_is_not_found(mark, tmp_path):
    record = start(SLEEP, mark, tmp_path)
    processes.kill_tree(processes.find(record, mark))
    assert processes.find(record, mark) is None
    assert processes.find_marked(mark) == []


def test_stopping_asks_first(mark, tmp_path):
    record = start(SLEEP, mark, tmp_path)
    assert processes.stop(processes.find(record, mark), SIGTERM, 10)
    assert processes.find(record, mark) is None


def test_what_does_not_stop_is_killed(mark, tmp_path):
    record = start(STUBBORN, mark, tmp_path)
    assert not processes.stop(processes.find(record, mark), SIGTERM, 0.2)
    assert processes.find(record, mark) is None


def test_children_get_none_of_our_variables(mark, tmp_path, monkeypatch):
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-Xmx1m")
    monkeypatch.setenv("SHOP_PASSWORD", "hush")
    start("import os; print(sorted(os.environ)); print('here')", mark, tmp_path)
    shown = (tmp_path / "log").read_text()
    assert "'PATH'" in shown
    assert "JAVA_TOOL_OPTIONS" not in shown
    assert "SHOP_PASSWORD" not in shown


def test_a_long_log_is_put_aside(mark, tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "LOG_LIMIT", 10)
    (tmp_path / "log").write_text("much too long\n")
    start(SLEEP, mark, tmp_path)
    assert (tmp_path / "log.1").read_text() == "much too long\n"


def test_processes_working_in_a_folder_can_be_ended(mark, tmp_path):
    code = f"import os; os.chdir({str(tmp_path)!r}); {SLEEP}"
    record = start(code, mark, tmp_path)
    processes.kill_in_folder(tmp_path)
    assert processes.find(record, mark) is None
