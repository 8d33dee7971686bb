"""What every worker needs, imported once: workers are forked from a process that has imported this.

No operation of TensorFlow runs at import, so that there is nothing yet that a fork would break.
"""

import atexit
import os
import sys
from contextlib import suppress

from tuner.errors import UsageError
from tuner.training.backend import import_tensorflow

# The server that forks workers holds nothing, and ends at once; who else imports this does as ever.
if sys.argv[:1] == ["-c"]:
    atexit.register(os._exit, 0)
with suppress(UsageError):  # each execution tells it
    import_tensorflow()
