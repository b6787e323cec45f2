"""The programs that every workspace's stack shares: fetched once, found by their lock entries."""

from __future__ import annotations

from pathlib import Path

from streammesh.local import runtime
from streammesh.local.artifacts import ArtifactSet, load_lock
from streammesh.local.cache import Cache, Report, cache_folder
from streammesh.local.downloads import fetch
from streammesh.local.setting import Tools

TITLES = {"kafka": "Kafka", "connect": "Connect", "debezium": "Debezium", "registry": "registry"}


def ensure(report: Report, folder: Path | None = None) -> None:
    """Fetch what is missing in the cache.

    Args:
        report: called with the bytes here and wanted, while something is fetched.
        folder: the cache; None for the user's own.

    Raises:
        DownloadFailed, DownloadCorrupt: see `Cache.ensure`.
    """
    # sets share files, and one that two of them want is fetched once
    files = {a.coordinate: a for one in load_lock().values() for a in one.artifacts}
    _cache(folder).ensure(files.values(), report)


def locate(folder: Path | None = None) -> Tools:
    """Say where everything is, or will be once it is fetched.

    Raises:
        LocalExtraMissing: the extra `[local]` is not installed.
    """
    cache = _cache(folder)
    sets = load_lock()
    archived = {name: one for name, one in sets.items() if one.artifacts[0].is_archive}
    return Tools(
        java=runtime.java(),
        postgres=runtime.postgres_package(),
        jars={name: _jars(cache, one) for name, one in sets.items() if name not in archived},
        unpacked={name: cache.path_of(one.artifacts[0]) for name, one in archived.items()},
    )


def versions() -> str:
    """Give the versions of what the stack is made of, for people."""
    return ", ".join(f"{TITLES[name]} {one.version}" for name, one in load_lock().items())


def _cache(folder: Path | None) -> Cache:
    return Cache(folder or cache_folder(), fetch)


def _jars(cache: Cache, one: ArtifactSet) -> tuple[Path, ...]:
    return tuple(cache.path_of(artifact) for artifact in one.artifacts)
