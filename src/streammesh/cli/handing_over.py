"""Passwords of consumers' users: made up, and handed over once to whoever approved."""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import TextIO

from streammesh.errors.access import SecretFileTaken
from streammesh.errors.scaffold import CannotWrite

PASSWORD_BYTES = 24


class HandOver:
    """Passwords that nobody keeps: each is shown or written before Kafka learns of it."""

    def __init__(self, file: Path | None, stream: TextIO | None = None) -> None:
        """Write them to `file`, made with mode 0600; to `stream` (stdout) where there is none.

        Raises:
            SecretFileTaken: the file is there already.
            CannotWrite: there is no folder for it that may be written.
        """
        if file is not None:
            _check(file)
        self._file = file
        self._stream = sys.stdout if stream is None else stream

    def password_for(self, principal: str) -> str:  # noqa: ARG002 - each is another
        """See `Credentials.password_for`; another one at each call.

        Raises:
            SecretFileTaken: the file is there already.
            CannotWrite: it can't be made.
        """
        password = secrets.token_urlsafe(PASSWORD_BYTES)
        if self._file is None:
            print(password, file=self._stream, flush=True)
        else:
            _write(self._file, password)
        return password


def _check(path: Path) -> None:
    try:
        taken = path.exists() or path.is_symlink()
    except OSError as error:  # a name that is too long
        raise CannotWrite(path=path, why=error.strerror) from error
    if taken:
        raise SecretFileTaken(path=path)
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise CannotWrite(path=path)


def _write(path: Path, password: str) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SecretFileTaken(path=path) from None
    except OSError as error:
        raise CannotWrite(path=path, why=error.strerror) from error
    with os.fdopen(handle, "w") as file:
        file.write(f"{password}\n")
        file.flush()
        os.fsync(handle)
