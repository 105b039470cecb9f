"""The device's side of the owner's cloud: HTTP, typed calls, uploads and downloads that survive interruption.

`address` and `proxies` say where requests go, `transport` sends one, `retrying` repeats those that may be repeated,
`problems` turns the cloud's refusals into errors, `client` has a method for each route, `uploads` and `downloads`
move archives, `destination` is the cloud as the backup operations see it, `connection` is what this device remembers.
Import the rooms by name: this package imports nothing by itself.
"""
