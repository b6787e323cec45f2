"""Avro's numbers and byte strings, as fast as Python makes them: from tables, 14 bits at a time.

Encodings: https://avro.apache.org/docs/ "Binary Encoding": zig-zag, then 7 bits per byte.
"""

from __future__ import annotations

_CHUNK = 1 << 14
_LOW = _CHUNK - 1
_SMALL = 1 << 13


def _final(number: int) -> bytes:
    return bytes((number,)) if number < 128 else bytes((number & 127 | 128, number >> 7))


_FINAL = [_final(number) for number in range(_CHUNK)]
_CONTINUED = [bytes((number & 127 | 128, number >> 7 | 128)) for number in range(_CHUNK)]


def long(number: int) -> bytes:
    """Encode a signed integer of at most 64 bits."""
    rest = (number << 1) ^ (number >> 63)
    if rest < _CHUNK:
        return _FINAL[rest]
    data = _CONTINUED[rest & _LOW]
    rest >>= 14
    while rest >= _CHUNK:
        data += _CONTINUED[rest & _LOW]
        rest >>= 14
    return data + _FINAL[rest]


class Longs(dict[int, bytes]):
    """Encoded integers: small ones are looked up, others computed."""

    def __missing__(self, number: int) -> bytes:
        """Compute one that is not in the table; it is not kept."""
        return long(number)


LONG = Longs((number, long(number)) for number in range(-_SMALL, _SMALL))
"""`LONG[n]` is the encoding of n."""


def decimal(unscaled: int) -> bytes:
    """Encode an unscaled decimal: its length, then two's complement, big-endian, shortest."""
    length = (~unscaled if unscaled < 0 else unscaled).bit_length() // 8 + 1
    return LONG[length] + unscaled.to_bytes(length, "big", signed=True)
