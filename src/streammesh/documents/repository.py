"""What the repository is called that a workspace's files are kept in, and what it governs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from streammesh.documents.policy_files import POLICIES

_SCP = re.compile(r"(?:[^@/:\s]+@)?(?P<host>[^@/:\s]{2,}):(?P<path>[^\s]+)\Z")
"""`git@github.com:acme/sales.git`; a host of one letter would be a drive."""


@dataclass(frozen=True)
class Repository:
    """Where a workspace's files are kept.

    Attributes:
        name: as claims of domains name it: `github.com/acme/sales`, the place where it has none.
        place: machine and folder; a claim of the time before it had a name names that.
    """

    name: str
    place: str

    def is_called(self, name: str) -> bool:
        """Tell whether a claim's name means this one."""
        return name in (self.name, self.place)


def normalised(address: str) -> str:
    """Give a remote's address as a name: the same for ssh and https, and without any login.

    Args:
        address: as git has it; empty for none.

    Returns:
        `host/path` in small letters; a path of this machine as it is.
    """
    text = address.strip()
    if "://" in text:
        parts = urlsplit(text)
        if parts.scheme == "file" or not parts.hostname:
            return parts.path
        return _joined(parts.hostname, parts.path)
    found = _SCP.match(text)
    return _joined(found["host"], found["path"]) if found else text


def _joined(host: str, path: str) -> str:
    path = path.strip("/").removesuffix(".git").rstrip("/")
    return f"{host}/{path}".lower()


def governs(root: Path) -> bool:
    """Tell whether a workspace speaks for the whole mesh: it has a folder policies/, or no domain.

    An empty folder counts: by it the last policy is taken back, and whoever has one doesn't read
    the policies of others. So it needs the claim on the mesh's governance as well.
    """
    if (root / POLICIES).is_dir():
        return True
    domains = root / "domains"
    return not domains.is_dir() or not any(one.is_dir() for one in domains.iterdir())
