"""Commands that work with the owner's cloud: connecting, devices and shares."""
