"""Shares: one sealed body behind a link, until it expires, its views are used up or its owner revokes it.

`rows` maps the table, `owner` is what the owner does with shares, `share_opening` what recipients do, `bodies` reads
sealed bodies for them, `reports` holds reports by recipients, and `blocking` applies the operator's block list.
"""
