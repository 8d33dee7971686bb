"""What a worker's death is to the engine, whichever executor it worked for."""


class WorkerDiedError(Exception):
    """A worker process ended without a result; says how, which tells nothing of its call."""
