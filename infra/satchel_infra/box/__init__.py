"""Clouds of many owners on one Linux machine: a socket and a service of systemd for each.

    box = open_shard(shard, options, "clouds.example.org")
    box.ensure(spec)           # a record, a listening socket, and one test start
    # From then on the cloud sleeps until the first connection, and stops itself after a quiet time.

`satchel-infra render box` prints the units that this package starts and stops, and the configuration of the proxy.
"""

from satchel_infra.box.opening import open_shard

__all__ = ["open_shard"]
