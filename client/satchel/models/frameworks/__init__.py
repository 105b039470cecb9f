"""Frameworks and well-known libraries that code uses, by its imports and by distinctive names.

    frameworks_of("from flask import Flask", "python")  # [Use(name="flask", evidence="imports flask", is_sure=True)]

`frameworks.txt` is the table: one line a framework, by language. It works without the extra `models`.
"""

from satchel.models.frameworks.framework_model import Use, frameworks_of, open_model

__all__ = ["Use", "frameworks_of", "open_model"]
