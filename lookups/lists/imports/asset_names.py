"""Finds the app or Page that a word of a list means, by Graph's ID or by name, within one business."""

from collections import defaultdict

from businesses.models import Asset, AssetKind, Business
from lookups.lists.imports.cells import NumberCell, OddCell
from lookups.lists.imports.verdicts import Rejected

SAFE_DIGITS = 15  # every spreadsheet keeps that many digits of a number


class AssetNames:
    """The apps and Pages of a business, by the words that name them."""

    def __init__(self, business: Business) -> None:
        self._called: dict[str, set[Asset]] = defaultdict(set)
        for asset in business.assets.all():
            for word in (asset.graph_id, asset.name.strip().casefold()):
                self._called[word].add(asset)
                self._called[f"{asset.kind}:{word}"].add(asset)

    def find(self, text: str) -> Asset | Rejected:
        """Give the app or Page that the text means, or why it is unknown or ambiguous."""
        if isinstance(text, OddCell) and not (isinstance(text, NumberCell) and is_whole(text)):
            return Rejected(text.code)
        word = text.strip(" \t\r\n").casefold()
        if not word:
            return Rejected("no_asset")
        found = self._called.get(word) or self._called.get(_without_blanks(word), set())
        if len(found) > 1:
            return Rejected("ambiguous_asset")
        return next(iter(found)) if found else Rejected("unknown_asset")

    def sole(self) -> Asset | None:
        """Give the business's only app or Page; None if it has several or none."""
        assets = set().union(*self._called.values())
        return next(iter(assets)) if len(assets) == 1 else None

    def named_in(self, words: list[str]) -> Asset | None:
        """Give the app or Page that these words mean; None if they mean several or none."""
        found = {asset for asset in map(self.find, words) if not isinstance(asset, Rejected)}
        return next(iter(found)) if len(found) == 1 else None


def is_whole(number: str) -> bool:
    """Tell whether a number of a sheet still has all its digits. That suffices here: it must equal a known ID."""
    return number.isascii() and number.isdecimal() and len(number) <= SAFE_DIGITS


def _without_blanks(word: str) -> str:
    """Remove the blanks around the colon of `page: Bot`."""
    kind, colon, rest = word.partition(":")
    return f"{kind.rstrip()}:{rest.lstrip()}" if colon and kind.rstrip() in AssetKind.values else word
