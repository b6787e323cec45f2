"""Everything a user can meet, one class each: what happened, where, why, and what to do.

An error class states its message once, as its docstring, with `{fields}` filled from the
keyword arguments of its constructor:

    class UnknownField(DocumentError):
        \"\"\"`{name}` is no field of {kind}\"\"\"

    raise UnknownField(name="ownr", kind="Domain", where=location, fix="write `owner`")

`why` and `fix` are free text given where the error is raised, or a class attribute when they never
vary. The package has one module per area, so that a reader sees on one page what can go wrong there.
"""

from streammesh.errors.base import (
    CheckFailed,
    ExitCode,
    Location,
    MeshError,
    MeshErrors,
    NotAllowed,
    RemoteFailed,
    UsageError,
)

__all__ = [
    "CheckFailed",
    "ExitCode",
    "Location",
    "MeshError",
    "MeshErrors",
    "NotAllowed",
    "RemoteFailed",
    "UsageError",
]
