# satchel: Ctrl-G puts a command that you keep into the line, at the cursor.
if status is-interactive
    function _satchel_pick
        set -l picked (@PROGRAM@ | string collect)
        test -n "$picked"; and commandline -i -- $picked
        commandline -f repaint
    end
    bind \cg _satchel_pick
    bind -M insert \cg _satchel_pick
end
