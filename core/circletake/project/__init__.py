"""A project on disk, its journal, its history, and the cache of results."""
