"""Which files the stack is made of: pinned coordinates, sizes and checksums, from the lock file."""

from __future__ import annotations

import json
from dataclasses import dataclass
from importlib import resources
from pathlib import PurePosixPath


@dataclass(frozen=True)
class Artifact:
    """One pinned file of a Maven repository.

    Attributes:
        coordinate: `group:artifact:version[:classifier]:packaging`.
        sha256: lower-case hex digest of the file.
        size: bytes.
    """

    coordinate: str
    sha256: str
    size: int

    @property
    def parts(self) -> tuple[str, str, str, str, str]:
        """Give group, artifact, version, classifier (may be empty) and packaging."""
        group, artifact, version, *classifier, packaging = self.coordinate.split(":")
        return group, artifact, version, classifier[0] if classifier else "", packaging

    @property
    def filename(self) -> str:
        """Give the file's name in a Maven repository."""
        _, artifact, version, classifier, packaging = self.parts
        suffix = f"-{classifier}" if classifier else ""
        return f"{artifact}-{version}{suffix}.{packaging}"

    @property
    def path(self) -> PurePosixPath:
        """Give the file's path below the root of a Maven repository."""
        group, artifact, version, *_ = self.parts
        return PurePosixPath(group.replace(".", "/"), artifact, version, self.filename)

    @property
    def is_archive(self) -> bool:
        """Say whether the file is unpacked before use."""
        return self.parts[4] == "tar.gz"


@dataclass(frozen=True)
class ArtifactSet:
    """All files of one component, and the version that people know it by."""

    name: str
    version: str
    artifacts: tuple[Artifact, ...]


def load_lock() -> dict[str, ArtifactSet]:
    """Give the pinned files of each component, by its name."""
    text = resources.files("streammesh.local").joinpath("artifacts.lock.json").read_text()
    return parse_lock(text)


def parse_lock(text: str) -> dict[str, ArtifactSet]:
    """Read the text of a lock file."""
    return {
        name: ArtifactSet(
            name,
            entry["version"],
            tuple(Artifact(c, f["sha256"], f["size"]) for c, f in entry["files"].items()),
        )
        for name, entry in json.loads(text)["sets"].items()
    }
