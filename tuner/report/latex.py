"""Tables for a paper."""

import pandas as pd

#: What pdflatex does not know as it stands.
SYMBOLS = str.maketrans(
    {
        "−": "$-$",
        "–": "--",
        "→": r"$\rightarrow$",
        "×": r"$\times$",
        "±": r"$\pm$",
        "τ": r"$\tau$",
        "ρ": r"$\rho$",
        "…": r"\ldots{}",
    }
)


def to_latex(rows: pd.DataFrame) -> str:
    """Write printed rows as a booktabs table, everything in them escaped."""
    styled = (
        rows.style.hide(axis="index").format(escape="latex").format_index(escape="latex", axis=1)
    )
    return str(styled.to_latex(hrules=True)).translate(SYMBOLS)
