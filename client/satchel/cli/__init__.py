"""The command line: the only layer that prints, prompts, reads the environment and exits.

`main` is the entry point. `table` lists every command; a command's module is imported only when it
runs. `options` and `output` are what a command is made of, `app` what it works on.

**Adding a command.** Write `commands/<name>.py` with one function (`commands/init.py` is the model):

    @command("init", examples=[("satchel init", "make a store in the default place")])
    @click.option("--passphrase", is_flag=True, help="…")
    @pass_app
    def init(app: App, /, *, passphrase: bool) -> None:
        '''Make a store and the root secret.'''
        made = …one operation…
        app.out.answer({"home": …, "store_id": …}, "made a store in …")

and add its line to `table.COMMANDS`. A command with subcommands is a `group("shares", …)` whose
subcommands are made with `@shares.command("revoke", examples=…)`; a group made with
`default=function` runs that function when no subcommand is named. `--home`, `--json`, `--quiet`,
`--debug` and the help's "Examples" come with `command` and `group`.
"""
