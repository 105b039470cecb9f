"""What the device remembers of the owner's work, if the owner switches it on: events, episodes, summaries.

`model` has the values that the rest of the package shares.
"""
