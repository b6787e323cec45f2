"""A workspace's folder as values: every file read and checked, all errors at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from streammesh.documents.collect import Errors
from streammesh.documents.files import read_text, shown_path
from streammesh.documents.kinds import DomainFile, read_domain, read_source, read_subscription
from streammesh.documents.mesh_file import read_mesh
from streammesh.documents.product_files import read_product
from streammesh.documents.references import reference_errors
from streammesh.documents.values import Domain, Product, Source, Subscription, Workspace
from streammesh.errors import Location
from streammesh.errors.documents import MisnamedFile, MissingFile, NoWorkspace

MESH_FILE = "mesh.toml"
DOMAIN_FILE = "domain.yaml"
SOURCE_END = ".source.yaml"
SUBSCRIPTION_END = ".subscription.yaml"
POLICY_END = ".policy.yaml"

_ENDS = (DOMAIN_FILE, SOURCE_END, SUBSCRIPTION_END, ".odcs.yaml", ".odps.yaml", ".sql")


def find_root(start: Path) -> Path:
    """Give the workspace that a folder is in: the nearest one with a mesh.toml, upwards.

    Raises:
        NoWorkspace: when there is none.
    """
    start = start.absolute()
    for folder in (start, *start.parents):
        if (folder / MESH_FILE).is_file():
            return folder
    raise NoWorkspace(start=start)


def load(root: Path, *, relied_on: bool = True) -> Workspace:
    """Read a whole workspace.

    Args:
        root: the folder that holds mesh.toml.
        relied_on: whether fields that subscriptions rely on have to be there: not while a change
            is still to be released as a new major version.

    Raises:
        MeshErrors: with everything that is wrong with any file, in the order of files and lines.
    """
    root, errors = root.absolute(), Errors()
    mesh = errors.guard(lambda: read_mesh(read_text(root, root / MESH_FILE)))
    found = [_read_domain(root, folder, errors) for folder in _folders(root / "domains")]
    domains = {domain.name: domain for domain in found if domain is not None}
    errors.extend(_misnamed(root))
    errors.extend(reference_errors(domains, relied_on=relied_on))
    errors.raise_any()
    if mesh is None:  # its error was raised above
        raise NoWorkspace(start=root)
    return Workspace(str(root), mesh.name, mesh.environments, domains)


def document_files(root: Path) -> tuple[Path, ...]:
    """Give the files of a workspace that are read, in their order."""
    patterns = (
        f"*/{DOMAIN_FILE}",
        f"*/sources/*{SOURCE_END}",
        f"*/subscriptions/*{SUBSCRIPTION_END}",
        "*/products/*/*",
    )
    ends = (".yaml", ".sql")
    found = {
        path
        for pattern in patterns
        for path in (root / "domains").glob(pattern)
        if path.is_file() and path.name.endswith(ends)
    }
    return (root / MESH_FILE, *sorted(found))


def unread_files(root: Path) -> tuple[str, ...]:
    """Give the documents that stand in the workspace but are of a kind not read yet."""
    patterns = (f"policies/*{POLICY_END}", f"domains/*/policies/*{POLICY_END}")
    found = (path for pattern in patterns for path in root.glob(pattern) if path.is_file())
    return tuple(sorted(shown_path(root, path) for path in found))


def _misnamed(root: Path) -> Iterator[MisnamedFile]:
    """Find files that look like documents but are not read, such as `*.odcs.yml`."""
    for pattern in ("*/*", "*/sources/*", "*/subscriptions/*", "*/products/*/*"):
        for path in sorted((root / "domains").glob(pattern)):
            name = path.name.lower().removesuffix(".yml").removesuffix(".yaml")
            right = path.name.lower() if path.name.lower().endswith(".sql") else f"{name}.yaml"
            if right != path.name and right.endswith(_ENDS) and path.is_file():
                where = Location(shown_path(root, path))
                yield MisnamedFile(name=path.name, where=where, fix=f"call it {right}")


def _folders(parent: Path) -> Iterator[Path]:
    if parent.is_dir():
        yield from sorted(
            path for path in parent.iterdir() if path.is_dir() and not path.name.startswith(".")
        )


def _read_domain(root: Path, folder: Path, errors: Errors) -> Domain | None:
    file = errors.guard(_read_domain_file, root, folder)
    sources = _read_sources(root, folder, errors)
    products = _read_products(root, folder, errors)
    subscriptions = _read_subscriptions(root, folder, errors)
    if file is None:
        return None
    return Domain(file.name, file.owner, file.on_call, sources, products, file.where, subscriptions)


def _read_domain_file(root: Path, folder: Path) -> DomainFile:
    path = folder / DOMAIN_FILE
    if not path.is_file():
        where = Location(shown_path(root, folder))
        fix = "write it: apiVersion, kind: Domain, name, owner"
        raise MissingFile(missing=DOMAIN_FILE, where=where, fix=fix)
    return read_domain(read_text(root, path), folder.name)


def _read_sources(root: Path, folder: Path, errors: Errors) -> tuple[Source, ...]:
    found = [
        errors.guard(_read_source, root, path, folder.name)
        for path in sorted((folder / "sources").glob(f"*{SOURCE_END}"))
    ]
    return tuple(source for source in found if source is not None)


def _read_source(root: Path, path: Path, domain: str) -> Source:
    return read_source(read_text(root, path), domain, path.name.removesuffix(SOURCE_END))


def _read_products(root: Path, folder: Path, errors: Errors) -> tuple[Product, ...]:
    found = [
        errors.guard(read_product, root, path, folder.name)
        for path in _folders(folder / "products")
    ]
    return tuple(product for product in found if product is not None)


def _read_subscriptions(root: Path, folder: Path, errors: Errors) -> tuple[Subscription, ...]:
    found = [
        errors.guard(_read_subscription, root, path, folder.name)
        for path in sorted((folder / "subscriptions").glob(f"*{SUBSCRIPTION_END}"))
    ]
    return tuple(one for one in found if one is not None)


def _read_subscription(root: Path, path: Path, domain: str) -> Subscription:
    name = path.name.removesuffix(SUBSCRIPTION_END)
    return read_subscription(read_text(root, path), domain, name)
