"""How far engines are, as planning asks it: from their progress on Kafka."""

from __future__ import annotations

from streammesh.deployments.deployment import SourceDeployment
from streammesh.deployments.progress import Input
from streammesh.errors.engine import RecordNotUnderstood
from streammesh.platform.progress_topic import newest_progress
from streammesh.platform.streams import Streams


class KafkaEngines:
    """`Engines` by their topics."""

    def __init__(self, streams: Streams) -> None:
        """Read with these, as a principal who may read progress."""
        self._streams = streams

    def progress(self, source: SourceDeployment) -> Input | None:
        """See `Engines.progress`."""
        try:
            progress = newest_progress(self._streams, source)
        except RecordNotUnderstood:
            # the engine says so when it starts; a plan needs not know
            return None
        name = f"{source.domain}.{source.source}"
        return None if progress is None else progress.inputs.get(name)
