"""Collections of commands: navi, pet, cheat and tldr. Each command becomes a Piece, its placeholders become ours."""
