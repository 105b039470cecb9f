"""What satchel's documentation is built into: manual pages and completions in the wheel, and a website.

python -m docs_site share            # client/share: manual pages and completion scripts, kept in the repository
python -m docs_site site [DIRECTORY] # build/site: the pages of docs/, of every command and of every error
"""
