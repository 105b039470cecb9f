# satchel: Ctrl-G puts a command that you keep into the line, at the cursor.
if [[ -o interactive ]]; then
    _satchel_pick() {
        local picked
        picked=$(@PROGRAM@ < /dev/tty) && LBUFFER+=$picked
        zle reset-prompt
    }
    zle -N _satchel_pick
    bindkey -M emacs '^G' _satchel_pick
    bindkey -M viins '^G' _satchel_pick
    bindkey -M vicmd '^G' _satchel_pick
fi
