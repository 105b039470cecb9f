"""The protocol between a device and its cloud: messages, operations, routes and problems."""
