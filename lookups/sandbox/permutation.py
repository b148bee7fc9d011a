"""A keyed permutation of a decimal range: IDs of generated people, computed both ways and never stored."""

import hashlib

_HALF = 25
_MASK = (1 << _HALF) - 1
_ROUNDS = 4


class Permutation:
    """A bijection of 0..size-1 onto itself, for sizes up to 2**50; another key, another bijection.

    A small Feistel network on 50 bits; results outside the range are sent through again until they fall in.
    """

    def __init__(self, key: str, size: int) -> None:
        if not 0 < size <= 1 << (2 * _HALF):
            raise ValueError(f"size {size} is not in 1..2**{2 * _HALF}")
        self._key = hashlib.sha256(key.encode()).digest()
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
            swapped = self._through(_swap(number), range(_ROUNDS - 1, -1, -1))
            number = _swap(swapped)
            if number < self._size:
                return number

    def _through(self, number: int, rounds: range) -> int:
        left, right = number >> _HALF, number & _MASK
        for turn in rounds:
            left, right = right, left ^ self._scramble(turn, right)
        return left << _HALF | right

    def _scramble(self, turn: int, half: int) -> int:
        text = bytes([turn]) + half.to_bytes(4, "big")
        return int.from_bytes(hashlib.blake2b(text, key=self._key, digest_size=4).digest(), "big") & _MASK


def _swap(number: int) -> int:
    return (number & _MASK) << _HALF | number >> _HALF
