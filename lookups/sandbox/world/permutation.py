"""A keyed permutation of a range: it gives generated people their IDs and finds them by these, storing nothing."""

import hashlib
import math


class Permutation:
    """A bijection of 0..size-1 onto itself; each key gives another one.

    It multiplies and shifts. That scatters neighbours over the range; it is no cipher and hides nothing.
    """

    def __init__(self, key: str, size: int) -> None:
        if size < 1:
            raise ValueError(f"size {size} is not at least 1")
        bits = int.from_bytes(hashlib.sha256(key.encode()).digest(), "big")
        self._size = size
        self._shift = (bits >> 128) % size
        self._factor = bits % size or 1
        while math.gcd(self._factor, size) != 1:
            self._factor = self._factor % size + 1
        self._inverse = pow(self._factor, -1, size) if size > 1 else 0

    def forward(self, number: int) -> int:
        """Give the number that a number is mapped to."""
        return (number * self._factor + self._shift) % self._size

    def back(self, number: int) -> int:
        """Give the number that is mapped to this one."""
        return (number - self._shift) * self._inverse % self._size
