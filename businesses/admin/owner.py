"""Show the owner of an app or a Page, on its form and in its list."""

from django.contrib import admin

from businesses.models import Asset, ShownBy


class OwnerShown:
    """Two displays of the owner: in a few words, and with how and when Graph named it."""

    @admin.display(description="owner", ordering="ownership")
    def owner(self, asset: Asset) -> str:
        """The owner."""
        return asset.owner_words

    @admin.display(description="owner")
    def owner_told(self, asset: Asset) -> str:
        """The owner, and how and when Graph named it."""
        return owner_text(asset)


def owner_text(asset: Asset) -> str:
    """Say who owns an app or a Page, how and when Graph named the owner, and why the last attempt to ask failed."""
    text = asset.owner_words[0].upper() + asset.owner_words[1:]
    if asset.owner_checked_at:
        how = f"by {ShownBy(asset.owner_shown_by).label}, " if asset.owner_shown_by else ""
        text = f"{text}. Told by Graph {how}on {asset.owner_checked_at:%d %B %Y, %H:%M} UTC."
    if asset.is_not_ours:
        text = f"{text} Its IDs are neither asked about nor linked: Meta's policy allows that to its owner only."
    if asset.owner_trouble:
        text = f"{text} The last attempt failed: {asset.owner_trouble}"
    return text
