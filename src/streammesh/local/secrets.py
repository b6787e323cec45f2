"""Passwords of the local stack: random, kept in files that only the user can read."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from pathlib import Path

from streammesh.local.files import locked, write_private
from streammesh.local.layout import Layout

PASSWORD_BYTES = 24


class Secrets:
    """The passwords of one workspace's stack; safe to use from several processes."""

    def __init__(self, layout: Layout) -> None:
        """Keep them below `layout.secrets`, which is created by the first write."""
        self._layout = layout

    @property
    def principals_file(self) -> Path:
        """Principal → password, of Kafka."""
        return self._layout.secrets / "principals.json"

    @property
    def internal_file(self) -> Path:
        """Component → password, of what is not a Kafka principal."""
        return self._layout.secrets / "internal.json"

    def password_for(self, principal: str) -> str:
        """Give the password of a Kafka principal, making one up at the first call.

        This only stores it: whoever applies the plan tells Kafka.
        """
        return self._get_or_make(self.principals_file, principal)

    def forget(self, principal: str) -> None:
        """Forget the password of a principal that is gone: a new one gets another."""

        def without(entries: dict[str, str]) -> dict[str, str]:
            return {name: one for name, one in entries.items() if name != principal}

        if principal in _read_json(self.principals_file):
            self._change(self.principals_file, without, read=_read_json, show=_as_json)

    def internal(self, name: str) -> str:
        """Give the password of something else than a Kafka principal, making one up at first."""
        return self._get_or_make(self.internal_file, name)

    def principals(self) -> tuple[str, ...]:
        """Give the names of all principals that have a password, sorted."""
        return tuple(sorted(_read_json(self.principals_file)))

    def put_connect(self, name: str, value: str) -> str:
        """Store a secret where Connect can read it.

        Args:
            name: letters, digits, `.`, `_` and `-`.
            value: any text.

        Returns:
            The reference to write into a connector's configuration.
        """
        path = self._layout.connect_secrets

        def put(entries: dict[str, str]) -> dict[str, str]:
            return entries | {name: value}

        self._change(path, put, read=_read_properties, show=_as_properties)
        return f"${{file:{path}:{name}}}"

    def _get_or_make(self, path: Path, name: str) -> str:
        known = _read_json(path).get(name)
        if known is not None:
            return known

        def add(entries: dict[str, str]) -> dict[str, str]:
            return {name: secrets.token_urlsafe(PASSWORD_BYTES)} | entries

        return self._change(path, add, read=_read_json, show=_as_json)[name]

    def _change(
        self,
        path: Path,
        change: Callable[[dict[str, str]], dict[str, str]],
        *,
        read: Callable[[Path], dict[str, str]],
        show: Callable[[dict[str, str]], str],
    ) -> dict[str, str]:
        self._layout.secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked(self._layout.secrets / ".lock"):
            changed = change(read(path))
            write_private(path, show(changed))
        return changed


def _read_json(path: Path) -> dict[str, str]:
    try:
        return dict(json.loads(path.read_text()))
    except FileNotFoundError:
        return {}


def _as_json(entries: dict[str, str]) -> str:
    return json.dumps(entries, indent=1, sort_keys=True) + "\n"


def _read_properties(path: Path) -> dict[str, str]:
    try:
        lines = path.read_text().splitlines()
    except FileNotFoundError:
        return {}
    return {name: _unescape(value) for name, _, value in (line.partition("=") for line in lines)}


def _as_properties(entries: dict[str, str]) -> str:
    return "".join(f"{name}={_escape(value)}\n" for name, value in sorted(entries.items()))


def _escape(value: str) -> str:
    r"""Write a value as Java's properties want it: `\uXXXX` for all but printable ASCII."""
    units = value.encode("utf-16-be")
    codes = [int.from_bytes(units[i : i + 2]) for i in range(0, len(units), 2)]
    return "".join(chr(c) if 0x20 < c < 0x7F and c != 0x5C else f"\\u{c:04x}" for c in codes)


def _unescape(value: str) -> str:
    """Read what `_escape` wrote."""
    codes: list[int] = []
    index = 0
    while index < len(value):
        escaped = value.startswith("\\u", index)
        codes.append(int(value[index + 2 : index + 6], 16) if escaped else ord(value[index]))
        index += 6 if escaped else 1
    return b"".join(code.to_bytes(2) for code in codes).decode("utf-16-be")
