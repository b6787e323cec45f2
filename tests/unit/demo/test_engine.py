import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from streammesh.demo import engine
from streammesh.demo.engine import EngineProcess
from streammesh.errors.demo import EngineStopped

Make = Callable[[str], EngineProcess]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Give engines whose program is a line of Python."""
    started: list[EngineProcess] = []
    (tmp_path / ".mesh").mkdir()

    def make_one(body: str) -> EngineProcess:
        program = tmp_path / "program"
        program.write_text(f"#!{sys.base_prefix}/bin/python3\nimport sys, time\n{body}\n")
        program.chmod(0o700)
        monkeypatch.setattr(engine.sys, "executable", str(program))
        started.append(EngineProcess(tmp_path, {}, tmp_path / "engine.log"))
        return started[-1]

    yield make_one
    for one in started:
        one.stop()


def end_of(process: EngineProcess) -> None:
    deadline = time.monotonic() + 20
    while process.pid is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_running_engine_is_left_alone(make: Make) -> None:
    one = make("time.sleep(60)")
    one.start()
    assert one.pid is not None
    assert one.revive() is None


def test_a_killed_engine_is_started_again_and_said_to_be(make: Make) -> None:
    one = make("time.sleep(60)")
    one.start()
    killed = one.pid
    assert killed is not None
    os.kill(killed, signal.SIGKILL)
    end_of(one)
    words = one.revive()
    assert words is not None
    assert "was killed (SIGKILL)" in words
    assert one.pid not in {None, killed}


@pytest.mark.parametrize("status", [20, 21, 0])
def test_some_ends_are_final_and_told_with_the_last_words(make: Make, status: int) -> None:
    one = make(f"print('because of this', file=sys.stderr); sys.exit({status})")
    one.start()
    end_of(one)
    with pytest.raises(EngineStopped, match=f"exit status {status}") as caught:
        one.revive()
    assert caught.value.why == "because of this"


def test_an_engine_that_dies_again_and_again_is_given_up(make: Make) -> None:
    one = make("sys.exit(1)")
    one.start()
    with pytest.raises(EngineStopped):  # noqa: PT012 - one of several starts
        for _ in range(engine.TOO_OFTEN):
            end_of(one)
            one.revive()


def test_what_a_killed_demo_left_behind_is_stopped_first(make: Make) -> None:
    left = make("time.sleep(60)")
    left.start()
    process = psutil.Process(left.pid)
    make("time.sleep(60)").start()
    assert process.wait(10) is not None or not process.is_running()


def test_stopping_twice_is_no_error(make: Make) -> None:
    one = make("time.sleep(60)")
    one.start()
    one.stop()
    one.stop()
    assert one.pid is None
