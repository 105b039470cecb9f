"""scratch"""
from tests.browser.publishing import Limits, Publisher
from tests.browser.reader import Reader
from tests.browser.samples import *
def test_look(owner: Publisher, reader: Reader, chromium) -> None:
    reader.expected |= {"404","410"}
    share = owner.share(PYTHON, title="difflib.py: comparing sequences", language="python", description="Helpers for computing deltas between objects.\nFrom the standard library.", tags=("diff","stdlib"), links=("https://docs.python.org/3/library/difflib.html",))
    md = owner.share(MARKDOWN, title="Notes", language="markdown")
    pic = owner.share(png(), title="Gradient", media_type="image/png")
    tro = owner.share(TROJAN, title="evil\u202efdp.exe", language="python")
    sev = owner.share_zip(several_files(("app.py","python",b"import this\nprint(1)\n"),("style.css","css",b"a{color:red}\n"),("pic.png","",png(80,60)), ("a.bin","",b"\0\1\2"*100)))
    def go(r, suffix, narrow=False):
        full = False
        r.read(share.link); r.page.wait_for_timeout(300); r.page.locator("summary").click(); r.shows("look-py"+suffix, full=full)
        r.read(md.link); r.page.wait_for_timeout(300); r.shows("look-md"+suffix, full=True)
        r.read(pic.link); r.page.wait_for_timeout(300); r.shows("look-pic"+suffix, full=full)
        r.read(tro.link); r.page.wait_for_timeout(300); r.shows("look-trojan"+suffix, full=full)
        r.read(sev.link); r.page.wait_for_timeout(300); r.shows("look-several"+suffix, full=full)
        r.open(share.address); r.page.wait_for_timeout(300); r.shows("look-nokey"+suffix, full=full)
    go(reader, "")
    with Reader.arrive(chromium, color_scheme="dark", viewport={"width":320,"height":640}) as r:
        go(r, "-dark320", True)
        print(r.offences())
    with Reader.arrive(chromium, locale="ar", viewport={"width":900,"height":700}) as r:
        go(r, "-ar", True)
        print(r.offences())
