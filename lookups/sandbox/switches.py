"""Behaviour of Graph that Meta's guide leaves open: one switch each, with the likeliest default."""

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True)
class Switches:
    """All switches. On the command line: `--switch name=on`."""

    leave_out_empty_edges: bool = True
    """A node read leaves out an edge without rows, as Graph does for most edges."""

    not_installed_is_an_error: bool = False
    """A PSID's apps, asked by an app the person has not installed: an error instead of no rows."""

    payment_field: bool = True
    """PSIDs have `is_payment_enabled`, as the guide shows; later Graph versions have dropped it."""

    proof_for_psid_to_pages: bool = True
    """Use case 4 needs a proof, as its examples show; its requirements don't name it."""

    require_app_secret: bool = False
    """The app setting "Require App Secret": every lookup needs a proof."""

    def turned(self, setting: str) -> "Switches":
        """Give these switches with one of them set, from `name=on` or `name=off`; raises ValueError."""
        name, _, state = setting.partition("=")
        if name not in {one.name for one in fields(self)} or state not in ("on", "off"):
            names = ", ".join(one.name for one in fields(self))
            raise ValueError(f"{setting!r}: write name=on or name=off, with one of: {names}")
        return replace(self, **{name: state == "on"})
