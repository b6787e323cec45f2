"""A copy of the example workspace that a test may break."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from streammesh.documents.workspace import load
from streammesh.errors import MeshError, MeshErrors

EXAMPLE = Path(__file__).parents[3] / "examples" / "shop"

Broken = Callable[[str, str, str], tuple[MeshError, ...]]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    shutil.copy(EXAMPLE / "mesh.toml", tmp_path)
    shutil.copytree(EXAMPLE / "domains", tmp_path / "domains")
    return tmp_path


def errors_of(root: Path) -> tuple[MeshError, ...]:
    with pytest.raises(MeshErrors) as caught:
        load(root)
    return caught.value.errors


@pytest.fixture
def broken(root: Path) -> Broken:
    """Replace a text of a file, once, and give the errors of the workspace."""

    def broken(file: str, old: str, new: str) -> tuple[MeshError, ...]:
        path = root / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
        return errors_of(root)

    return broken
