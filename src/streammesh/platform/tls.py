"""Why a secure connection could not be made, and which key of mesh.toml has to be another one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streammesh.errors import Location
from streammesh.errors.platform import TlsFailed

_NO_TLS = (
    "wrong version number",
    "wrong_version_number",
    "unexpected eof",
    "record layer",
    "plaintext broker",
)
_OTHER_HOST = ("hostname mismatch", "ip address mismatch", "doesn't match", "not valid for")
_AUTHORITY = ("certificate verify failed", "certificate could not be verified", "unable to get")


@dataclass(frozen=True)
class TlsWords:
    """What to do about it, in the words of one system.

    Attributes:
        wrong_protocol: where the other side speaks no TLS.
        wrong_authority: where its certificate is of an authority that we don't trust.
    """

    wrong_protocol: str
    wrong_authority: str


def tls_failed(
    system: str, address: str, why: str, places: Mapping[str, Location], words: TlsWords
) -> TlsFailed:
    """Give the error for a connection that failed in its TLS part.

    Args:
        system: who was to be reached.
        address: where.
        why: what the library says.
        places: of the system's keys in mesh.toml.
        words: the ways out.
    """
    text = why.lower()
    where = places.get("security_protocol", places.get("url", places.get("bootstrap_servers")))
    fix = None
    if any(one in text for one in _NO_TLS):
        fix = words.wrong_protocol
    elif any(one in text for one in _OTHER_HOST):
        fix = "use a name that its certificate has, or give it a certificate for this one"
    elif any(one in text for one in _AUTHORITY):
        fix, where = words.wrong_authority, places.get("ssl_ca", where)
    return TlsFailed(system=system, address=address, why=why, where=where, fix=fix)
