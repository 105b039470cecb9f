r"""Search queries that find a Piece: a few distinctive words, as a person would type them.

    for suggestion in open_model("queries").suggest(Subject("def parse_header(line):\n    …")):
        print(suggestion.value)  # parse header; parse header line

Every word of a query occurs in the content or in the owner's title, description or tags, so that full-text search
finds the Piece. `telling_words` picks the words, `query_model` puts them together.
"""
