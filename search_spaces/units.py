"""What the levels of a space's hyperparameters count, in words, known without building anything.

Keras is not imported here, so that a report can ask.
"""

from collections.abc import Mapping
from types import MappingProxyType

#: A space's name -> a hyperparameter's name -> what a level of 1 is: "16 filters".
UNITS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "conv_pool": MappingProxyType(
            {
                "conv_blocks": "1 blocks",
                "filter_multiplier": "16 filters",
                "dense_depth": "1 dense layers",
            }
        ),
        "residual": MappingProxyType(
            {"blocks_per_stage": "1 blocks per stage", "widen_factor": "16 filters"}
        ),
        "separable": MappingProxyType(
            {"blocks_per_stage": "1 blocks per stage", "width_multiplier": "32 filters"}
        ),
        "mlp": MappingProxyType({"dense_depth": "1 dense layers", "dense_units": "1 units"}),
    }
)
