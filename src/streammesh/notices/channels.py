"""The channels of an environment by which people are reached, and their addresses in mesh.toml."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from streammesh.catalog.notices import Recipient
from streammesh.documents.secrets import resolve
from streammesh.documents.values import Environment, Secret
from streammesh.errors.lifecycle import BadNoticeAddress
from streammesh.notices.message import Message

EMAIL, CHAT, WEBHOOK = "email", "chat", "webhook"

_SETTINGS = {EMAIL: "smtp", CHAT: "chat", WEBHOOK: "webhook"}

Deliver = Callable[[str, str, Recipient, Message], str]
"""Delivers a message: given channel, address, recipient and message, it gives why it was not taken,
empty when it was; ValueError where the address is none. See `by_apprise.deliver`."""


class Channels:
    """The channels of an environment; an address is read when something is sent to it."""

    def __init__(
        self, environment: Environment, environ: Mapping[str, str], deliver: Deliver
    ) -> None:
        """Take the environment, the variables that its addresses refer to, and what delivers."""
        self._environment = environment
        self._environ = environ
        self._deliver = deliver

    def ways(self, recipient: Recipient) -> tuple[str, ...]:
        """Say by which channels a consumer can be told; no variable is looked at."""
        said, contact = self._environment.notices, recipient.contact
        there = {
            EMAIL: "smtp" in said and bool(contact.get("email")),
            CHAT: contact.get("chat", "") in self._environment.chats,
            WEBHOOK: "webhook" in said,
        }
        return tuple(name for name, usable in there.items() if usable)

    def send(self, channel: str, recipient: Recipient, message: Message) -> str:
        """Send a message.

        Args:
            channel: one of `ways`.
            recipient: to whom.
            message: what.

        Returns:
            Why it was not taken, without anything secret; empty when it was.

        Raises:
            MissingSecret: a variable is not set.
            BadNoticeAddress: what it holds is no address.
        """
        secret = self._secret(channel, recipient)
        address = resolve(secret, self._environ)
        try:
            return self._deliver(channel, address, recipient, message)
        except ValueError:
            setting, environment = f"notices.{_SETTINGS[channel]}", self._environment.name
            raise BadNoticeAddress(
                setting=setting, environment=environment, where=secret.where
            ) from None

    def _secret(self, channel: str, recipient: Recipient) -> Secret:
        if channel == CHAT:
            return self._environment.chats[recipient.contact["chat"]]
        return self._environment.notices[_SETTINGS[channel]]
