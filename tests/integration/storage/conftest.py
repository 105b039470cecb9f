"""Real S3 servers, and a service that keeps its objects in one."""

from tests.support.buckets import gcs, moto_server, radosgw

__all__ = ["gcs", "moto_server", "radosgw"]
