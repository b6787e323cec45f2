"""The cache of downloaded files, shared by all workspaces of a user: fetch, verify, unpack.

A file is in the cache only whole: it is fetched to a folder of its own, verified and then renamed.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from streammesh.errors.local import CacheUnusable, DownloadCorrupt, DownloadFailed
from streammesh.local.artifacts import Artifact

Fetch = Callable[[Artifact, Path, Callable[[int], None]], Path]
"""Fetch an artifact into a folder, reporting the bytes as they come; gives the file's path."""

Report = Callable[[int, int], None]
"""Called with the bytes that are here and the bytes wanted."""

ATTEMPTS = 3
PARALLEL = 6
ABANDONED_S = 24 * 3600.0


def cache_folder(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> Path:
    """Give the cache's folder: STREAMMESH_CACHE, or the platform's place for caches."""
    if override := environ.get("STREAMMESH_CACHE"):
        return Path(override).expanduser().absolute()
    home = Path(environ.get("HOME") or Path.home())
    if platform == "darwin":
        return home / "Library" / "Caches" / "streammesh"
    return Path(environ.get("XDG_CACHE_HOME") or home / ".cache") / "streammesh"


def sha256_of(path: Path) -> str:
    """Give the lower-case hex SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def is_valid(path: Path, artifact: Artifact) -> bool:
    """Say whether `path` is the pinned file, whole."""
    try:
        return path.stat().st_size == artifact.size and sha256_of(path) == artifact.sha256
    except (FileNotFoundError, NotADirectoryError):
        return False


class Cache:
    """Files by coordinate; archives unpacked."""

    def __init__(self, folder: Path, fetch: Fetch, pause_s: float = 1.0) -> None:
        """Use a cache.

        Args:
            folder: where it is; created when missing.
            fetch: brings what is not there.
            pause_s: seconds before a failed download is tried again.
        """
        self.folder = folder
        self._fetch = fetch
        self._pause_s = pause_s

    def path_of(self, artifact: Artifact) -> Path:
        """Give where the artifact is used from: the file, or the folder it was unpacked to."""
        if artifact.is_archive:
            return self.folder / "unpacked" / f"{artifact.parts[1]}-{artifact.sha256[:16]}"
        return self.folder / "files" / artifact.path

    def missing(self, artifacts: Iterable[Artifact]) -> tuple[Artifact, ...]:
        """Give those that are not here, whole; a damaged file is removed."""
        with ThreadPoolExecutor(2) as pool:
            wanted = list(artifacts)
            return tuple(
                a for a, here in zip(wanted, pool.map(self._has, wanted), strict=True) if not here
            )

    def ensure(
        self, artifacts: Iterable[Artifact], report: Report = lambda _done, _all: None
    ) -> None:
        """Bring all artifacts that are missing, several at a time.

        Args:
            artifacts: what has to be here afterwards.
            report: called, from any thread, as bytes come in, at most once per percent; not
                called when nothing is missing.

        Raises:
            CacheUnusable: the folder can't be written, or its disk is full.
            DownloadFailed: the repository did not answer or has no such file.
            DownloadCorrupt: what came was not the pinned file, several times.
        """
        missing = self.missing(artifacts)
        if not missing:
            return
        self._drop_abandoned()
        tally = _Tally(sum(a.size for a in missing), report)
        with ThreadPoolExecutor(PARALLEL) as pool:
            # the largest first, so that the small ones fill the gaps
            ordered = sorted(missing, key=lambda a: -a.size)
            futures = [pool.submit(self._bring, artifact, tally) for artifact in ordered]
            try:
                for future in futures:
                    future.result()
            except BaseException:
                tally.stop()
                pool.shutdown(wait=True, cancel_futures=True)
                raise

    def _has(self, artifact: Artifact) -> bool:
        path = self.path_of(artifact)
        if artifact.is_archive:
            return path.is_dir()
        valid = is_valid(path, artifact)
        if not valid and path.exists():
            path.unlink(missing_ok=True)
        return valid

    def _drop_abandoned(self) -> None:
        """Remove what killed downloads left behind, but nothing that may still be at work."""
        for folder in (self.folder / "partial").glob("*"):
            if time.time() - folder.stat().st_mtime > ABANDONED_S:
                shutil.rmtree(folder, ignore_errors=True)

    def _bring(self, artifact: Artifact, tally: _Tally) -> None:
        try:
            self._place(artifact, tally)
        except OSError as error:
            raise CacheUnusable(folder=self.folder, why=_reason(error)) from error

    def _place(self, artifact: Artifact, tally: _Tally) -> None:
        partial = self.folder / "partial"
        partial.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=partial, ignore_cleanup_errors=True) as folder:
            file = self._fetch_valid(artifact, Path(folder), tally)
            target = self.path_of(artifact)
            target.parent.mkdir(parents=True, exist_ok=True)
            if artifact.is_archive:
                _unpack(file, target, Path(folder) / "unpacked")
            else:
                os.replace(file, target)

    def _fetch_valid(self, artifact: Artifact, folder: Path, tally: _Tally) -> Path:
        failure: Exception | None = None
        for attempt in range(ATTEMPTS):
            place = folder / str(attempt)
            counted = tally.start()
            try:
                file = self._fetch(artifact, place, counted.add)
            except _Stopped:
                raise
            except Exception as error:
                failure = error
                time.sleep(self._pause_s)
            else:
                failure = None
                if is_valid(file, artifact):
                    counted.settle(artifact.size)
                    return file
            counted.settle(0)
            shutil.rmtree(place, ignore_errors=True)
        if failure is not None:
            raise DownloadFailed(file=artifact.coordinate, why=_reason(failure)) from failure
        raise DownloadCorrupt(file=artifact.coordinate, times=ATTEMPTS)


class _Stopped(Exception):
    """Another download failed, so this one need not go on."""


class _Tally:
    """Counts the bytes of all downloads; thread-safe."""

    def __init__(self, total: int, report: Report) -> None:
        self._total, self._report = total, report
        self._done, self._percent = 0, 0
        self._stopped = False
        self._lock = threading.Lock()

    def start(self) -> _Counted:
        return _Counted(self)

    def stop(self) -> None:
        self._stopped = True

    def add(self, count: int) -> None:
        if self._stopped:
            raise _Stopped
        with self._lock:
            self._done += count
            percent = 100 * self._done // self._total
            if percent != self._percent:
                self._percent = percent
                self._report(self._done, self._total)


class _Counted:
    """The bytes of one attempt, so that a failed one can be taken back."""

    def __init__(self, tally: _Tally) -> None:
        self._tally, self._count = tally, 0

    def add(self, count: int) -> None:
        self._count += count
        self._tally.add(count)

    def settle(self, count: int) -> None:
        self.add(count - self._count)


def _reason(error: Exception) -> str:
    """Say in one line what went wrong, without addresses that may hold credentials."""
    text = str(error).splitlines()[0] if str(error) else ""
    return f"{type(error).__name__}: {text}"[:200] if "://" not in text else type(error).__name__


def _harmless(tar: tarfile.TarFile) -> list[tarfile.TarInfo]:
    """Give an archive's members.

    Raises:
        tarfile.TarError: one is neither file nor folder, or would be put outside the folder.
    """
    members = tar.getmembers()
    for member in members:
        parts = Path(member.name).parts
        if not (member.isfile() or member.isdir()) or ".." in parts or parts[:1] == ("/",):
            raise tarfile.TarError(f"{member.name} has no place in an archive of jars")
    return members


def _unpack(archive: Path, target: Path, staging: Path) -> None:
    """Unpack into `staging`, then move; another process that was quicker wins."""
    with tarfile.open(archive) as tar:
        if hasattr(tarfile, "data_filter"):
            tar.extractall(staging, filter="data")
        else:
            # Python before 3.11.4 has no filter: what it would refuse is refused here
            tar.extractall(staging, members=_harmless(tar))  # noqa: S202 - checked
    try:
        os.replace(staging, target)
    except OSError:
        if not target.is_dir():
            raise
