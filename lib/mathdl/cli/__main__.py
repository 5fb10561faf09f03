"""`python -m mathdl.cli` is the command `mathdl`."""

import sys

from mathdl.cli import main

sys.exit(main())
