"""A parsed file: plain values, and the place of each of them and of each key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from streammesh.documents.files import SourceText
from streammesh.errors import Location

Steps = Sequence[str | int]
Mark = tuple[int, int, int]
"""1-based line and column, and how many characters are marked."""


class Places(Mapping[str, Location]):
    """Locations by path, made when they are asked for: a file has many, and few are ever shown."""

    def __init__(self, source: SourceText, marks: Mapping[str, Mark]) -> None:
        """Keep the marks.

        Args:
            source: the text that they point into.
            marks: by path.
        """
        self._source = source
        self._marks = marks

    def __getitem__(self, path: str) -> Location:
        """Give a location by its path."""
        return self._source.at(*self._marks[path])

    def __iter__(self) -> Iterator[str]:
        """Give the paths."""
        return iter(self._marks)

    def __len__(self) -> int:
        """Count the paths."""
        return len(self._marks)

    def below(self, prefix: str) -> Places:
        """Give what stands at a path and below it, by the path from there on."""
        return Places(
            self._source,
            {
                path[len(prefix) :].lstrip("."): mark
                for path, mark in self._marks.items()
                if path == prefix or path.startswith((prefix + ".", prefix + "["))
            },
        )


@dataclass(frozen=True)
class Parsed:
    """A parsed file.

    Attributes:
        source: its text.
        document: dicts, lists, strings, numbers, booleans and None.
        places: the location of each value by its path (`schema[0].name`; `""` is the whole).
        keys: the location of each key of a mapping, by the path of its value.
    """

    source: SourceText
    document: Any
    places: Places = field(repr=False)
    keys: Places = field(repr=False)

    def place(self, *steps: str | int) -> Location:
        """Give the location of a value, or of the nearest thing that stands around it."""
        for end in range(len(steps), -1, -1):
            where = self.places.get(dotted(steps[:end]))
            if where is not None:
                return where
        return Location(self.source.path)

    def key(self, *steps: str | int) -> Location:
        """Give the location of a mapping's key."""
        return self.keys.get(dotted(steps)) or self.place(*steps)

    def part(self, *steps: str | int) -> Parsed:
        """Give a part of the file as if it were one of its own."""
        value = self.document
        for step in steps:
            value = value[step]
        path = dotted(steps)
        return Parsed(self.source, value, self.places.below(path), self.keys.below(path))


def dotted(steps: Steps) -> str:
    """Write a path: `("schema", 0, "name")` is `schema[0].name`."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text
