"""What can't be computed for one document."""

from __future__ import annotations


class Uncomputable(Exception):
    """A text can't be given: what it is made of is not known, or left the range of 64 bits.

    The engine takes it for a violation of the document that is being computed.
    """
