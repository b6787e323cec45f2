"""All that is wrong with a model, gathered while it is compiled."""

from __future__ import annotations

from contextlib import suppress

from streammesh.errors import Location, MeshError, MeshErrors


class Consequence(Exception):
    """Something can't be said because of an error that is known already."""


class Problems:
    """The errors of one model, each once."""

    def __init__(self) -> None:
        """Start with none."""
        self._found: dict[tuple[object, ...], MeshError] = {}

    def note(self, error: MeshError) -> None:
        """Keep an error, or each of several."""
        for one in error.errors if isinstance(error, MeshErrors) else (error,):
            self._found.setdefault((type(one), one.what, one.where), one)

    def catching(self) -> _Catching:
        """Keep the error that the block raises, and go on after it."""
        return _Catching(self)

    def quietly(self) -> suppress:
        """Go on after the block where it fails: its error is found again when it is compiled."""
        return suppress(MeshError, Consequence)

    def __bool__(self) -> bool:
        """Tell whether there is one."""
        return bool(self._found)

    def __len__(self) -> int:
        """Give how many there are."""
        return len(self._found)

    def finish(self) -> None:
        """Raise what was found, in the order of the text.

        Raises:
            MeshError: the only one.
            MeshErrors: several.
        """
        found = sorted(self._found.values(), key=lambda one: one.where or Location(""))
        if len(found) == 1:
            raise found[0]
        if found:
            raise MeshErrors(found)


class _Catching:
    def __init__(self, problems: Problems) -> None:
        self._problems = problems

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> bool:
        if isinstance(error, MeshError):
            self._problems.note(error)
            return True
        return isinstance(error, Consequence)
