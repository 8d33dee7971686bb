"""What every worker needs, imported once: workers are forked from a process that has imported this.

No operation of TensorFlow runs at import, so that there is nothing yet that a fork would break.
"""

import atexit
import os
from contextlib import suppress

from tuner.errors import UsageError
from tuner.training.backend import import_tensorflow

# The process that has imported it forks workers and holds nothing: it ends at once.
atexit.register(os._exit, 0)
with suppress(UsageError):  # each execution tells it
    import_tensorflow()
