"""What can go wrong when rows are appended to a topic."""

from __future__ import annotations

from streammesh.errors.base import RemoteFailed


class RecordTooLarge(RemoteFailed):
    """a row is larger than topic {topic} takes, {most} bytes"""

    fix = "exclude the column that holds the large value"
