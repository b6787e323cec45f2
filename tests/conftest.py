"""What all tests share: the one real stack, their order, and an environment of their own."""

from __future__ import annotations

import importlib.util
import signal
from pathlib import Path

import pytest

pytest_plugins = ["tests.stack_fixture"] if importlib.util.find_spec("tests.stack_fixture") else []

# A job in the background of a shell ignores Ctrl-C, and so would every command that a test starts.
signal.signal(signal.SIGINT, signal.default_int_handler)

STAGES = ("unit", "conformance", "property", "integration", "acceptance")
"""The folders of tests in the order they run: what fails fast comes first."""

FOREIGN = ("MESH_ENV", "MESH_DEBUG", "NO_COLOR", "FORCE_COLOR")
"""Variables that change what commands do; a test that wants one sets it."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put the stages in order, and mark what needs the real stack."""
    items.sort(key=_stage)
    for item in items:
        if "stack" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.real)


def _stage(item: pytest.Item) -> int:
    folder = item.path.relative_to(Path(__file__).parent).parts[0]
    return STAGES.index(folder) if folder in STAGES else len(STAGES)


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in FOREIGN:
        monkeypatch.delenv(name, raising=False)
