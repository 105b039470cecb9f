"""How well the owner's Pieces are protected: facts about backups, schedules and words, and their assessment.

facts = gather(app, store, now, ask_cloud=True)   # reads the home, and asks the cloud if one is connected
findings = assess(facts, now)                     # decides; `status` and `doctor` print them
"""
