"""satchel on the device: the store, its keys, its archives, its shares and the command line."""
