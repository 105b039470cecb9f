r"""Tags from the content, and related tags, by an ontology written for satchel.

    for suggestion in open_model("tags").suggest(Subject("import requests\n…")):
        print(suggestion.value)  # http, request, …
    for suggestion in open_model("related-tags").suggest(Subject("", tags=("regex",))):
        print(suggestion.value)  # regexp, pattern, …

`ontology` says which words and libraries tell a tag and which tags go together, from `ontology.toml` and `topics.txt`;
`tag_scores` scores a text.
"""
