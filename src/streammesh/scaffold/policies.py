"""Write a policy into a workspace."""

from __future__ import annotations

from pathlib import Path

from streammesh.documents.editors import schema_line
from streammesh.errors.policies import PolicyThere
from streammesh.errors.scaffold import CannotWrite


def write_policy(root: Path, path: Path, text: str) -> None:
    """Write a policy's file, with the line by which an editor finds its schema.

    Args:
        root: the workspace's folder.
        path: where, in it.
        text: the policy.

    Raises:
        PolicyThere: the file is there; it is left as it is.
        CannotWrite: it can't be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(f"{schema_line(root, path, 'policy')}\n{text}")
    except FileExistsError as error:
        raise PolicyThere(path=path.relative_to(root).as_posix()) from error
    except OSError as error:
        raise CannotWrite(path=path, why=error.strerror) from error
