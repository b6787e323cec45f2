"""The product `mesh.notices`: what consumers are told, as a product of the mesh itself.

Its documents are shipped, since no domain writes them: they are read as those of any product, and
so the catalog, subscriptions and consumers know it as they know the others. It has no model.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib.resources import files
from typing import Any

from streammesh.contracts import avro
from streammesh.contracts import contract as contracts
from streammesh.contracts.contract import Contract
from streammesh.documents.files import SourceText, source_text
from streammesh.documents.names import MESH, Names
from streammesh.documents.port_files import PortName, read_contract
from streammesh.documents.values import Domain, ModelFile, Port, Product
from streammesh.documents.yaml import parse
from streammesh.errors import Location

NAME = "notices"
MAJOR = 1

_FOLDER = "streammesh/mesh.notices"
"""Where the catalog says that its documents are: the same in every workspace."""


def domain(owner: Mapping[str, str]) -> Domain:
    """Give the mesh's own domain.

    Args:
        owner: who answers for the mesh: `team`, `email`, `chat`.
    """
    document = dict(_document())
    if owner.get("email"):
        channel = owner.get("chat") or owner.get("team") or owner["email"]
        document["support"] = [{"channel": channel, "url": f"mailto:{owner['email']}"}]
    product = Product(MESH, NAME, f"{_FOLDER}/dataproduct.odps.yaml", document, (port(),))
    return Domain(MESH, owner, {}, (), (product,), Location(_FOLDER))


@functools.cache
def port() -> Port:
    """Give its port, with the contract."""
    name = PortName(NAME, MAJOR)
    topic = Names().product_topic(MESH, NAME, NAME, MAJOR)
    file = read_contract(_text(f"{name}.odcs.yaml"), name, topic)
    said = file.document
    return Port(
        domain=MESH,
        product=NAME,
        name=NAME,
        major=MAJOR,
        version=said["version"],
        status=said["status"],
        contract=file,
        model=ModelFile("", ""),
    )


@functools.cache
def contract() -> Contract:
    """Give what it promises."""
    return contracts.read(port().contract)


def schemas(names: Names) -> tuple[str, str]:
    """Give the Avro schemas of its keys and its values in an environment."""
    return (
        avro.key_schema(contract(), names.notices),
        avro.value_schema(contract(), names.notices),
    )


@functools.cache
def _document() -> Mapping[str, Any]:
    found: Mapping[str, Any] = parse(_text("dataproduct.odps.yaml")).document
    return found


def _text(name: str) -> SourceText:
    data = (files("streammesh.notices") / "shipped" / name).read_bytes()
    return source_text(f"{_FOLDER}/{name}", data)
