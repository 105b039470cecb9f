"""Clouds over any platform: create, find, remove, update all of them, move one.

    provisioner = Provisioner(configuration, platforms.open, records, clock)
    cloud = provisioner.provision(owner, subject)      # the same cloud, however often and from however many devices
    provisioner.remove(owner)                          # a tombstone first, then access, then data

Nothing is remembered but tombstones and used nonces, in the operator's own storage: the platform's list is the registry.
"""
