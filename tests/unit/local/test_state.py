import stat

import pytest

from streammesh.local.state import ProcessRecord, StackState, StateFile


@pytest.fixture
def file(tmp_path):
    return StateFile(tmp_path / "stack.json")


def test_nothing_is_known_at_first(file):
    assert file.load() == StackState()


def test_what_is_written_is_read(file):
    state = StackState(
        wanted=True,
        cluster_id="abc",
        ports={"kafka": 1},
        processes={"kafka": ProcessRecord(7, 12.5)},
        postgres_home="/var/tmp/x",
    )
    file.change(lambda _before: state)
    assert file.load() == state


def test_only_the_owner_can_read_it(file, tmp_path):
    file.change(lambda before: before)
    assert stat.S_IMODE((tmp_path / "stack.json").stat().st_mode) == 0o600


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 2}', '{"format": 1, "processes": 3}'])
def test_a_damaged_file_is_put_aside(file, tmp_path, text):
    (tmp_path / "stack.json").write_text(text)
    assert file.load() == StackState()
    assert (tmp_path / "stack.json.broken").read_text() == text


def test_a_process_is_recorded_and_forgotten():
    record = ProcessRecord(7, 12.5)
    state = StackState().with_process("kafka", record).with_process("connect", record)
    assert state.with_process("kafka", None).processes == {"connect": record}
