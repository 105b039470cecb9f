# satchel memory: tells satchel of each command when it has ended, in the background.
# Commands that begin with a space are not told, and nothing is in private mode.
if status is-interactive; and not set -q _satchel_session
    set -g _satchel_session $fish_pid-(random)

    function _satchel_preexec --on-event fish_preexec
        set -g _satchel_pwd $PWD
    end

    function _satchel_postexec --on-event fish_postexec
        set -l code $status
        set -q fish_private_mode; and return
        string match -qr '^\s|^$' -- $argv[1]; and return
        printf '%s\0' 1 fish $_satchel_session $_satchel_pwd $code $CMD_DURATION (string sub -l 16001 -- $argv[1] | string collect) |
            sh -c 'trap "" HUP INT QUIT; cd /; exec "$@"' sh @PROGRAM@ >/dev/null 2>&1 &
        disown 2>/dev/null
    end
end
