"""Which executions a study keeps when those that failed or were lost are trained again."""

from collections.abc import Iterable

from tuner.engine.asking import Asked, ask_for
from tuner.execution import Execution, Key, Record

AGAIN = ("failed", "lost")  # a loss that diverged is a result, and would diverge again


def kept(records: Iterable[Record], asked: Asked) -> list[Record]:
    """The records that stand without those that failed or were lost.

    A strategy that selects may have proposed others only because of these; such records go too.

    Args:
        records: of the ledger, in its order.
        asked: a fresh oracle.
    """
    under_way: dict[Key, Execution] = {}
    stand = []
    for record in records:
        if record.status not in AGAIN and ask_for(record, asked, under_way, 1):
            del under_way[record.key]
            asked.tell(record)
            stand.append(record)
    return stand
