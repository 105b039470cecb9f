"""Commands for daily work in a shell: pick, run, shell."""
