"""The words that titles are made of: verbs, prepositions, plurals, articles and acronyms.

Names in code are short: `parse_header` begins with a verb, `header_length` does not. A word such as "format" is a
verb in `format_date` and a noun in `date_format`; these words are in `EITHER`.
"""

from typing import Final


def word_set(text: str) -> frozenset[str]:
    """Return the words of a text."""
    return frozenset(text.split())


VERBS: Final = word_set("""
    abort accept accumulate acquire activate adapt add adjust advance aggregate align allocate allow analyze
    analyse announce append apply approve archive arrange ask assemble assert assign associate attach authenticate
    authorize await backup begin bind blend boot broadcast build bump bundle calc calculate call cancel capture cast
    catch change check choose clamp clean cleanup clear clip clone close coerce collapse collect combine commit
    compare compile complete compose compress compute concat concatenate configure confirm connect consume
    construct contain continue contract convert copy correct crawl create crop cut deactivate decide declare decode
    decompress decorate decrease decrement decrypt deduce deduplicate defer define delegate delete deliver demand
    deny deploy deprecate derive deserialize destroy detach detect determine diff disable discard disconnect
    discover dispatch display divide download draw drain drop dump duplicate edit eliminate emit enable encode
    encrypt ends enforce enqueue ensure enter enumerate erase escape establish evaluate evict examine exclude
    execute exit expand expect expire explain explode expose extend extract fade fail fetch fill find finalize finish
    fire fit fix flatten flip flush fold follow forbid force forget fork fulfill gather generate get give go grab
    grant greet guess handle hide highlight identify ignore implement import include increase increment indent infer
    inherit init initialise initialize inject inline insert inspect install instantiate integrate interpolate
    interpret intersect invalidate inverse invert invoke isolate iterate join keep kill launch lazyload leave limit
    link list listen load locate lock login logout lookup lower make manage map mark mask match maximize measure
    memoize merge migrate minify minimize mock modify monitor mount move multiply navigate negate negotiate
    normalise normalize notify obtain omit open optimize orient output overwrite pack pad paginate parse partition
    pass patch pause peek perform persist pick ping pipe place play plot poll pop populate post prefetch prepare
    prepend preprocess preserve press prettify prevent print process produce profile prompt propagate protect
    provide prune publish pull purge push put query quit quote raise randomize reach read rebuild receive recognize
    recompute reconnect record recover redirect reduce refine refresh register reject release reload remove rename
    render reopen repeat replace replay reply report request require reset reshape resize resolve respond restart
    restore restrict resume retrieve retry return reuse reveal reverse revert revoke rewind rewrite rotate round
    route run sanitize save scale scan schedule scroll search seek select send serialize serve set setup shift show
    shuffle shutdown sign simplify simulate skip sleep slice slugify smooth solve sort spawn split start stop store
    strip subscribe substitute subtract suggest sum summarize suppress swap switch sync synchronize take tear
    teardown tell terminate throttle throw toggle tokenize trace track train transfer transform translate transpose
    traverse trigger trim truncate try tune turn unbind undo unescape unify uninstall unlink unload unlock unmount
    unpack unquote unregister unset unsubscribe unwrap unzip update upgrade upload upsert use validate verify visit
    wait wake walk warn watch wrap write yield zip zoom
    feed augment relabel mutate bail seek peel draw sanitise unsubscribe untar untag recall relax reload permute reorder
    reindex resample rescale reuse reconcile refactor renew reopen reset resync retrain rethrow unroll unfold unpickle
    unmask unmute unpin unquote unstack debounce decouple decorrelate dedent denoise deflate inflate enforce enrich
    entangle enroll enlarge factorize interleave memorize obfuscate occlude oversample
    pickle precompute prettyprint preload purify quantize rasterize reap rebalance rebase rechunk redraw
    reformat reinitialize remap reparse repartition repaint replicate requeue reschedule rerun resubmit reward scrape
    scrub shorten shrink sniff squeeze stash stringify subsample subclass
    summarise swallow symlink tabulate touch transcode transmit transplant triangulate truncate typecheck uncompress
    upcase downcase vacuum vectorize warm whiten yank expunge extrapolate solve lint lex optimise assert
    evict compute infer persist attach crawl fuse pluck perturb unflag reject accept
    """)
"""Words that are verbs wherever a name begins with one."""

EITHER: Final = word_set("""
    address answer back block blur buffer bytes cache change check clean clock clone color comment contract copy
    count cross cut default delay design diff display dot drop dump echo edit end escape exit export filter focus
    fold format frame group guess hash head help hook host import index input intersect iterate join key lead left
    level limit link list load lock log lookup lower map mark mask match merge model move name note offset open
    order output pad parent patch place plot point position post power prefix print process profile program project
    query queue quote range rank rate read record refresh repeat report request reset result return reverse root
    round route sample scale schedule score search shape shift sign size slice sort sound source split stack stage
    start state step store stream strip style sum support swap switch tag take template test time title total touch
    trace track transform tree trim type union update upper use value view wait walk watch weight wrap zip
    """)
"""Words that are verbs before an object and nouns on their own."""

NOUNS_BEFORE_NOUNS: Final = word_set("""
    address back block border buffer bytes clock color cross default design dot end frame hash head help host
    image index key lead left length level line offset parent place point position post power prefix profile program
    project range rate right root shape sign size sound source stack stage state step style sum template time title
    total touch tree type union value weight flag issue segment tag pin vote stem stub override overlay
    """)
"""Words of EITHER that are nouns where the function gives back a value."""

PREPOSITIONS: Final = word_set("""
    about above after against along among around as at before below beneath beside between beyond by during for from
    if in inside into of off on onto out outside over per since than through to toward towards under until unless
    up upon via when where while with within without
    """)

PREDICATES: Final = {
    "is": "is",
    "are": "are",
    "has": "has",
    "have": "have",
    "can": "can",
    "should": "should",
    "will": "will",
    "was": "was",
    "does": "does",
    "needs": "needs",
    "supports": "supports",
    "contains": "contains",
    "includes": "includes",
    "exists": "exists",
    "allows": "allows",
    "accepts": "accepts",
    "matches": "matches",
    "starts": "starts",
    "ends": "ends",
    "must": "must",
}
"""First words of names that ask a question: `is_empty`, `hasNext`."""

ACRONYMS: Final = word_set("""
    ai api arn ascii ast aws cte bfs bom ca cd cdn ci cidr cli cors cpu cqrs crc crud csp csrf css csv dao db dfs dhcp dns
    dom dpi dst dto eof etl fifo ftp gcd gcp gif gis gpg gpu grpc gui hmac html http https iam id ide imap io ip ipc
    ipv4 ipv6 iso jpeg jpg json jsx jvm jwt kb lcm ldap lifo llm lru mac mb md5 mfa mime ml mqtt mvc nfs nlp ntp oauth
    ocr oidc oop orm os otp pdf pgp pid png pr pwa ram rdf rest rfc rgb rgba rpc rsa rss s3 saml sdk seo sftp sha sha1
    sha256 smtp soap sql ssd ssh ssl sso stderr stdin stdout svg tcp tls toml totp tsv ttl tty ui udp uri url urls utc
    utf utf8 uuid ux vm vpn wsgi asgi xhr xml xsd xss yaml yml zip
    """)
"""Words that are written in capitals."""

LIBRARY_CASE: Final = {
    "mysql": "MySQL",
    "postgres": "PostgreSQL",
    "postgresql": "PostgreSQL",
    "sqlite": "SQLite",
    "mongodb": "MongoDB",
    "redis": "Redis",
    "github": "GitHub",
    "gitlab": "GitLab",
    "javascript": "JavaScript",
    "typescript": "TypeScript",
    "python": "Python",
    "java": "Java",
    "docker": "Docker",
    "kubernetes": "Kubernetes",
    "linux": "Linux",
    "windows": "Windows",
    "unicode": "Unicode",
    "markdown": "Markdown",
    "graphql": "GraphQL",
    "oauth2": "OAuth 2",
    "nginx": "nginx",
    "stdin": "standard input",
    "stdout": "standard output",
    "stderr": "standard error",
    "utf8": "UTF-8",
    "ids": "IDs",
    "apis": "APIs",
    "uris": "URIs",
    "base64": "Base64",
    "ok": "OK",
    "true": "True",
    "false": "False",
    "none": "None",
    "english": "English",
    "monday": "Monday",
    "sunday": "Sunday",
}

_UNCOUNTED: Final = word_set("""
    access advice authentication authorization cash code content css data debris equipment evidence feedback
    information json html http https xml yaml input output knowledge logic math memory metadata money music news
    permission progress software sql state status storage support syntax text time traffic usage work all any
    each every help everything nothing none both
    """)
_SINGULAR_WITH_S: Final = word_set(
    "access address alias analysis axis basis bias bus canvas chaos class compass cors cos css dns dss gas glass https "
    "is kubernetes lens loss os pass process progress radius redis series status success this tls canvas canvass "
    "canonicals js as has was always plus args kwargs sys less mess press dress cross consensus census syntax"
)


def is_plural(word: str) -> bool:
    """Whether a word is a plural noun."""
    return (
        word in _IRREGULAR
        or (len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is", "as", "os")))
    ) and word not in _SINGULAR_WITH_S


_IRREGULAR: Final = word_set(
    "children people men women mice data indices vertices matrices criteria media kwargs args"
)


def takes_article(word: str) -> bool:
    """Whether a singular noun needs an article: "a header", but "data" and "JSON" need none."""
    return word not in _UNCOUNTED and not is_plural(word)


def with_article(noun: str) -> str:
    """Put "a" or "an" before a noun phrase, as it is spoken."""
    first = noun.split(" ", 1)[0]
    lower = first.lower()
    if first.isupper() and len(first) > 1:
        vowel = first[0] in "AEFHILMNORSX" and lower not in _SPOKEN_AS_WORDS
    else:
        vowel = lower[:1] in "aeiou" and not lower.startswith(
            ("uni", "use", "user", "url", "uri", "utc", "one", "eu")
        )
        vowel = vowel or lower.startswith(
            ("hour", "html", "http", "xml", "ssh", "sql", "x-", "svg", "rss", "mp3")
        )
    return f"{'an' if vowel else 'a'} {noun}"


_SPOKEN_AS_WORDS: Final = word_set("rest ram nato rom rsync soap saml lan mac mime host hash")
