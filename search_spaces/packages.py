"""Search spaces that other packages offer: entry points of the group `tuner.search_spaces`."""

from importlib.metadata import EntryPoint, entry_points
from typing import Any

GROUP = "tuner.search_spaces"


def offered() -> dict[str, list[EntryPoint]]:
    """The entry points by the name of their search space, several where packages share a name."""
    found: dict[str, list[EntryPoint]] = {}
    for entry in sorted(entry_points(group=GROUP)):
        found.setdefault(entry.name, []).append(entry)
    return found


def package_of(entry: EntryPoint) -> str:
    """The package that offers a search space, with its version."""
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else "a package without a name"


def load_offered(name: str, entries: list[EntryPoint]) -> Any:
    """What makes the search space that a package offers by a name.

    Raises:
        ValueError: if several packages do, or it cannot be imported; naming the packages.
    """
    entry = entries[0]
    if len(entries) > 1:
        packages = " and ".join(map(package_of, entries))
        raise ValueError(
            f"{packages} both offer a search space {name!r}: name the one that is meant by its "
            f"class, as in {entry.value}"
        )
    try:
        return entry.load()
    except (Exception, SystemExit) as error:  # whatever its file does when it is imported
        raise ValueError(
            f"{package_of(entry)} offers {name!r} as {entry.value}, which cannot be imported: "
            f"{type(error).__name__}: {error}"
        ) from error
