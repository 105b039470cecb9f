"""What common programs do, as the start of a title."""

from typing import Final


def _table(text: str) -> dict[str, str]:
    rows = (line.strip().partition("=") for line in text.strip().splitlines())
    return {name.strip(): said.strip() for names, _, said in rows for name in names.split(",")}


PROGRAMS: Final = _table(
    """
    7z, zip = Compress files into an archive
    ab, wrk, hey = Benchmark a web server
    ansible-playbook = Run an Ansible playbook
    apt, apt-get, dnf, yum, apk, pacman, zypper = Install system packages
    awk, gawk = Process columns of text
    aws = Call Amazon Web Services
    az = Call Azure
    base64 = Encode or decode Base64
    bc = Calculate a number
    brew = Install packages with Homebrew
    bundle = Install Ruby gems
    cargo = Build a Rust package
    chmod = Change the permissions of files
    chown = Change the owner of files
    cmake = Configure a build with CMake
    comm = Compare sorted files
    composer = Install PHP packages
    convert, magick = Convert images
    cp = Copy files
    createdb = Create a PostgreSQL database
    crontab = Schedule jobs with cron
    curl, http = Send an HTTP request
    cut = Cut columns from lines
    date = Print a date
    dd = Copy blocks of data
    df = Show free disk space
    diff = Compare files
    dig, nslookup, host = Look up a domain name
    docker = Run Docker
    docker-compose, podman-compose = Run Docker Compose services
    dotnet = Build a .NET project
    du = Show disk usage
    exiftool = Read or write metadata of images
    ffmpeg = Convert audio or video
    find, fd = Find files
    gcc, clang, cc = Compile C code
    g++, clang++ = Compile C++ code
    gcloud = Call Google Cloud
    gh = Work with GitHub
    git = Work with Git
    go = Build a Go package
    gpg = Encrypt, decrypt or sign with GnuPG
    gradle, mvn, ./gradlew = Build a Java project
    grep, rg, ag, ack = Search text in files
    gunzip, unzip, unxz, bunzip2 = Extract an archive
    gzip, xz, bzip2, zstd = Compress files
    head = Show the first lines
    helm = Deploy with Helm
    htop, top = Show running processes
    hyperfine = Benchmark a command
    inotifywait, entr, watch = Run a command when something changes
    ip, ifconfig = Configure network interfaces
    iptables, nft, ufw = Configure the firewall
    java, javac = Compile or run Java
    journalctl = Read the system log
    jq = Query JSON
    kill, pkill, killall = End processes
    kubectl = Work with Kubernetes
    ln = Create links
    ls, tree, eza = List files
    lsof = List open files and ports
    make = Build with make
    md5sum, sha256sum, sha1sum, shasum = Compute checksums
    mkdir = Create directories
    mongodump, mysqldump, pg_dump, pg_dumpall = Dump a database
    mongosh, mongo = Query MongoDB
    mount, umount = Mount a file system
    mv = Move files
    mysql, mariadb = Query MySQL
    nc, netcat, socat = Connect to a port
    netstat, ss = Show network connections
    nginx = Run nginx
    nmap = Scan the network
    node = Run a Node.js script
    npm, yarn, pnpm, bun = Run npm
    npx = Run an npm package
    openssl = Use OpenSSL
    pandoc = Convert documents
    parallel = Run commands in parallel
    patch = Apply a patch
    perl = Run Perl
    pg_restore = Restore a PostgreSQL database
    ping, traceroute, mtr = Check the connection to a host
    pip, pip3, pipx, uv, poetry = Install Python packages
    pdftotext, pdftk, qpdf, gs = Process PDF files
    protoc = Compile Protocol Buffers
    ps = List processes
    psql = Query PostgreSQL
    pytest, tox, nox = Run Python tests
    python, python3 = Run Python
    rclone = Synchronize files with cloud storage
    redis-cli = Query Redis
    restic, borg = Back up files
    rm, shred = Remove files
    rsync = Synchronize files
    ruff, black, flake8, mypy, pylint = Check Python code
    eslint, prettier, tsc = Check JavaScript code
    rustc, rustup = Compile Rust
    scp, sftp = Copy files over SSH
    screen, tmux = Keep a terminal session
    sed = Edit text with sed
    seq = Count numbers
    sort, uniq = Sort lines
    split = Split a file
    sqlite3 = Query SQLite
    ssh = Connect over SSH
    ssh-keygen = Create an SSH key
    ssh-copy-id = Install an SSH key on a host
    strace, ltrace = Trace system calls
    systemctl, service = Manage system services
    tail = Show the last lines
    tar = Pack or extract a tar archive
    tcpdump, tshark = Capture network traffic
    tee = Write to a file and the output
    terraform, tofu = Apply infrastructure with Terraform
    touch = Create empty files
    tr = Replace characters
    uvicorn, gunicorn, flask = Run a Python web server
    vagrant = Run virtual machines
    valgrind, gdb, lldb = Debug a program
    vim, vi, nano = Edit a file
    virtualenv = Create a Python environment
    wc = Count lines
    wget = Download files
    whois = Look up the owner of a domain
    yt-dlp, youtube-dl = Download videos
    useradd, adduser, usermod = Manage users
    passwd = Change a password
    rename = Rename files
    xclip, pbcopy, wl-copy = Copy to the clipboard
    """
)
"""The program, and what its commands do whatever the options."""

SUBCOMMANDS: Final = {
    "git": _table(
        """
        add = Stage files in Git
        bisect = Find a bad commit with Git bisect
        blame = Show who changed each line in Git
        branch = List or change Git branches
        branch -D, branch -d = Delete Git branches
        checkout, switch = Switch Git branches
        cherry-pick = Pick commits with Git
        clean = Remove untracked files with Git
        clone = Clone a Git repository
        commit = Commit changes in Git
        config = Configure Git
        diff = Show changes in Git
        fetch = Fetch from a Git remote
        grep = Search text in a Git repository
        init = Create a Git repository
        log, shortlog = Show the Git log
        ls-files = List files in Git
        merge = Merge Git branches
        pull = Pull from a Git remote
        push = Push to a Git remote
        rebase = Rebase Git commits
        reflog = Show the Git reflog
        remote = Manage Git remotes
        reset = Reset the Git branch
        restore = Restore files with Git
        rev-parse = Show a Git revision
        revert = Revert Git commits
        rm = Remove files from Git
        show = Show a Git commit
        stash = Stash changes in Git
        status = Show the Git status
        submodule = Manage Git submodules
        tag = Tag a Git commit
        worktree = Manage Git worktrees
        filter-branch, filter-repo = Rewrite the Git history
        for-each-ref = List Git references
        """
    ),
    "docker": _table(
        """
        build, buildx build, image build = Build a Docker image
        compose up = Start Docker Compose services
        compose down = Stop Docker Compose services
        compose = Run Docker Compose
        cp = Copy files from a Docker container
        exec = Run a command in a Docker container
        images, image ls = List Docker images
        inspect = Inspect a Docker container
        logs = Show the logs of a Docker container
        ps, container ls = List Docker containers
        pull = Pull a Docker image
        push = Push a Docker image
        rm, container rm = Remove Docker containers
        rmi, image rm = Remove Docker images
        run = Run a Docker container
        start = Start a Docker container
        stop = Stop Docker containers
        system prune, image prune, volume prune, container prune = Remove unused Docker data
        volume = Manage Docker volumes
        network = Manage Docker networks
        login = Log in to a Docker registry
        stats = Show the usage of Docker containers
        """
    ),
    "kubectl": _table(
        """
        apply = Apply Kubernetes manifests
        create = Create a Kubernetes resource
        delete = Delete Kubernetes resources
        describe = Describe a Kubernetes resource
        exec = Run a command in a Kubernetes pod
        get = List Kubernetes resources
        logs = Show the logs of a Kubernetes pod
        port-forward = Forward a port to Kubernetes
        rollout = Roll out a Kubernetes deployment
        scale = Scale a Kubernetes deployment
        config = Configure kubectl
        drain, cordon = Drain a Kubernetes node
        top = Show the usage of Kubernetes
        """
    ),
    "npm": _table(
        """
        install, i, ci, add = Install npm packages
        run, start = Run an npm script
        test = Run npm tests
        publish = Publish an npm package
        init = Create an npm package
        outdated, update = Update npm packages
        audit = Audit npm packages
        """
    ),
    "pip": _table(
        "install = Install Python packages\nfreeze, list = List Python packages\ndownload = Download Python packages"
    ),
    "cargo": _table(
        "build = Build a Rust package\ntest = Test a Rust package\nrun = Run a Rust program\nadd = Add a Rust dependency"
    ),
    "go": _table(
        "build = Build a Go program\ntest = Run Go tests\nrun = Run a Go program\nmod = Manage Go modules\nget = Add a Go module"
    ),
    "openssl": _table(
        "req = Create a certificate request\nx509 = Show or convert a certificate\ns_client = Check a TLS server\n"
        "genrsa, genpkey = Create a private key\nrand = Create random bytes\nenc = Encrypt a file\ndgst = Compute a digest"
    ),
    "systemctl": _table(
        "start = Start a system service\nstop = Stop a system service\nrestart, reload = Restart a system service\n"
        "enable = Enable a system service\ndisable = Disable a system service\nstatus = Show the status of a service"
    ),
    "terraform": _table(
        "init = Initialize Terraform\nplan = Plan Terraform changes\napply = Apply Terraform changes\ndestroy = Destroy infrastructure"
    ),
    "aws": _table(
        "s3 = Copy or list files in Amazon S3\nec2 = Manage Amazon EC2\nlambda = Manage AWS Lambda\nlogs = Read AWS logs\nsts = Show the AWS identity"
    ),
    "gh": _table(
        "pr = Work with pull requests\nissue = Work with GitHub issues\nrepo = Work with GitHub repositories\nrun = Show GitHub Actions runs\nrelease = Manage GitHub releases"
    ),
    "helm": _table(
        "install, upgrade = Install a Helm chart\nrepo = Manage Helm repositories\ntemplate = Render a Helm chart"
    ),
}
"""Programs with subcommands. An entry in `PROGRAMS` describes the others."""
