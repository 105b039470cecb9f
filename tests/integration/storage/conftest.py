"""Fixtures of bucket servers."""

from tests.support.buckets import gcs, moto_server, radosgw

__all__ = ["gcs", "moto_server", "radosgw"]
