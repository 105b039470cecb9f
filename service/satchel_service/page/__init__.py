"""The share page: what a browser shows under a share's link. Built from service/page; the built files are committed.

The service sends the same page for every share: the key is in the link's fragment, and everything that depends on it
happens in the browser (docs/reference/share-page.md). `rendering` fills the template and negotiates the language,
`report_form` renders the form that reports a share, `request_page` the page that answers a request, and `assets` reads the built files. `satchel_service.web.pages`
answers the requests.
"""
