"""Where the demo runs: in the checkout's own example, or in a copy of the package's."""

from __future__ import annotations

import shutil
from pathlib import Path

from streammesh.errors.demo import ExampleMissing, NotTheExample

PACKAGE = Path(__file__).resolve().parent
IN_PACKAGE = PACKAGE / "example"
IN_CHECKOUT = PACKAGE.parents[2] / "examples" / "shop"
COPY = Path("streammesh-demo")


def original() -> Path:
    """Give the folder of the example as it was shipped.

    Raises:
        ExampleMissing: it was not.
    """
    for folder in (IN_PACKAGE, IN_CHECKOUT):
        if (folder / "mesh.toml").is_file():
            return folder
    raise ExampleMissing(folder=IN_PACKAGE)


def place(wanted: Path | None) -> Path:
    """Give the workspace to run in, and copy the example to it when it is new.

    Args:
        wanted: a folder; None for the checkout's `examples/shop` where streammesh runs from one,
            else `streammesh-demo` in the current folder.

    Raises:
        NotTheExample: something else is there.
    """
    source = original()
    if wanted is None and source == IN_CHECKOUT:
        return source
    folder = (wanted or COPY).resolve()
    if not (folder / "mesh.toml").exists():
        if folder.exists() and any(folder.iterdir()):
            raise NotTheExample(folder=folder)
        ignored = shutil.ignore_patterns(".mesh")
        shutil.copytree(source, folder, ignore=ignored, dirs_exist_ok=True)
    if not (folder / "database" / "schema.sql").is_file():
        raise NotTheExample(folder=folder)
    return folder
