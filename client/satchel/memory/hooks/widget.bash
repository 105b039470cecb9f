# satchel memory: Ctrl-R searches the commands that the memory has. The one that you choose is put into the line.
_satchel_search() {
    local chosen
    chosen=$(@PROGRAM@ --session "${_satchel_session-}" -- "$READLINE_LINE") || return 0
    READLINE_LINE=$chosen READLINE_POINT=${#chosen}
}
bind -m emacs-standard -x '"\C-r": _satchel_search'
bind -m vi-insert -x '"\C-r": _satchel_search'
