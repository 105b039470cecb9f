"""Answers to questions from the Pieces of a store: what to read, the prompt, and what the answer may cite.

    materials = Retrieval(store, index).find("how did we parse the header?")
    answer = extract("how did we parse the header?", materials)          # on this device
    prepared = prepare("how did we parse the header?", materials, Filter(), budget_tokens=3_000)
    prepared.prompt                                                      # for an endpoint
    checked = Citations(len(prepared.references))                        # for its answer

Nothing here sends, prints or writes anything.
"""

from satchel.asking.citations import Citations
from satchel.asking.extracts import Extract, extract
from satchel.asking.materials import Material, Reference
from satchel.asking.preparing import Prepared, prepare
from satchel.asking.retrieval import Retrieval

__all__ = ["Citations", "Extract", "Material", "Prepared", "Reference", "Retrieval", "extract", "prepare"]
