"""Requests: links under which other people send the owner sealed answers (docs/spec/request.md).

`rows` maps the tables, `owner` is what the owner does with requests and answers, and `answering` what the holders of a
link do: read what is asked for, and send an answer.
"""
