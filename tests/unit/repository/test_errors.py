"""Every error: a message whose fields are known, shown without a traceback."""

import importlib
import inspect
import json
import pkgutil
import string

import pytest

from streammesh import errors
from streammesh.errors import ExitCode, MeshError
from streammesh.errors.rendering import render


def every_class() -> list[type[MeshError]]:
    found: list[type[MeshError]] = []
    for module in pkgutil.iter_modules(errors.__path__):
        members = inspect.getmembers(importlib.import_module(f"streammesh.errors.{module.name}"))
        found += [one for _, one in members if inspect.isclass(one) and issubclass(one, MeshError)]
    return sorted(
        {one for one in found if one is not errors.MeshErrors}, key=lambda one: one.__name__
    )


CLASSES = every_class()


def fields_of(message: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(message) if name}


@pytest.mark.parametrize("error", CLASSES, ids=lambda one: one.__name__)
def test_the_docstring_is_a_message_that_can_be_filled_in(error: type[MeshError]) -> None:
    assert "__doc__" in vars(error), "the message would be another class's"
    message = inspect.cleandoc(error.__doc__ or "")
    assert message
    filled = string.Formatter().vformat(message, (), dict.fromkeys(fields_of(message), 1))
    assert "{" not in filled


@pytest.mark.parametrize("error", CLASSES, ids=lambda one: one.__name__)
def test_the_exit_code_is_one_that_the_documentation_names(error: type[MeshError]) -> None:
    assert error.exit_code in ExitCode


def test_no_two_errors_have_one_name() -> None:
    names = [one.__name__ for one in CLASSES]
    assert sorted(names) == sorted(set(names))


def test_errors_are_shown_with_all_four_parts() -> None:
    error = errors.UsageError(
        what="`ownr` is no field of Domain",
        where=errors.Location("domain.yaml", 4, 1, 4, "ownr: x"),
        why="it is one of owner, name",
        fix="write `owner`",
    )
    text = render(error)
    for part in ("error: `ownr`", "domain.yaml:4:1", "ownr: x", "^^^^", "one of", "fix: write"):
        assert part in text
    assert json.loads(json.dumps(error.as_dict()))["where"] == "domain.yaml:4:1"
