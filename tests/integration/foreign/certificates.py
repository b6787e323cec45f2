"""A private authority and a certificate of it, made by `openssl`, as a company has them."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Certificates:
    """Files in PEM: the authority's certificate, and the server's key with its certificate."""

    authority: Path
    server: Path


def make_certificates(folder: Path) -> Certificates:
    """Make an authority, and a certificate for 127.0.0.1 and localhost."""
    if shutil.which("openssl") is None:
        pytest.skip("makes its certificates with openssl, which is not here")
    folder.mkdir(parents=True)

    def openssl(*arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)

    new = ("-newkey", "rsa:2048", "-nodes", "-days", "2")
    openssl("req", "-x509", *new, "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=Test CA")
    openssl("req", *new[:3], "-keyout", "key.pem", "-out", "request.pem", "-subj", "/CN=localhost")
    names = folder / "names.txt"
    names.write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    signed = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-extfile", names.name)
    openssl("x509", "-req", "-in", "request.pem", "-out", "cert.pem", "-days", "2", *signed)
    server = folder / "server.pem"
    server.write_text((folder / "key.pem").read_text() + (folder / "cert.pem").read_text())
    return Certificates(folder / "ca.pem", server)
