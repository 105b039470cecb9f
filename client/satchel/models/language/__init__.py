"""The language of a snippet: by what the text states, by satchel's own n-gram model, and by magika where it is installed.

    model = open_model()
    model.suggest(Subject(text="fn main() {}"))     # rust, with its probability and the signs that told it

The n-gram model is trained on made-up snippets alone (models/oracles) and needs no package: that is the light version.
"""

from satchel.models.language.model import Languages, open_model

__all__ = ["Languages", "open_model"]
