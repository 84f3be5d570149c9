"""`python -m circletake`: the terminal door."""

import sys

from circletake.cli import main

if __name__ == "__main__":
    sys.exit(main())
