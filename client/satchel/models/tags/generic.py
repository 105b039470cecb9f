"""Tags, libraries and words that say little about any text."""

from typing import Final

from satchel.models.titles.lexicon import word_set

GENERIC: Final = word_set(
    "node nodejs module modules npm function functions image url license version package type types "
    "require js object options option code name file files path docs documentation example parse console "
    "array string list class import python library log error errors data test property index usage script "
    "release standard api assert text null ci arguments define write read set style java c warning "
    "software copyright id simple call output request build number limit support tool time req res window "
    "resolve remove move views variables once commit demo development controller input touch button "
    "scroll document documents difference messages message tables mean keyboard native deferred listener "
    "globals prototype tokens sign attributes strategy interactive metadata compatible deprecated"
)
"""Tags that most texts about code would get, so they need stronger evidence than others."""

PLUMBING: Final = word_set(
    "typing logging os sys re collections functools contextlib copy enum abc dataclasses argparse config "
    "datetime time json warnings types inspect io pathlib itertools string random math operator struct "
    "tempfile shutil threading weakref traceback textwrap importlib platform urllib hashlib uuid base64 "
    "decimal numbers bisect heapq codecs locale gettext glob fnmatch pickle subprocess signal errno stat "
    "csv html http xml socket ssl email zlib gzip binascii ast tokenize keyword token pprint queue "
    "concurrent multiprocessing asyncio unittest configparser difflib getpass select calendar zoneinfo "
    "statistics secrets six typing_extensions fs path util events stream buffer assert url querystring "
    "crypto child_process inherits process debug tslib"
)
"""Libraries that come with a language, or that everything uses: an import of them says little about a text."""

NO_TAGS: Final = word_set(
    "npm install readme badge license build status github www com org copyright software warranty under "
    "permission hereby granted apache"
)
"""Words of licences, badges and installation."""
