"""Clouds on Kubernetes with Knative Serving: one namespace per shard, and in it four objects per cloud at most.

    platform = open_shard(shard, options, domain)    # in `opening`
    platform.ensure(spec)

| object | what it is for |
|---|---|
| PersistentVolumeClaim or ObjectBucketClaim | the cloud's storage; created first and removed last, so it records the rest |
| Service of Knative | the cloud itself, at most one instance |
| DomainMapping | the host name; created last and removed first |

Every object has the owner's tag as a label. What the clouds of a shard share (namespace, quota, network policy, rights)
is applied by the operator once: `satchel-infra render knative` prints it.
"""
