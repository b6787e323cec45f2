import subprocess
import sys

import pytest

from streammesh.errors.local import StackBusy
from streammesh.local.exclusive import exclusive

HOLD = """
import sys, time
from pathlib import Path
from streammesh.local.exclusive import exclusive
with exclusive(Path(sys.argv[1]), print):
    print("held", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def holder(tmp_path):
    command = [sys.executable, "-c", HOLD, str(tmp_path / "lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_second_waits_and_then_gives_up(holder, tmp_path):
    told = []
    with (
        pytest.raises(StackBusy, match=f"process {holder.pid}"),
        exclusive(tmp_path / "lock", told.append, patience_s=0.3),
    ):
        pass
    assert len(told) == 1


def test_a_killed_holder_holds_nothing(holder, tmp_path):
    holder.kill()
    with exclusive(tmp_path / "lock", print, patience_s=10):
        pass
