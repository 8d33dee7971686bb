"""Which measure of chance a study has, from the executions it has.

chance = measure_chance(values, codes, shared=True)  # None: no interval can be given
error = chance.terms.of(weights)  # any contrasts, one a row, one cell a column
half_width = stats.t.ppf(0.975, error.df) * error.se
multiplier = max_t(chance.terms.covariance(weights), error.df)  # of error.se, simultaneous
test = assess_jointly(chance.terms, weights_of_an_interaction)
chance.strata  # do replicates disagree on the effect of a factor? None if that is not known
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from tuner.analysis.error_terms import error_terms
from tuner.analysis.incomplete import incomplete_terms
from tuner.analysis.lack_of_fit import lack_of_fit
from tuner.analysis.spreads import Terms
from tuner.analysis.strata import Strata
from tuner.analysis.within_cells import within_cells

BETWEEN = "how much each difference varied between replicates, steadied by how much its kind varied"


@dataclass(frozen=True)
class Chance:
    """What measures chance in a study, and how to say so."""

    terms: Terms
    text: str
    strata: Strata | None = None


def measure_chance(values: Any, codes: Any, *, shared: bool) -> Chance | None:
    """Choose the measure of chance.

    Args:
        values: cells x replicates, NaN where there is no execution.
        codes: cells x factors, the levels as integers.
        shared: whether a replicate is the same for all cells; else columns mean nothing.

    Returns:
        None where nothing measures chance: one execution a cell, of too few cells.
    """
    values, codes = np.asarray(values, dtype=float), np.asarray(codes)
    present = np.isfinite(values)
    if present.sum(axis=1).max() <= 1:
        model = lack_of_fit(np.nansum(values, axis=1), codes)
        return None if model is None else Chance(model, model.text)
    if not shared:
        cells = within_cells(values[present], np.nonzero(present)[0])
        return Chance(
            cells, "how much the executions of each cell varied: no replicates are shared"
        )
    if not present.all():
        terms = incomplete_terms(values, codes)
        text = f"{BETWEEN}; cluster-robust by replicate, since executions are missing"
        return Chance(terms, text, terms.strata)
    complete = error_terms(values, codes)
    two = values.shape[1] == 2
    text = f"{BETWEEN}{'; with two replicates it is mostly the kind' if two else ''}"
    return Chance(complete, text, complete.strata)
