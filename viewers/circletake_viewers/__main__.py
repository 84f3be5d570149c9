"""`python -m circletake_viewers [FILE...]`."""

import sys

from circletake_viewers.start import main

sys.exit(main())
