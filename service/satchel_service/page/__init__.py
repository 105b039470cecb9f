"""The share page: what a browser gets under a share's link, built from service/page and committed here.

The service sends the same page for every share: the key is in the link's fragment, and everything that depends on it
happens in the browser (docs/reference/share-page.md). `rendering` fills the template, `assets` knows the built files,
`languages` picks one by `Accept-Language`. `satchel_service.web.pages` answers requests with them.
"""
