"""Months of a developer's work whose episodes and topics are known, since we made them.

    changes = histories.changes("libinput10", text)               # from a package: real messages, names and order
    diary = work(Person("eva", "Europe/Berlin", repositories, troubles, examples), seed=7)
    diary.events[3], diary.episode_of[3]                          # an event, and the episode that it belongs to

Subjects, files and their order are those of real projects, as their packages record them; commands with a purpose are
those of published collections of examples, and of a table of troubles. Working days, pauses, interruptions, second
terminals, slips and failures are made by seeded chance. Nothing in here knows how the product forms episodes.
"""
