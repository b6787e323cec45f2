"""One file, judged by itself: by its place in a workspace, its name, or what it says."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from streammesh.documents.collect import Errors
from streammesh.documents.contract_schemas import contract_errors
from streammesh.documents.files import SourceText, read_text
from streammesh.documents.kinds import checked, read_domain, read_source, read_subscription
from streammesh.documents.mesh_file import read_mesh
from streammesh.documents.names import Names
from streammesh.documents.nearest import nearest
from streammesh.documents.parsed import Parsed
from streammesh.documents.policy_files import POLICY_END, read_policy
from streammesh.documents.port_files import PortName, check_status, port_name, read_contract
from streammesh.documents.product_files import CONTRACT_END, MODEL_END, PRODUCT_FILE
from streammesh.documents.product_schemas import product_errors
from streammesh.documents.values import ContractFile, ModelFile, StreamOptions
from streammesh.documents.workspace import (
    DOMAIN_FILE,
    MESH_FILE,
    SOURCE_END,
    SUBSCRIPTION_END,
)
from streammesh.documents.yaml import parse
from streammesh.errors import Location, MeshError
from streammesh.errors.documents import UnknownKind

_KINDS = {
    "DataContract": "contract",
    "DataProduct": "product",
    "Domain": "domain",
    "Source": "source",
    "Subscription": "subscription",
    "Policy": "policy",
}
_PORT_PLACE = re.compile(r"domains/[^/]+/products/[^/]+/[^/]+\Z")
_PLACES = {
    "domain": re.compile(r"domains/[^/]+/[^/]+\Z"),
    "source": re.compile(r"domains/[^/]+/sources/[^/]+\Z"),
    "subscription": re.compile(r"domains/[^/]+/subscriptions/[^/]+\Z"),
    "policy": re.compile(r"(domains/[^/]+/)?policies/[^/]+\Z"),
    "contract": _PORT_PLACE,
    "product": _PORT_PLACE,
    "model": _PORT_PLACE,
}
_DATA = (".yaml", ".yml", ".json")


@dataclass(frozen=True)
class Single:
    """A file that is right as far as it can be judged by itself.

    Attributes:
        kind: `mesh`, `domain`, `source`, `subscription`, `policy`, `product`, `contract` or
            `model`.
        path: as the user would type it.
        standard: the standard and its version, such as `ODCS v3.1.0`; None for our own kinds.
        file: the contract or model, for checks of what is in it.
        topic: the topic of the port that the file belongs to.
        placed: whether it stands where a workspace has such files.
        needs: what streammesh would still want of it, beyond the standard.
    """

    kind: str
    path: str
    standard: str | None = None
    file: ContractFile | ModelFile | None = None
    topic: str = ""
    placed: bool = False
    needs: tuple[MeshError, ...] = ()


@dataclass(frozen=True)
class _Here:
    """A file to judge: its text, its path, and whether a workspace would have it there."""

    source: SourceText
    path: Path
    placed: bool


def read_single(root: Path, path: Path) -> Single:
    """Read and check one file; what it refers to is not looked at.

    Args:
        root: the folder that paths are shown relative to: the file's workspace, if it is in one.
        path: the file, absolute.

    Raises:
        MeshErrors: with all that is wrong with it.
    """
    source = read_text(root, path)
    kind = kind_by_name(path.name) or _kind_by_content(source, path)
    pattern = _PLACES.get(kind)
    placed = pattern is not None and bool(pattern.match(source.path))
    return _READERS[kind](_Here(source, path, placed))


def kind_by_name(name: str) -> str | None:
    """Give the kind that a file's name says, None when it says none."""
    stem = re.sub(r"\.(yml|json)\Z", ".yaml", name)
    if name == MESH_FILE:
        return "mesh"
    if stem == DOMAIN_FILE:
        return "domain"
    for end, kind in (
        (SOURCE_END, "source"),
        (SUBSCRIPTION_END, "subscription"),
        (POLICY_END, "policy"),
        (CONTRACT_END, "contract"),
        (".odps.yaml", "product"),
        (MODEL_END, "model"),
    ):
        if stem.endswith(end):
            return kind
    return None


def _kind_by_content(source: SourceText, path: Path) -> str:
    """Give the kind that a YAML or JSON file says itself.

    Raises:
        MeshError: when it says none that is known.
    """
    if path.suffix not in _DATA:
        known = f"known are {MESH_FILE}, {DOMAIN_FILE}, *{SOURCE_END}, *{SUBSCRIPTION_END},"
        known += f" {PRODUCT_FILE},\n*{CONTRACT_END}, *{MODEL_END}"
        raise UnknownKind(name=path.name, where=Location(source.path), fix=known)
    parsed = parse(source)
    said = parsed.document.get("kind") if isinstance(parsed.document, Mapping) else None
    if isinstance(said, str) and said in _KINDS:
        return _KINDS[said]
    if isinstance(parsed.document, Mapping) and "dataset" in parsed.document:
        return "contract"  # of version 2, whose `kind` was another
    fix: str | None = f"say its `kind`: {', '.join(_KINDS)}"
    why = None
    if isinstance(said, str):
        fix, why = nearest(said, _KINDS), f"Its `kind` is `{said[:60]}`."
    raise UnknownKind(name=path.name, where=parsed.place("kind"), why=why, fix=fix)


def _mesh(here: _Here) -> Single:
    read_mesh(here.source)
    return Single("mesh", here.source.path, placed=here.placed)


def _domain(here: _Here) -> Single:
    if here.placed:
        read_domain(here.source, here.path.parent.name)
    else:
        checked(here.source, "domain")
    return Single("domain", here.source.path, placed=here.placed)


def _named(
    kind: str, end: str, read: Callable[[SourceText, str, str], object]
) -> Callable[[_Here], Single]:
    """Give the reader of a kind whose files are named like what they declare.

    Args:
        kind: of the file.
        end: what the file's name has behind that name.
        read: reads it: text, domain, name.
    """

    def reader(here: _Here) -> Single:
        name = here.path.name.removesuffix(end)
        if not here.placed:
            name = str(checked(here.source, kind).document["name"])
        read(here.source, here.path.parent.parent.name, name)
        return Single(kind, here.source.path, placed=here.placed)

    return reader


def _policy(here: _Here) -> Single:
    name, parts = here.path.name.removesuffix(POLICY_END), here.source.path.split("/")
    domain = parts[1] if here.placed and parts[0] == "domains" else ""
    if not here.placed:
        name = str(checked(here.source, "policy").document["name"])
    read_policy(here.source, domain, name)
    return Single("policy", here.source.path, placed=here.placed)


def _model(here: _Here) -> Single:
    if here.placed:
        port_name(here.path.name, Location(here.source.path))
    file = ModelFile(here.source.path, here.source.text)
    return Single("model", here.source.path, file=file, placed=here.placed)


def _product(here: _Here) -> Single:
    parsed, errors, needs = parse(here.source), Errors(), Errors()
    errors.extend(product_errors(parsed))
    errors.raise_any()
    (errors if here.placed else needs).guard(check_status, parsed, "data product")
    errors.raise_any()
    standard = f"ODPS {parsed.document['apiVersion']}"
    return Single("product", here.source.path, standard, placed=here.placed, needs=needs.found)


def _contract(here: _Here) -> Single:
    if here.placed:
        name = port_name(here.path.name, Location(here.source.path))
        topic = topic_of(here.path, name)
        file = read_contract(here.source, name, topic)
        return _of_contract(here.source, file, topic, placed=True)
    parsed, errors = parse(here.source), Errors()
    errors.extend(contract_errors(parsed))
    errors.raise_any()
    return _alone(here.source, here.path, parsed)


def _alone(source: SourceText, path: Path, parsed: Parsed) -> Single:
    """Judge a contract that is valid by the standard: what would streammesh still want of it?"""
    needs = Errors()
    name = needs.guard(port_name, path.name, Location(source.path)) or _any_port(parsed)
    schemas = parsed.document.get("schema") or [{}]
    topic = schemas[0].get("physicalName") or str(name)
    file = needs.guard(read_contract, source, name, topic)
    if file is None:
        file = ContractFile(source.path, parsed.document, parsed.places, StreamOptions())
    return _of_contract(source, file, topic, needs=needs.found)


def _any_port(parsed: Parsed) -> PortName:
    """Give the name that a contract's file could have by its version."""
    major = str(parsed.document.get("version", "")).lstrip("v").split(".")[0]
    return PortName("port", int(major) if major.isascii() and major.isdigit() else 1)


def _of_contract(
    source: SourceText,
    file: ContractFile,
    topic: str,
    *,
    placed: bool = False,
    needs: tuple[MeshError, ...] = (),
) -> Single:
    standard = f"ODCS {file.document['apiVersion']}"
    return Single("contract", source.path, standard, file, topic, placed, needs)


def topic_of(path: Path, name: PortName) -> str:
    """Give the topic of a port by the folders it is in."""
    product = path.parent
    return Names().product_topic(product.parent.parent.name, product.name, name.port, name.major)


_READERS: Mapping[str, Callable[[_Here], Single]] = {
    "mesh": _mesh,
    "domain": _domain,
    "source": _named("source", SOURCE_END, read_source),
    "subscription": _named("subscription", SUBSCRIPTION_END, read_subscription),
    "policy": _policy,
    "product": _product,
    "contract": _contract,
    "model": _model,
}
