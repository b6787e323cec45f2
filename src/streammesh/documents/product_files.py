"""A product's folder: its ODPS document, and one contract and model per port and major version."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from streammesh.documents.collect import Errors
from streammesh.documents.files import read_text, shown_path
from streammesh.documents.names import Names
from streammesh.documents.naming import check_name, check_same
from streammesh.documents.parsed import Parsed
from streammesh.documents.port_files import PortName, check_status, port_name, read_contract
from streammesh.documents.product_schemas import product_errors
from streammesh.documents.values import ModelFile, Port, Product
from streammesh.documents.yaml import parse
from streammesh.errors import Location
from streammesh.errors.documents import (
    BadVersion,
    MissingField,
    MissingFile,
    NameDiffers,
    PortDiffers,
    PortNotDeclared,
    PortTwice,
)

PRODUCT_FILE = "dataproduct.odps.yaml"
CONTRACT_END = ".odcs.yaml"
MODEL_END = ".sql"


def read_product(root: Path, folder: Path, domain: str) -> Product:
    """Read a product's folder.

    Args:
        root: the workspace's folder.
        folder: the product's folder; its name is the product's.
        domain: the owning domain.

    Raises:
        MeshErrors: with all that is wrong with any of its files.
    """
    errors, name = Errors(), folder.name
    place = Location(shown_path(root, folder))
    errors.guard(check_name, name, "product", place)
    document = errors.guard(_read_document, root, folder)
    if document is not None:
        errors.extend(_identity_errors(document, name, domain))
    ports = _read_ports(root, folder, domain, errors)
    if document is not None:
        present = frozenset(_by_name(root, folder, CONTRACT_END, Errors()))
        errors.extend(_declaration_errors(document, ports, present))
    errors.raise_any()
    found: Mapping[str, Any] = document.document if document else {}
    places = document.places if document else {}
    return Product(domain, name, f"{place.file}/{PRODUCT_FILE}", found, ports, places)


def _read_document(root: Path, folder: Path) -> Parsed:
    path = folder / PRODUCT_FILE
    if not path.is_file():
        where = Location(shown_path(root, folder))
        fix = "write the product's ODPS document, with its output ports"
        raise MissingFile(missing=PRODUCT_FILE, where=where, fix=fix)
    parsed, errors = parse(read_text(root, path)), Errors()
    errors.extend(product_errors(parsed))
    errors.guard(check_status, parsed, "data product")
    errors.raise_any()
    return parsed


def _identity_errors(
    parsed: Parsed, name: str, domain: str
) -> Iterator[NameDiffers | MissingField]:
    document, path = parsed.document, Location(parsed.source.path)
    if "name" not in document:
        fix = f"add `name: {name}`"
        yield MissingField(name="name", kind="a data product", where=path, fix=fix)
    for field, kind, expected in (("name", "product", name), ("domain", "domain", domain)):
        if field not in document:
            continue
        try:
            check_same(document[field], expected, kind, "folder", parsed.place(field))
        except NameDiffers as error:
            yield error


def _read_ports(root: Path, folder: Path, domain: str, errors: Errors) -> tuple[Port, ...]:
    contracts = _by_name(root, folder, CONTRACT_END, errors)
    models = _by_name(root, folder, MODEL_END, errors)
    for name, path in _alone(contracts, models):
        end = MODEL_END if name in contracts else CONTRACT_END
        missing = f"{name}{end}"
        fix = "write it, or delete this one"
        errors.add(MissingFile(missing=missing, where=Location(shown_path(root, path)), fix=fix))
    ports = (
        errors.guard(_read_port, root, contracts[name], models[name], name, domain)
        for name in sorted(contracts.keys() & models.keys())
    )
    return tuple(port for port in ports if port is not None)


def _alone(
    contracts: Mapping[PortName, Path], models: Mapping[PortName, Path]
) -> Iterator[tuple[PortName, Path]]:
    for name in sorted(contracts.keys() ^ models.keys()):
        yield name, contracts.get(name) or models[name]


def _by_name(root: Path, folder: Path, end: str, errors: Errors) -> dict[PortName, Path]:
    found: dict[PortName, Path] = {}
    for path in sorted(folder.glob(f"*{end}")):
        where = Location(shown_path(root, path))
        name = errors.guard(port_name, path.name, where)
        if name is not None:
            found[name] = path
    return found


def _read_port(root: Path, contract: Path, model: Path, name: PortName, domain: str) -> Port:
    product = contract.parent.name
    topic = Names().product_topic(domain, product, name.port, name.major)
    file = read_contract(read_text(root, contract), name, topic)
    sql = read_text(root, model)
    return Port(
        domain=domain,
        product=product,
        name=name.port,
        major=name.major,
        version=file.document["version"],
        status=file.document["status"],
        contract=file,
        model=ModelFile(sql.path, sql.text),
    )


def _declaration_errors(
    parsed: Parsed, ports: tuple[Port, ...], present: frozenset[PortName]
) -> Iterator[BadVersion | PortTwice | PortDiffers | PortNotDeclared | MissingFile]:
    """Compare the ODPS document's output ports with the contracts beside it.

    A port whose contract is present but wrong has an error of its own already.
    """
    declared: dict[PortName, int] = {}
    for index, said in enumerate(parsed.document.get("outputPorts") or ()):
        where = parsed.place("outputPorts", index, "version")
        major = said["version"].lstrip("v").split(".")[0]
        if not major.isdigit():
            yield BadVersion(text=said["version"], where=where)
            continue
        name = PortName(said["name"], int(major))
        if name in declared:
            yield PortTwice(port=name.port, major=name.major, where=where)
        declared[name] = index
    existing = {PortName(port.name, port.major): port for port in ports}
    broken = present - existing.keys()
    yield from _differences(
        parsed, {one: at for one, at in declared.items() if one not in broken}, existing
    )


def _differences(
    parsed: Parsed, declared: Mapping[PortName, int], existing: Mapping[PortName, Port]
) -> Iterator[PortDiffers | PortNotDeclared | MissingFile]:
    for name, port in existing.items():
        if name not in declared:
            where = Location(port.contract.path)
            fix = f"add it to `outputPorts` of {parsed.source.path}"
            yield PortNotDeclared(
                port=name.port, major=name.major, kind="contract", where=where, fix=fix
            )
    folder = Path(parsed.source.path).parent
    for name, index in declared.items():
        if name in existing:
            yield from _port_differences(parsed, index, existing[name])
        else:
            where = parsed.place("outputPorts", index, "name")
            fix = f"write {folder.as_posix()}/{name}{CONTRACT_END}, or take the port away"
            yield MissingFile(missing=f"{name}{CONTRACT_END}", where=where, fix=fix)


def _port_differences(parsed: Parsed, index: int, port: Port) -> Iterator[PortDiffers]:
    said = parsed.document["outputPorts"][index]
    for field, expected in (
        ("version", port.version),
        ("contractId", port.contract.document["id"]),
    ):
        if said.get(field) != expected:
            yield PortDiffers(
                port=port.name,
                field=field,
                said=f"`{said[field]}`" if field in said else "nothing",
                expected=f"`{expected}`",
                where=parsed.place("outputPorts", index, field),
                fix=f"write `{field}: {expected}`",
            )
