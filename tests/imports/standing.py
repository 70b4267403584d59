"""Begins a second process and stands still until somebody kills it: standing.py FOLDER."""

import signal
import sys
from pathlib import Path

from callcenter.imports.ahead import WORTH, lines_ahead
from callcenter.imports.stored import Stored
from tests.imports.test_kept import RULES

with lines_ahead(Stored(Path(sys.argv[1]), has_headings=False), RULES, 100, WORTH):
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    signal.pause()
