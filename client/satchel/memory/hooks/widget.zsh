# satchel memory: Ctrl-R searches the commands that the memory has. The one that you choose is put into the line.
_satchel_search() {
    local chosen
    chosen=$(@PROGRAM@ --session "${_satchel_session-}" -- "$BUFFER") && BUFFER=$chosen CURSOR=${#chosen}
    zle reset-prompt
}
zle -N _satchel_search
bindkey -M emacs '^R' _satchel_search
bindkey -M viins '^R' _satchel_search
