"""What the model "secrets" is made and judged with. Nothing here ships in the wheel.

    python -m models.secrets                 # trains the weights again; the same sources give the same bytes
    python -m models.secrets.figures FOLDER  # development figures, beside detect-secrets

tokens      random tokens of the published formats, and names of programs
planted     lines of programs and settings that hold a token
training    the weights of `satchel.models.secrets.randomness`

Every token is made from a seed when it is needed. None is a real one, and none is stored or printed.
"""
