"""Shares: one sealed body under a link, until its time has come, its views are taken or its owner ends it.

`rows` is how they are kept, `owner` what their owner does with them, `opening` what everybody else may, `reports`
what recipients tell the owner, `blocking` what the operator refuses to serve.
"""
