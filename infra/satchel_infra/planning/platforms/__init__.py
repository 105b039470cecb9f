"""The plan of each platform: what must exist, how long it takes, what it costs, where it stops working."""
