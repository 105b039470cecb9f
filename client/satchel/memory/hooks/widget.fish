# satchel memory: Ctrl-R searches the commands that the memory has. The one that you choose is put into the line.
function _satchel_search
    set -l chosen (@PROGRAM@ --session "$_satchel_session" -- (commandline | string collect) | string collect)
    if test -n "$chosen"
        commandline -r -- $chosen
    end
    commandline -f repaint
end
bind \cr _satchel_search
bind -M insert \cr _satchel_search
