"""Checks that names are names, and that a file's name and folder agree with what it says."""

from __future__ import annotations

import re

from streammesh.documents.names import NAME, RESERVED
from streammesh.errors import Location
from streammesh.errors.documents import BadName, NameDiffers, ReservedName


def check_name(name: str, kind: str, where: Location) -> None:
    """Check a name of a domain, source, product or port.

    Args:
        name: the name.
        kind: what it names, for messages.
        where: its place.

    Raises:
        DocumentError: when it is no name or a reserved one.
    """
    if not NAME.match(name):
        raise BadName(name=name, kind=kind, where=where, fix=proposal(name))
    if name in RESERVED:
        raise ReservedName(name=name, kind=kind, where=where)


def check_same(name: str, expected: str, kind: str, place: str, where: Location) -> None:
    """Check that a file says the name that its folder or file name says.

    Raises:
        NameDiffers: when it doesn't.
    """
    if name != expected:
        fix = f"write `{expected}`, or rename the {place}"
        raise NameDiffers(
            kind=kind, name=name, place=place, expected=expected, where=where, fix=fix
        )


def proposal(name: str) -> str:
    """Say how a name could be written that is none as it stands."""
    proposed = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:49].rstrip("-")
    return f"write `{proposed}`" if NAME.match(proposed) else "begin with a small letter"
