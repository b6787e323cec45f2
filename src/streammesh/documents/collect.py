"""Gathers the errors of many files, so that a person sees them all at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ParamSpec, TypeVar

from streammesh.errors import Location, MeshError, MeshErrors
from streammesh.errors.rendering import flatten

P = ParamSpec("P")
T = TypeVar("T")


class Errors:
    """The errors found so far."""

    def __init__(self) -> None:
        """Begin with none."""
        self._found: list[MeshError] = []

    def __bool__(self) -> bool:
        """Tell whether there are any."""
        return bool(self._found)

    def __len__(self) -> int:
        """Count them."""
        return len(self._found)

    @property
    def found(self) -> tuple[MeshError, ...]:
        """The errors, in the order of files and lines."""
        return tuple(sorted(self._found, key=_place))

    def add(self, *errors: MeshError) -> None:
        """Keep errors; one that holds several is taken apart."""
        for error in errors:
            self._found.extend(flatten(error))

    def extend(self, errors: Iterable[MeshError]) -> None:
        """Keep several errors."""
        self.add(*errors)

    def guard(self, make: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Give what `make` gives; None when it fails, whose error is kept."""
        try:
            return make(*args, **kwargs)
        except MeshError as error:
            self.add(error)
            return None

    def raise_any(self) -> None:
        """Raise what was found, in the order of files and lines.

        Raises:
            MeshErrors: when there is any error.
        """
        if self._found:
            raise MeshErrors(self.found)


def _place(error: MeshError) -> Location:
    return error.where or Location("")
