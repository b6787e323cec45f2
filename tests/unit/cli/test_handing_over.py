"""A password is shown or written once, and never over something."""

from __future__ import annotations

import io
import stat

import pytest

from streammesh.cli.handing_over import HandOver
from streammesh.errors.access import SecretFileTaken
from streammesh.errors.scaffold import CannotWrite


def test_it_goes_to_the_stream_and_is_another_each_time():
    shown = io.StringIO()
    handed = HandOver(None, shown)
    first, second = handed.password_for("a"), handed.password_for("a")
    assert first != second
    assert shown.getvalue() == f"{first}\n{second}\n"
    assert len(first) >= 32


def test_it_goes_to_a_file_that_only_its_owner_reads(tmp_path):
    file = tmp_path / "secret"
    password = HandOver(file).password_for("a")
    assert file.read_text() == f"{password}\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_folder_that_is_not_there_is_told_before_anything_is_granted(tmp_path):
    with pytest.raises(CannotWrite, match="nowhere"):
        HandOver(tmp_path / "nowhere/secret")
    with pytest.raises(CannotWrite):
        HandOver(tmp_path / ("a" * 5000))
    folder = tmp_path / "here"
    folder.mkdir()
    handed = HandOver(folder / "secret")
    folder.rmdir()
    with pytest.raises(CannotWrite, match="here/secret"):
        handed.password_for("a")


def test_nothing_is_written_over(tmp_path):
    file, link = tmp_path / "secret", tmp_path / "link"
    handed = HandOver(file)
    handed.password_for("a")
    with pytest.raises(SecretFileTaken):
        handed.password_for("b")
    link.symlink_to(tmp_path / "nowhere")
    for taken in (file, link):
        with pytest.raises(SecretFileTaken, match=taken.name):
            HandOver(taken)
