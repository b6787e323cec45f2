r"""Texts that others wrote, so that a terminal shows them and does nothing else.

Descriptions, reasons, names and events come from other teams, whose editors, files and programs may
put anything into them: an escape sequence clears the screen, a carriage return writes over the
beginning of a line, a mark of direction turns the order of letters round
(https://trojansource.codes). Such a character is shown as its escape, `\x1b`.
"""

from __future__ import annotations

import re

_UNSEEN = r"\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
"""What controls a terminal or breaks and turns lines; tabs and line feeds are left."""

_CONTROLS = re.compile(f"[{_UNSEEN}\ud800-\udfff]")
_NOT_OURS = re.compile(rf"\x1b\[(?:0|1|1;31|3[1235])m|([{_UNSEEN}\ud800-\udfff])")
_IN_JSON = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def visible(text: str) -> str:
    """Give a text with every character shown that would control a terminal."""
    lines = text.replace("\r\n", "\n")
    return _CONTROLS.sub(lambda found: _escape(found[0]), lines)


def coloured(text: str) -> str:
    """Give a text that was made of visible parts, with the few colours that streammesh uses."""
    return _NOT_OURS.sub(lambda found: _escape(found[1]) if found[1] else found[0], text)


def in_json(text: str) -> str:
    """Give JSON with those characters escaped that JSON itself lets stand; its meaning stays."""
    return _IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def _escape(one: str) -> str:
    return one.encode("unicode_escape").decode()
