"""One file of a workspace, checked by itself: what the file's name says it is."""

from __future__ import annotations

from pathlib import Path

from streammesh.documents.files import SourceText, read_text
from streammesh.documents.kinds import checked, read_domain, read_source
from streammesh.documents.mesh_file import read_mesh
from streammesh.documents.names import Names
from streammesh.documents.port_files import PortName, port_name, read_contract
from streammesh.documents.product_files import CONTRACT_END, MODEL_END, PRODUCT_FILE
from streammesh.documents.values import ContractFile, ModelFile
from streammesh.documents.workspace import DOMAIN_FILE, MESH_FILE, SOURCE_END
from streammesh.errors import Location
from streammesh.errors.documents import UnknownKind


def read_single(root: Path, path: Path) -> ContractFile | ModelFile | None:
    """Read and check one file; what it refers to is not looked at.

    Args:
        root: the folder that paths are shown relative to.
        path: the file, absolute.

    Returns:
        The contract or model, when it is one, for further checks.

    Raises:
        MeshErrors: with all that is wrong with it.
    """
    source = read_text(root, path)
    if path.name.endswith(CONTRACT_END):
        name = port_name(path.name, Location(source.path))
        return read_contract(source, name, topic_of(path, name))
    if path.name.endswith(MODEL_END):
        port_name(path.name, Location(source.path))
        return ModelFile(source.path, source.text)
    _check(source, path)
    return None


def _check(source: SourceText, path: Path) -> None:
    if path.name == MESH_FILE:
        read_mesh(source)
    elif path.name == DOMAIN_FILE:
        read_domain(source, path.parent.name)
    elif path.name.endswith(SOURCE_END):
        read_source(source, path.parent.parent.name, path.name.removesuffix(SOURCE_END))
    elif path.name == PRODUCT_FILE:
        checked(source, "odps")
    else:
        fix = f"known are {MESH_FILE}, {DOMAIN_FILE}, *{SOURCE_END}, {PRODUCT_FILE}, "
        fix += f"*{CONTRACT_END}, *{MODEL_END}"
        raise UnknownKind(name=path.name, where=Location(source.path), fix=fix)


def topic_of(path: Path, name: PortName) -> str:
    """Give the topic of a port by the folders it is in."""
    product = path.parent
    return Names().product_topic(product.parent.parent.name, product.name, name.port, name.major)
