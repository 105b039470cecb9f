# satchel memory: tells satchel of each command when it has ended, in the background.
# Commands that begin with a space are not told.
if [[ -o interactive && -z ${_satchel_session-} ]]; then
    zmodload zsh/datetime
    autoload -Uz add-zsh-hook
    typeset -g _satchel_session=$$-$RANDOM$RANDOM _satchel_text='' _satchel_pwd=''
    typeset -gF _satchel_started=0

    _satchel_preexec() {
        _satchel_text=${1[1,16001]} _satchel_pwd=$PWD _satchel_started=$EPOCHREALTIME
    }

    _satchel_precmd() {
        local code=$?
        if [[ -n $_satchel_text && $_satchel_text != [[:space:]]* ]]; then
            local -i took='(EPOCHREALTIME - _satchel_started) * 1000'
            {
                trap '' HUP INT QUIT
                builtin cd -q /
                builtin printf '%s\0' 1 zsh "$_satchel_session" "$_satchel_pwd" $code $took "$_satchel_text" |
                    @PROGRAM@
            } >/dev/null 2>&1 &!
        fi
        _satchel_text=''
        return $code
    }

    add-zsh-hook preexec _satchel_preexec
    add-zsh-hook precmd _satchel_precmd
fi
