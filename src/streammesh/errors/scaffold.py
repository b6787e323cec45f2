"""What can go wrong when files are written for a user."""

from __future__ import annotations

from streammesh.errors.base import MeshError, UsageError


class AlreadyAWorkspace(UsageError):
    """`{folder}` is a workspace already: it has a mesh.toml"""

    why = "what is there is never overwritten; nothing was written"
    fix = "name another folder, or add domains to this workspace"


class CannotWrite(MeshError):
    """`{path}` can't be written"""

    fix = "name a folder that may be written"
