"""References to secrets: `${NAME}` in a file stands for an environment variable."""

from __future__ import annotations

import re
from collections.abc import Mapping

from streammesh.documents.values import Secret
from streammesh.errors import Location
from streammesh.errors.documents import BadSecret, MissingSecret, PasswordInFile

_REFERENCE = re.compile(r"\$\{([^}]*)\}")
_NAME = re.compile(r"[A-Z_][A-Z0-9_]*\Z")
_PASSWORD_IN_URL = re.compile(
    r"://[^/@\s:]*:(?!\$\{)[^/@\s]+@|[?&](?:password|passwd|pwd)=(?!\$\{)[^&\s]"
)


def resolve(secret: Secret, environ: Mapping[str, str]) -> str:
    """Give a secret's value; text around and without references stays as it is.

    Args:
        secret: the reference, with its place.
        environ: environment variables.

    Raises:
        MissingSecret: naming the variable and the place, never the value.
    """
    check_reference(secret)

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if not environ.get(name):
            fix = f"export {name}=…"
            why = None if secret.where else ""  # without a place, it was typed, and in no file
            raise MissingSecret(name=name, where=secret.where, why=why, fix=fix)
        return environ[name]

    return _REFERENCE.sub(value, secret.text)


def variables(secret: Secret) -> tuple[str, ...]:
    """Give the names of the environment variables that a secret refers to."""
    return tuple(_REFERENCE.findall(secret.text))


def check_reference(secret: Secret, *, password: bool = False) -> None:
    """Check that references are well formed.

    Args:
        secret: what the file says.
        password: whether an address may hold no password in clear.

    Raises:
        BadSecret: when one is not.
        PasswordInFile: when the address has one; the line isn't shown then.
    """
    for name in variables(secret):
        if not _NAME.match(name):
            raise BadSecret(text=f"${{{name}}}", where=secret.where)
    if password and _PASSWORD_IN_URL.search(secret.text):
        where = secret.where
        hidden = None if where is None else Location(where.file, where.line, where.column)
        raise PasswordInFile(where=hidden)
