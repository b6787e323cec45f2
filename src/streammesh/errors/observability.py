"""What can go wrong with showing what an engine does."""

from __future__ import annotations

from streammesh.errors.base import MeshError, UsageError


class MetricsExtraMissing(MeshError):
    """metrics need the Python package `prometheus-client`, which is not installed"""

    fix = "pip install 'streammesh[metrics]'"


class TracesExtraMissing(MeshError):
    """traces need the Python package `{package}`, which is not installed"""

    fix = "pip install 'streammesh[traces]', or unset MESH_TRACES and OTEL_EXPORTER_OTLP_ENDPOINT"


class MetricsAddressWrong(UsageError):
    """`{text}` is no address for metrics"""

    fix = "a port (9464), or HOST:PORT (0.0.0.0:9464, [::1]:9464), in --metrics or MESH_METRICS"


class MetricsAddressTaken(MeshError):
    """metrics can't be served at {address}"""

    fix = "choose another port: --metrics [HOST:]PORT"


class TracesSettingWrong(UsageError):
    """`{value}` in {variable} can't be used for traces"""
