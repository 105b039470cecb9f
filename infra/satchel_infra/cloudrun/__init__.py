"""Clouds on Google Cloud Run: a service, a service account and a bucket (or a prefix of one) for each owner.

    platform = open_shard(shard, options, "clouds.example.org")    # shard.place: {"project": …, "region": …}
    platform.ensure(spec)                                          # see satchel_infra.platform

`accounts`, `buckets` and `services` each import one of Google's libraries, and `calls` what these share. The rest is
pure: `options`, `bucket_access`, `service_body` (the service as the API's JSON) and `state` (what that JSON says).
"""

from satchel_infra.cloudrun.opening import open_shard

__all__ = ["open_shard"]
