"""A workspace's folder as values: every file read and checked, all errors at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from streammesh.documents.collect import Errors
from streammesh.documents.files import read_text, shown_path
from streammesh.documents.garbage import nothing_to_collect
from streammesh.documents.kinds import DomainFile, read_domain, read_source, read_subscription
from streammesh.documents.many import read_ahead
from streammesh.documents.mesh_file import read_mesh
from streammesh.documents.policy_files import POLICIES, POLICY_END, read_policies
from streammesh.documents.product_files import read_product
from streammesh.documents.references import reference_errors
from streammesh.documents.repository import governs
from streammesh.documents.values import Domain, Product, Source, Subscription, Workspace
from streammesh.errors import Location
from streammesh.errors.documents import MisnamedFile, MissingFile, NoWorkspace

MESH_FILE = "mesh.toml"
DOMAIN_FILE = "domain.yaml"
SOURCE_END = ".source.yaml"
SUBSCRIPTION_END = ".subscription.yaml"

_ENDS = (DOMAIN_FILE, SOURCE_END, SUBSCRIPTION_END, POLICY_END, ".odcs.yaml", ".odps.yaml", ".sql")


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
    with nothing_to_collect():
        return _load(root.absolute(), relied_on=relied_on)


def _load(root: Path, *, relied_on: bool) -> Workspace:
    errors = Errors()
    mesh = errors.guard(lambda: read_mesh(read_text(root, root / MESH_FILE)))
    folders = tuple(_folders(root / "domains"))
    ahead = read_ahead(root, [path for one in folders for path in _folders(one / "products")])
    found = [_read_domain(root, folder, ahead, errors) for folder in folders]
    domains = {domain.name: domain for domain in found if domain is not None}
    policies = read_policies(root, root, "", errors)
    for folder in _folders(root / "domains"):
        policies += read_policies(root, folder, folder.name, errors)
    errors.extend(_misnamed(root))
    errors.extend(reference_errors(domains, relied_on=relied_on))
    errors.raise_any()
    if mesh is None:  # its error was raised above
        raise NoWorkspace(start=root)
    return Workspace(
        str(root),
        mesh.name,
        mesh.environments,
        domains,
        policies=policies,
        governs=governs(root),
        repository=mesh.repository,
        catalog=mesh.catalog,
        owner=mesh.owner,
    )


def load_mesh(root: Path) -> Workspace:
    """Read mesh.toml alone: the files of the domains may be wrong, or gone.

    Args:
        root: the folder that holds it.

    Raises:
        MeshErrors: with everything that is wrong with it.
    """
    mesh = read_mesh(read_text(root, root / MESH_FILE))
    return Workspace(
        str(root),
        mesh.name,
        mesh.environments,
        {},
        governs=governs(root),
        repository=mesh.repository,
        catalog=mesh.catalog,
        owner=mesh.owner,
    )


def document_files(root: Path) -> tuple[Path, ...]:
    """Give the files of a workspace that are read, in their order."""
    patterns = (
        f"domains/*/{DOMAIN_FILE}",
        f"domains/*/sources/*{SOURCE_END}",
        f"domains/*/subscriptions/*{SUBSCRIPTION_END}",
        f"domains/*/{POLICIES}/*{POLICY_END}",
        "domains/*/products/*/*",
        f"{POLICIES}/*{POLICY_END}",
    )
    ends = (".yaml", ".sql")
    found = {
        path
        for pattern in patterns
        for path in root.glob(pattern)
        if path.is_file() and path.name.endswith(ends)
    }
    return (root / MESH_FILE, *sorted(found))


def _misnamed(root: Path) -> Iterator[MisnamedFile]:
    """Find files that look like documents but are not read, such as `*.odcs.yml`."""
    inside = ("*", "sources/*", "subscriptions/*", f"{POLICIES}/*", "products/*/*")
    for pattern in (*(f"domains/*/{one}" for one in inside), f"{POLICIES}/*"):
        for path in sorted(root.glob(pattern)):
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


def _read_domain(
    root: Path, folder: Path, ahead: Mapping[Path, Product], errors: Errors
) -> Domain | None:
    file = errors.guard(_read_domain_file, root, folder)
    sources = _read_sources(root, folder, errors)
    products = _read_products(root, folder, ahead, errors)
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


def _read_products(
    root: Path, folder: Path, ahead: Mapping[Path, Product], errors: Errors
) -> tuple[Product, ...]:
    found = [
        ahead.get(path) or errors.guard(read_product, root, path, folder.name)
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
