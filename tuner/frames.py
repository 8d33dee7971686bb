"""Frames of other libraries, which are taken wherever a frame goes in."""

import narwhals
import pandas as pd
from narwhals.typing import IntoDataFrame as AnyFrame
from typing_extensions import TypeIs

from tuner.errors import UsageError
from tuner.words import received

__all__ = ["AnyFrame", "as_pandas", "is_frame"]


def is_frame(value: object) -> TypeIs[AnyFrame]:
    """Whether a value is a frame in memory that narwhals knows: pandas, polars, PyArrow …."""
    found = narwhals.from_native(value, eager_only=True, pass_through=True)
    return isinstance(found, narwhals.DataFrame)


def as_pandas(frame: AnyFrame) -> pd.DataFrame:
    """A frame as pandas has it; one of pandas is returned as it is.

    Raises:
        UsageError: for what is no frame, or one that is not computed yet.
    """
    if isinstance(frame, pd.DataFrame):
        return frame
    if not is_frame(frame):
        raise UsageError(
            f"expected a frame of pandas, polars or PyArrow, got {received(frame)}; a lazy one is "
            "collected first: frame.collect()"
        )
    return pd.DataFrame(narwhals.from_native(frame, eager_only=True).to_dict(as_series=False))
