"""An organisation's telemetry endpoint: it counts the documents that people send by hand, and keeps only counts.

    with Counts.open(directory) as counts:
        counts.count(document, body, now)  # adds to the tallies of the month
        counts.month("2026-11")            # devices, documents, tallies

docs/spec/telemetry.md specifies the documents, docs/guides/telemetry.md shows how to run it.
"""
