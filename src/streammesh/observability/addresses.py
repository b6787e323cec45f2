"""Where metrics are served."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from streammesh.errors.observability import MetricsAddressWrong

PATH = "/metrics"
LOOPBACK = "127.0.0.1"
LAST_PORT = 65_535

_FORM = re.compile(r"(?:(?P<host>\[[0-9a-fA-F:.]+\]|[^\[\]:\s/]+):)?(?P<port>[0-9]{1,5})")


@dataclass(frozen=True)
class Address:
    """Where metrics are served; port 0 takes a free one."""

    host: str
    port: int

    def __str__(self) -> str:
        """Give `host:port`."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"

    @property
    def url(self) -> str:
        """Give the address of the page."""
        return f"http://{self}{PATH}"

    def next(self, number: int) -> Address:
        """Give the address so many ports further; free ports stay free ones.

        Raises:
            MetricsAddressWrong: there is no such port.
        """
        port = self.port + number if self.port else 0
        if port > LAST_PORT:
            raise MetricsAddressWrong(text=f"{self.host}:{port}")
        return replace(self, port=port)


def address(text: str) -> Address:
    """Read `[HOST:]PORT`; without a host it is this machine's own.

    Raises:
        MetricsAddressWrong: it is none.
    """
    found = _FORM.fullmatch(text)
    if found is None or int(found["port"]) > LAST_PORT:
        raise MetricsAddressWrong(text=text)
    return Address((found["host"] or LOOPBACK).strip("[]"), int(found["port"]))
