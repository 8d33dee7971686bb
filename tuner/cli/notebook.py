"""A search as a notebook shows it: the terminal's table, in the output of its cell."""

import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from tuner.cli.live import Screen
from tuner.cli.progress import Progress
from tuner.cli.telling import Printable

WIDTH, HEIGHT = 100, 40  # signs and lines of a table
A_LOOK = 0.5  # seconds from one look at the search to the next
TEXT = '<pre style="line-height: 1.3; font-family: monospace">{code}</pre>'


@contextmanager
def inline(progress: Progress) -> Iterator[None]:
    """Shows the table under the cell while something is trained, and leaves it as it ends."""
    from IPython.display import display

    shown = display(looks(progress), raw=True, display_id=True)
    ended = threading.Event()

    def refresh() -> None:
        while not ended.wait(A_LOOK):
            shown.update(looks(progress), raw=True)

    watcher = threading.Thread(target=refresh, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()
        shown.update(looks(progress), raw=True)


def looks(progress: Progress) -> dict[str, str]:
    """The table at this moment, by the type of what it is written in."""
    console = Console(
        file=io.StringIO(), width=WIDTH, height=HEIGHT, record=True, force_jupyter=False
    )
    console.print(Printable(Screen(progress)))
    html = console.export_html(inline_styles=True, code_format=TEXT, clear=False)
    return {"text/html": html, "text/plain": console.export_text()}
