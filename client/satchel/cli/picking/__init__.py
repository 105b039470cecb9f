"""`satchel pick`: a full-screen list of Pieces that is filtered as the owner types, with a preview.

    chosen = choose(home, "git st", accept=is_command)        # None if it was left without a choice

The main thread reads keys and draws; a thread of the finder searches, so that typing never waits for a search.
"""
