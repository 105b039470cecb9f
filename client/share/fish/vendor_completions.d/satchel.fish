function _satchel_completion
    set -l response (env _SATCHEL_COMPLETE=fish_complete COMP_WORDS=(commandline -cp) COMP_CWORD=(commandline -t) satchel)
    for line in $response
        set -l fields (string split --max 1 -- "," $line)
        switch $fields[1]
            case dir
                __fish_complete_directories $fields[2]
            case file
                __fish_complete_path $fields[2]
            case plain
                printf "%s\n" $fields[2]
        end
    end
end

complete --no-files --keep-order --command satchel --arguments "(_satchel_completion)"
