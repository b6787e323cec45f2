"""Deliver messages by the library apprise, which knows the servers of mail and chat."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from apprise import Apprise, AppriseAsset
from apprise.plugins import url_to_dict

from streammesh.catalog.notices import Recipient
from streammesh.notices.channels import EMAIL, WEBHOOK
from streammesh.notices.message import Message

_WEBHOOK = {"http": "json", "https": "jsons"}
"""A webhook's own schemes, and what apprise calls a POST of JSON there."""

_EMAIL = {"smtp": "mailto", "smtps": "mailtos"}
_LOGS = tuple(map(logging.getLogger, ("apprise", "urllib3")))
_SAID = re.compile(r"Socket Exception: |error=|[Cc]onnection error|failed|Failed")
_LEAST_SECRET = 4
"""A shorter part of an address is no secret: it would hide the words of the reason."""

_ASSET = AppriseAsset(
    app_id="streammesh", app_desc="streammesh", async_mode=False, storage_mode="memory"
)


def deliver(channel: str, address: str, recipient: Recipient, message: Message) -> str:
    """Deliver a message.

    Args:
        channel: "email", "chat" or "webhook".
        address: as apprise takes it; a webhook's also as https://…
        recipient: whose contact the address of a mail is taken from.
        message: what.

    Returns:
        Why it was not taken, without anything of the address but its host; empty when it was.

    Raises:
        ValueError: the address is none.
    """
    service = Apprise(asset=_ASSET)
    with _listening() as said:
        parts = _parts(channel, address, recipient)
        if not parts or not service.add(parts):
            raise ValueError(channel)
        said.clear()
        taken = service.notify(title=message.subject, body=message.body, body_format="text")
    return "" if taken else _reason(said, address)


def _parts(channel: str, address: str, recipient: Recipient) -> dict[str, Any] | None:
    """Give an address in apprise's own form; None when it is none."""
    scheme, separator, rest = address.partition("://")
    known = {EMAIL: _EMAIL, WEBHOOK: _WEBHOOK}.get(channel, {})
    plain_webhook, query = channel == WEBHOOK and scheme in known, ""
    if plain_webhook:
        rest, _, query = rest.partition("?")
    url = f"{known.get(scheme, scheme)}{separator}{rest}"
    found: dict[str, Any] | None = url_to_dict(url)  # type: ignore[no-untyped-call]
    if not found:
        return None
    if channel == EMAIL:
        return {**found, "targets": [recipient.contact["email"]], "format": "text"}
    if not plain_webhook:
        return found
    payload = {"notice": recipient.notice, "consumer": recipient.consumer}
    return {**found, "payload": payload, "params": dict(parse_qsl(query))}


@contextmanager
def _listening() -> Iterator[list[str]]:
    """Keep what apprise says meanwhile, and keep it from every log: it may hold an address."""
    said: list[str] = []
    handler, before = _Keep(said), [(one, one.level, one.propagate) for one in _LOGS]
    for log in _LOGS:
        log.addHandler(handler)
        log.setLevel(logging.DEBUG)
        log.propagate = False
    try:
        yield said
    finally:
        for log, level, passes in before:
            log.removeHandler(handler)
            log.setLevel(level)
            log.propagate = passes


class _Keep(logging.Handler):
    def __init__(self, said: list[str]) -> None:
        super().__init__()
        self._said = said

    def emit(self, record: logging.LogRecord) -> None:
        self._said.append(record.getMessage())


def _reason(said: list[str], address: str) -> str:
    words = [one for one in said if _SAID.search(one)]
    text = "; ".join(one.removeprefix("Socket Exception: ") for one in dict.fromkeys(words))
    for secret in sorted(set(_secrets(address)), key=len, reverse=True):
        text = text.replace(secret, "…")
    return " ".join(text.split())[:300] or "it was not taken"


def _secrets(address: str) -> Iterator[str]:
    """Give what of an address nobody may read: all behind the host, and who logs in."""
    parts = urlsplit(address)
    found = [address, parts.username, parts.password, parts.query, parts.path]
    found += [value for _, value in parse_qsl(parts.query)] + parts.path.split("/")
    for one in found:
        for text in (one, unquote(one)) if one else ():
            if len(text) >= _LEAST_SECRET:
                yield text
