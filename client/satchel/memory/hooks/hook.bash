# satchel memory: tells satchel of each command when it has ended, in the background. For bash 4.4 and later.
# Commands that begin with a space, or that bash keeps out of its history, are not told.
if [[ $- == *i* && -z ${_satchel_session-} && ${BASH_VERSINFO[0]}${BASH_VERSINFO[1]} -ge 44 ]]; then
    _satchel_session=$$-$RANDOM$RANDOM
    _satchel_started=0 _satchel_first='' _satchel_pwd=$PWD _satchel_number='\!'

    # The time in microseconds, and 0 for the length of the text that a prompt shows.
    if [[ -n ${EPOCHREALTIME-} ]]; then
        PS0=${PS0-}'${_satchel_number:0:$((_satchel_started=${EPOCHREALTIME/[^0-9]/},0))}'
    else
        PS0=${PS0-}'${_satchel_number:0:$((_satchel_started=SECONDS*1000000,0))}'
    fi

    # Runs in a process of its own.
    _satchel_tell() {
        local LC_ALL=C line text  # a line may have bytes that are no text
        line=$(HISTTIMEFORMAT='' builtin history 1)
        [[ $line =~ ^[[:space:]]*[0-9]+(.*)$ ]] || return
        text=${BASH_REMATCH[1]:2}
        [[ -n $text && $text != [[:space:]]* ]] || return
        # bash adds no line for a command that repeats the last one, nor for one that it keeps out
        [[ -n $1 || ( -n $_satchel_first && "${text//[[:space:]]/}" == "${_satchel_first//[[:space:]]/}"* ) ]] || return
        trap '' HUP INT QUIT
        builtin cd /
        builtin printf '%s\0' 1 bash "$_satchel_session" "$_satchel_pwd" "$2" "$3" "${text:0:64004}" |
            @PROGRAM@ >/dev/null 2>&1
    }

    _satchel_prompt() {
        local status=$? now=${EPOCHREALTIME-} started=$_satchel_started number=${_satchel_number@P} is_new=''
        if ((started)); then
            now=${now/[^0-9]/}
            : "${now:=$((SECONDS * 1000000))}"
            [[ $number != "${_satchel_last-}" ]] && is_new=1
            ( _satchel_tell "$is_new" "$status" "$(( (now - started) / 1000 ))" & )
        elif [[ -z ${_satchel_last-} && -z $(builtin history 1) ]]; then
            number=0  # at the first prompt, without a history, bash says 1, and so it does after the first command
        fi
        _satchel_last=$number _satchel_started=0 _satchel_first='' _satchel_pwd=$PWD
        if [[ ${HISTCONTROL-} == *dups* || ${HISTCONTROL-} == *ignoreboth* ]] && [[ -z $(trap -p DEBUG) ]]; then
            trap '[[ $_satchel_started == 0 ]] || { _satchel_first=$BASH_COMMAND; trap - DEBUG; }' DEBUG
        fi
        return "$status"
    }

    if [[ $(declare -p PROMPT_COMMAND 2>/dev/null) == 'declare -a'* ]]; then
        PROMPT_COMMAND=(_satchel_prompt "${PROMPT_COMMAND[@]}")
    else
        PROMPT_COMMAND=_satchel_prompt${PROMPT_COMMAND:+$'\n'$PROMPT_COMMAND}
    fi
fi
