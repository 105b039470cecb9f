"""Counts of how satchel is used, and reports of its crashes: only with consent, and sent only by hand.

    turn_on(home)                                   # nothing below HOME/telemetry exists without it
    count(home, "list", 0, today)                   # one line, appended after a command
    with opened(home) as waiting:
        waiting.document(today, facts, commands)    # exactly the bytes that would be sent
    turn_off(home)                                  # deletes the id, the counts and the crash reports

docs/spec/telemetry.md defines the documents. Importing this package imports nothing else, because every command asks
it whether to count.
"""
