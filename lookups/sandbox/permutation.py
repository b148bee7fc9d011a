"""A keyed permutation of a decimal range: IDs of generated people, computed both ways and never stored."""

import hashlib

_ROUNDS = 4
_WIDEST = 32


class Permutation:
    """A bijection of 0..size-1 onto itself, for sizes up to 2**64; another key, another bijection.

    A small Feistel network on the least even number of bits that holds the range; results outside it are
    sent through again until they fall in, four times on average at worst.
    """

    def __init__(self, key: str, size: int) -> None:
        self._half = max(1, ((size - 1).bit_length() + 1) // 2)
        if size < 1 or self._half > _WIDEST:
            raise ValueError(f"size {size} is not in 1..2**{2 * _WIDEST}")
        self._mask = (1 << self._half) - 1
        self._keyed = hashlib.blake2b(key=hashlib.sha256(key.encode()).digest(), digest_size=4)
        self._size = size

    def forward(self, number: int) -> int:
        """Give where a number goes."""
        while True:
            number = self._through(number, range(_ROUNDS))
            if number < self._size:
                return number

    def back(self, number: int) -> int:
        """Give where a number came from."""
        while True:
            # Halves swapped, the same network run in the opposite order undoes itself.
            swapped = self._through(self._swap(number), range(_ROUNDS - 1, -1, -1))
            number = self._swap(swapped)
            if number < self._size:
                return number

    def _through(self, number: int, rounds: range) -> int:
        left, right = number >> self._half, number & self._mask
        mask = self._mask
        for turn in rounds:
            scrambled = self._keyed.copy()
            scrambled.update((turn << 32 | right).to_bytes(5, "big"))
            left, right = right, left ^ int.from_bytes(scrambled.digest(), "big") & mask
        return left << self._half | right

    def _swap(self, number: int) -> int:
        return (number & self._mask) << self._half | number >> self._half
