"""Undoing what an agent wrote, but keeping what others have written since.

`three_way` merges texts, `replay` decides field by field, `taking_back` reads the store and writes to it.
"""

from satchel.agents.rewinding.taking_back import Plan, agents_of, plan, take_back

__all__ = ["Plan", "agents_of", "plan", "take_back"]
