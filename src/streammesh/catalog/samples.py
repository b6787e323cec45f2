"""A sample event of a version: a late one of its topic, or one that is made of its contract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from streammesh.catalog.known_versions import contract_file
from streammesh.catalog.masking import masked
from streammesh.contracts.contract import examine
from streammesh.contracts.examples import example

OWN = "mesh."
"""Before the names of the headers that streammesh writes; another's could hold anything."""


@dataclass(frozen=True)
class Sample:
    """A sample event; fields that are not open to everybody are masked.

    Attributes:
        source: where it is from: `topic` or `contract`.
        why: why it is not from the topic; empty when it is.
        event: key and value; from a topic also headers, partition, offset and time.
    """

    source: str
    why: str
    event: Mapping[str, Any]


def real(event: Mapping[str, Any], contract: Mapping[str, Any]) -> Sample:
    """Give an event of the topic as everybody may see it.

    Args:
        event: as `mesh consume` shows it; it has a value.
        contract: the version's, ODCS.
    """
    properties = _properties(contract)
    headers = {name: said for name, said in event["headers"].items() if name.startswith(OWN)}
    shown = {name: masked(event[name], properties) for name in ("key", "value")}
    place = {name: event[name] for name in ("partition", "offset", "time")}
    return Sample("topic", "", {**shown, "headers": headers, **place})


def made(contract: Mapping[str, Any], why: str) -> Sample:
    """Make an event of a contract's examples, defaults and types.

    Args:
        contract: the version's, ODCS; of a draft without fields the event is empty.
        why: why none of the topic is shown.
    """
    properties = _properties(contract)
    if not properties:
        return Sample("contract", why, {})
    read, _ = examine(contract_file("", contract))
    document = masked(example(read.fields, properties), properties)
    key = {one.name: document[one.name] for one in read.key}
    return Sample("contract", why, {"key": key, "value": document})


def _properties(contract: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    schemas: Sequence[Mapping[str, Any]] = contract.get("schema") or ()
    return schemas[0].get("properties") or () if len(schemas) == 1 else ()
