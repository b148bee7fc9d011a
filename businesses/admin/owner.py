"""Whose an app or a Page is, on its form and in its list."""

from django.contrib import admin

from businesses.models import Asset, ShownBy


class OwnerShown:
    """Two displays: in a few words, and how and when Graph told it."""

    @admin.display(description="owner", ordering="ownership")
    def owner(self, asset: Asset) -> str:
        """Whose it is."""
        return asset.owner_words

    @admin.display(description="owner")
    def owner_told(self, asset: Asset) -> str:
        """Whose it is, how that was shown, and when."""
        return owner_text(asset)


def owner_text(asset: Asset) -> str:
    """Say whose an app or a Page is, how Graph told it and when, and what kept the last attempt."""
    text = asset.owner_words[0].upper() + asset.owner_words[1:]
    if asset.owner_checked_at:
        how = f"by {ShownBy(asset.owner_shown_by).label}, " if asset.owner_shown_by else ""
        text = f"{text}. Told by Graph {how}on {asset.owner_checked_at:%d %B %Y, %H:%M} UTC."
    if asset.is_not_ours:
        text = f"{text} Its IDs are neither asked about nor linked: Meta's policy allows that to its owner only."
    if asset.owner_trouble:
        text = f"{text} The last attempt failed: {asset.owner_trouble}"
    return text
