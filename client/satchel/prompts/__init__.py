"""What a language model is told: the prompt, its length, and placeholders for what must not leave the device.

    filtered = Filter().apply(question, *excerpts)
    prompt = Prompt(system, user="".join(filtered.texts), pieces=ids)
    ...                                     # the answer speaks of <SECRET_1> and <HOST_2>
    print(filtered.restore(answer))

Filter, Filtered     replace secrets, e-mail addresses, host names and home paths, and put them back
Restorer             puts them back in an answer that arrives in pieces
Prompt               the texts of one question to a model
count_tokens         an upper estimate of the tokens of a text

Nothing here reads the environment, opens a file but the table of secrets, or sends anything.
"""

from satchel.prompts.filtering import Filter, Filtered, Replaced
from satchel.prompts.findings import KINDS, Kind
from satchel.prompts.prompt import Prompt
from satchel.prompts.restoring import Restorer
from satchel.prompts.tokens import count_tokens

__all__ = ["KINDS", "Filter", "Filtered", "Kind", "Prompt", "Replaced", "Restorer", "count_tokens"]
