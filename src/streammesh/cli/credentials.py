"""Passwords of Kafka users, where they are not the local stack's."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from streammesh.errors.planning import PasswordsUnreadable, UserPassword

USER_PASSWORDS = "MESH_USER_PASSWORDS"
"""Names a JSON file, principal → password: apply makes Kafka users with these.

When it is not set, somebody else makes the users of that environment.
"""


class FileCredentials:
    """Passwords of Kafka users from a file."""

    def __init__(self, path: Path) -> None:
        """Read them from `path` when they are needed."""
        self._path = path

    def password_for(self, principal: str) -> str:
        """See `Credentials.password_for`.

        Raises:
            PasswordsUnreadable: the file can't be read.
            UserPassword: it doesn't have this principal.
        """
        try:
            known = dict(json.loads(self._path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            raise PasswordsUnreadable(path=self._path, why=type(error).__name__) from None
        if not known.get(principal):
            raise UserPassword(principal=principal, path=self._path)
        return str(known[principal])


def file_credentials(environ: Mapping[str, str]) -> FileCredentials | None:
    """Give the passwords of the file that MESH_USER_PASSWORDS names; None when it is not set."""
    path = environ.get(USER_PASSWORDS)
    return FileCredentials(Path(path)) if path else None
