"""The client of the owner's cloud: typed calls, and uploads and downloads that survive interruption.

`connection` stores which cloud this device uses and creates its client, `client` has a method for each operation,
`problems` turns error responses into exceptions, `uploads` and `downloads` move archives, `destination` presents the cloud to
the backup operations, `pairing` connects and disconnects a device. Requests leave through `satchel.outgoing`.

Import the modules by name: this package itself imports nothing.
"""
