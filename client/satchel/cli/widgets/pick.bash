# satchel: Ctrl-G puts a command that you keep into the line, at the cursor. For bash 4 and later.
if [[ $- == *i* && ${BASH_VERSINFO[0]} -ge 4 ]]; then
    _satchel_pick() {
        local picked
        picked=$(@PROGRAM@) || return 0
        READLINE_LINE=${READLINE_LINE:0:READLINE_POINT}$picked${READLINE_LINE:READLINE_POINT}
        READLINE_POINT=$((READLINE_POINT + ${#picked}))
    }
    bind -m emacs-standard -x '"\C-g": _satchel_pick'
    bind -m vi-insert -x '"\C-g": _satchel_pick'
    bind -m vi-command -x '"\C-g": _satchel_pick'
fi
