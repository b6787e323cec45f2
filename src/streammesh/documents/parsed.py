"""A parsed file: plain values, and the place of each of them and of each key."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from streammesh.documents.files import SourceText
from streammesh.errors import Location

Steps = Sequence[str | int]


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
    places: Mapping[str, Location] = field(repr=False)
    keys: Mapping[str, Location] = field(repr=False)

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


def dotted(steps: Steps) -> str:
    """Write a path: `("schema", 0, "name")` is `schema[0].name`."""
    text = ""
    for step in steps:
        if isinstance(step, int):
            text += f"[{step}]"
        else:
            text += f".{step}" if text else step
    return text
