"""What goes over the wire between a device and its cloud: messages, routes, problems, limits."""
