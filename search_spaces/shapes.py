"""Networks by arithmetic: the shapes of their feature maps and what they cost; no Keras.

A space counts a network in the words in which it builds it:
`Maps(32, 3).convolved(16).normalized().pooled().averaged().dense(10).tally`.
"""

from dataclasses import dataclass, field


class InfeasibleError(ValueError):
    """No network has this configuration; the message says why."""


@dataclass
class Tally:
    """What a network costs.

    Attributes:
        params: Weights, biases and, of normalizations, moving averages: as Keras counts them.
        flops: Of a forward pass of one image through its convolutions and dense layers; a
            multiply-add counts as two.
    """

    params: int = 0
    flops: int = 0


@dataclass(frozen=True)
class Maps:
    """Square feature maps of a network that is counted; plain features are maps of one pixel.

    Attributes:
        side: In pixels.
        channels: The number of maps.
        tally: What the network has cost so far; all of its maps share it.
        where: In the network, which begins the reason of what is infeasible: "block 2".
    """

    side: int
    channels: int
    tally: Tally = field(default_factory=Tally)
    where: str = "the network"

    def at(self, where: str) -> "Maps":
        """The same maps, at another place in the network."""
        return Maps(self.side, self.channels, self.tally, where)

    def convolved(
        self,
        filters: int,
        kernel: int = 3,
        strides: int = 1,
        padding: str = "same",
        bias: bool = False,
    ) -> "Maps":
        """Behind a convolution with square kernels.

        Raises:
            InfeasibleError: if the kernel is larger than the maps and these are not padded.
        """
        side = self._side_behind(kernel, strides, padding)
        return self._weighted(kernel**2 * self.channels * filters, side, filters, bias)

    def depthwise(self, kernel: int = 3, strides: int = 1, padding: str = "same") -> "Maps":
        """Behind a convolution of each map by itself, without biases.

        Raises:
            InfeasibleError: as `convolved` does.
        """
        side = self._side_behind(kernel, strides, padding)
        return self._weighted(kernel**2 * self.channels, side, self.channels, bias=False)

    def normalized(self) -> "Maps":
        """Behind a batch normalization: scale, offset and two moving averages of each map."""
        self.tally.params += 4 * self.channels
        return self

    def pooled(self) -> "Maps":
        """Behind a pooling of 2 x 2.

        Raises:
            InfeasibleError: if there is nothing to pool.
        """
        if self.side < 2:
            raise InfeasibleError(f"{self.where}: {self.side} px map cannot be pooled")
        return Maps(self.side // 2, self.channels, self.tally, self.where)

    def averaged(self) -> "Maps":
        """The mean of each map, as features."""
        return Maps(1, self.channels, self.tally, self.where)

    def flattened(self) -> "Maps":
        """Every pixel of every map, as features."""
        return Maps(1, self.side**2 * self.channels, self.tally, self.where)

    def dense(self, units: int, bias: bool = True) -> "Maps":
        """Features behind a dense layer: a convolution of maps of one pixel."""
        return self.convolved(units, kernel=1, bias=bias)

    def _side_behind(self, kernel: int, strides: int, padding: str) -> int:
        if padding == "same":
            return -(-self.side // strides)
        if kernel > self.side:
            raise InfeasibleError(
                f"{self.where}: {self.side} px map is smaller than its {kernel} px kernel"
            )
        return (self.side - kernel) // strides + 1

    def _weighted(self, weights: int, side: int, channels: int, bias: bool) -> "Maps":
        self.tally.params += weights + bias * channels
        self.tally.flops += 2 * weights * side**2
        return Maps(side, channels, self.tally, self.where)
