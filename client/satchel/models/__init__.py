"""Models that run on this device: they describe a Piece, find it by meaning, and find secrets in it.

Every model has one module or package here, an entry in `satchel.models.registry`, and this small interface:

    subject = Subject(text="def parse_header(line): ...", file_name="http.py")
    for suggestion in registry.open_model("titles").suggest(subject):
        print(suggestion.value, suggestion.confidence, suggestion.reason)

Models read no store, open no socket and never learn from what they see. A model is imported when it is first used,
so an import of this package costs nothing.
"""
