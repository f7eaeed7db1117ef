"""The tests of provstore. Their stores leave no checkpoints in the home of who runs them."""

import atexit
import os
import shutil
import tempfile

os.environ.setdefault("PROVSTORE_LINGER", "0")  # no engine outlives its test

_PREFIX = "provstore-tests-"

if _PREFIX not in os.environ.get("XDG_STATE_HOME", ""):  # else a test has started this process
    os.environ["XDG_STATE_HOME"] = tempfile.mkdtemp(prefix=_PREFIX)
    atexit.register(shutil.rmtree, os.environ["XDG_STATE_HOME"], ignore_errors=True)
