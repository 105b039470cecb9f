"""The window: a page of this device on which the owner sees and uses everything that the commands do.

`satchel open` serves it on loopback for as long as a page is open (docs/guides/window.md). `operations` lists what the
page may ask and `messages` how; `client/window/src/api.ts` is generated from both. Each operation calls the same code as
the command that it names.
"""
