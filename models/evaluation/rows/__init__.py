"""The rows of `make eval`: each one runs a model of the product and its peers over one set."""
