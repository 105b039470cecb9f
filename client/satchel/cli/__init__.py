"""The command line: the only layer that prints, prompts, reads the environment and exits.

`main` is the entry point. `registry` lists every command; `root` imports a command's module only when it
runs, so modules of commands import what they need at the top. `options` and `arguments` define a
command's parameters, `app` is what it works with, `terminal.output` prints its answer.

**Adding a command.** Write a function in `commands/<subject>/<name>.py`, as in `commands/home/init.py`:

    @command("init", examples=[("satchel init", "create a store in the default place")])
    @click.option("--passphrase", is_flag=True, help="…")
    @pass_app
    def init(app: App, /, *, passphrase: bool) -> None:
        '''Create a store and the root secret.'''
        created = …one operation…
        app.out.answer({"home": …, "store_id": …}, "created a store in …")

and add it to `registry.SECTIONS`. A command with subcommands is a `group("shares", …)`; its subcommands
use `@shares.subcommand("revoke", examples=…)`. With `alone=True`, the group also runs without a
subcommand. `command` and `group` add `--home`, `--json`, `--quiet`, `--debug` and the help's examples.
"""
