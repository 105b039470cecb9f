"""What protects the owner's Pieces: facts about backups, schedules and words, and what follows from them.

facts = gather(app, store, now, ask_cloud=True)   # reads the home, and asks the cloud if one is connected
findings = assess(facts, now)                     # decides; `status` and `doctor` print them
"""
