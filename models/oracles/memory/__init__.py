"""Months of a developer's work, made up so that its episodes and topics are known.

    project = Project("/home/eva/src/libinput", "meson", tuple(changes(text)))     # real messages, names and order
    person = Person("eva", "Europe/Berlin", date(2026, 1, 5), 120, (project,), read_troubles("dev"), examples)
    diary = work(person, seed=7)
    diary.events[3], diary.episode_of[3]                          # an event, and the episode that it belongs to

Subjects, files and their order are those of real projects, as their packages record them. Commands with a purpose come
from published collections of examples and from a table of troubles. Working days, pauses, interruptions, second
terminals, typing errors and failures are drawn from a seeded generator. Nothing here knows how the product forms
episodes.
"""
