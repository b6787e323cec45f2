"""The two files of a port: `<port>.v<major>.odcs.yaml` and `<port>.v<major>.sql`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from streammesh.documents.collect import Errors
from streammesh.documents.contract_schemas import contract_errors
from streammesh.documents.ending import ENDING
from streammesh.documents.files import SourceText
from streammesh.documents.naming import check_name
from streammesh.documents.nearest import nearest
from streammesh.documents.parsed import Parsed
from streammesh.documents.schema import own_schema
from streammesh.documents.values import ContractFile, StreamOptions
from streammesh.documents.yaml import parse
from streammesh.errors import Location
from streammesh.errors.documents import BadVersion, NotYetRead, VersionDiffers, WrongShape

STATUSES = ("proposed", "draft", "active", "deprecated", "retired")

_FILE = re.compile(r"(?P<port>[^.]+)\.v(?P<major>[1-9][0-9]{0,4})\.(?:odcs\.yaml|sql)\Z")
_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-[0-9A-Za-z.-]+)?\Z")
_MAJOR_IN_ID = re.compile(r".*\.v([1-9][0-9]*)\Z")


@dataclass(frozen=True, order=True)
class PortName:
    """What a port's file name says: the port and its major version."""

    port: str
    major: int

    def __str__(self) -> str:
        """Give `orders.v1`, as file names begin."""
        return f"{self.port}.v{self.major}"


def port_name(file_name: str, where: Location) -> PortName:
    """Read a port's name and major version from a file name.

    Raises:
        DocumentError: when the file name has neither.
    """
    found = _FILE.match(file_name)
    if found is None:
        what = f"`{file_name}` doesn't say which port and major version it is"
        raise WrongShape(what=what, where=where, fix="call it like orders.v1.odcs.yaml")
    check_name(found["port"], "port", where)
    return PortName(found["port"], int(found["major"]))


def read_contract(source: SourceText, name: PortName, topic: str) -> ContractFile:
    """Read a contract.

    Args:
        source: its text.
        name: what its file name says.
        topic: the port's topic, without an environment's namespace.

    Raises:
        MeshErrors: with all that is wrong with it by the standard and as a port's contract.
    """
    parsed, errors = parse(source), Errors()
    errors.extend(contract_errors(parsed))
    errors.raise_any()
    errors.guard(_check_version, parsed, name)
    errors.guard(_check_id, parsed, name)
    errors.guard(check_status, parsed, "contract")
    errors.guard(_check_topic, parsed, topic)
    stream = errors.guard(_stream_options, parsed)
    errors.raise_any()
    return ContractFile(source.path, parsed.document, parsed.places, stream or StreamOptions())


def _check_version(parsed: Parsed, name: PortName) -> None:
    version, where = parsed.document["version"], parsed.place("version")
    found = _VERSION.match(version)
    if found is None:
        raise BadVersion(text=version, where=where)
    if int(found[1]) != name.major:
        fix = f"write {name.major}.0.0, or call the file {name.port}.v{found[1]}.odcs.yaml"
        expected = f"v{name.major}"
        raise VersionDiffers(field="version", said=version, expected=expected, where=where, fix=fix)


def _check_id(parsed: Parsed, name: PortName) -> None:
    said = parsed.document["id"]
    found = _MAJOR_IN_ID.match(said)
    if found and int(found[1]) != name.major:
        fix = f"write {said.rpartition('.')[0]}.v{name.major}"
        expected, where = f"v{name.major}", parsed.place("id")
        raise VersionDiffers(field="id", said=said, expected=expected, where=where, fix=fix)


def check_status(parsed: Parsed, kind: str) -> None:
    """Check that a contract or product has a status that streammesh knows.

    The standards let it be any text; what is done with a product depends on it.

    Raises:
        WrongShape: when it hasn't.
    """
    status = parsed.document.get("status") if isinstance(parsed.document, dict) else None
    if status is None:
        fix = "add `status: draft`"
        raise WrongShape(what=f"the {kind} has no status", where=parsed.place(), fix=fix)
    if isinstance(status, str) and status not in STATUSES:
        what = f"`{status[:60]}` is no status of a {kind}"
        where = parsed.place("status")
        raise WrongShape(what=what, where=where, fix=nearest(status, STATUSES))


def _check_topic(parsed: Parsed, topic: str) -> None:
    schemas = parsed.document.get("schema") or [{}]
    physical = schemas[0].get("physicalName", topic)
    if physical != topic:
        raise NotYetRead(
            what=f"a topic of another name (`{physical}`)",
            where=parsed.place("schema", 0, "physicalName"),
            fix=f"write `{topic}`, or leave `physicalName` out",
        )


def _stream_options(parsed: Parsed) -> StreamOptions:
    for index, entry in enumerate(parsed.document.get("customProperties") or ()):
        if entry["property"] == "stream":
            _check_options(parsed, index)
            return StreamOptions(**_of_topic(entry["value"]))
    return StreamOptions()


def _of_topic(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out what is said of the version's own end: no engine needs it."""
    return {name: value for name, value in said.items() if name not in ENDING}


def _check_options(parsed: Parsed, index: int) -> None:
    """Check the options by their own schema, with places below the contract's."""
    errors = Errors()
    errors.extend(own_schema("stream").errors(parsed.part("customProperties", index, "value")))
    errors.raise_any()
