"""Would this call go through? Every app and Page of a business against every other, from what is stored alone.

Red is what Graph, or its policy, would refuse, for a cause that is known; amber would be sent but waits, or
nobody knows for sure; green is known to work. Costs no call, and the same few queries however many there are.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from django.conf import settings
from django.db.models import Q, TextChoices

from businesses.credentials import tokens_in_use
from businesses.models import AccessToken, FacebookApp, Ownership, Page, Problem
from lookups.asking.planning import Plan, Reason, not_owned, plans
from lookups.models import QuotaPool, ScopedID
from lookups.models.outcomes import Edge
from lookups.tokens.health import UNSEEN_AFTER, URGENT_DAYS, health_of

Asset = FacebookApp | Page


class Colour(TextChoices):
    """How a call would fare."""

    GREEN = "green", "ready"
    AMBER = "amber", "not sure"
    RED = "red", "can't"


_WORST = [Colour.GREEN, Colour.AMBER, Colour.RED]


@dataclass(frozen=True)
class Cause:
    """One thing that stands in the way, or may."""

    colour: Colour
    reason: Reason


@dataclass(frozen=True)
class Side:
    """An app or a Page, with what concerns all questions about its IDs, and all questions for its IDs."""

    asset: Asset
    as_source: tuple[Cause, ...] = ()
    as_target: tuple[Cause, ...] = ()

    @property
    def key(self) -> str:
        """How addresses and forms name it."""
        return f"app:{self.asset.pk}" if isinstance(self.asset, FacebookApp) else f"page:{self.asset.pk}"

    @property
    def kind(self) -> str:
        """What its IDs are called."""
        return "ASID" if isinstance(self.asset, FacebookApp) else "PSID"


@dataclass(frozen=True)
class Cell:
    """One question: an ID of `source`, filtered to `target`."""

    source: Side
    target: Side
    causes: tuple[Cause, ...]

    @property
    def colour(self) -> Colour:
        """The worst of its causes; what comes to nobody's mind is green."""
        return max((cause.colour for cause in self.causes), key=_WORST.index, default=Colour.GREEN)

    @property
    def edge(self) -> Edge:
        """The edge asked for; with the kind of the source it says which of the guide's use cases this is."""
        return Edge.APPS if isinstance(self.target.asset, FacebookApp) else Edge.PAGES

    @property
    def use_case(self) -> int:
        """The guide's number of this lookup."""
        return {("PSID", Edge.APPS): 1, ("ASID", Edge.PAGES): 2, ("ASID", Edge.APPS): 3, ("PSID", Edge.PAGES): 4}[
            self.source.kind, self.edge
        ]

    @property
    def is_itself(self) -> bool:
        """Whether source and target are one."""
        return self.source.asset == self.target.asset

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Every cause's reason, the worst first."""
        worst_first = sorted(self.causes, key=lambda cause: -_WORST.index(cause.colour))
        return tuple(cause.reason for cause in worst_first)


def sides_of(assets: Iterable[Asset], now: datetime) -> dict[Asset, Side]:
    """Judge each of these apps and Pages; a constant number of queries."""
    known = list(assets)
    planned, tokens, pools = plans(known), tokens_in_use(known), _pools(known)
    return {
        asset: Side(
            asset,
            as_source=tuple(_source_causes(asset, planned[asset], tokens.get(asset), pools.get(asset), now)),
            as_target=tuple(_target_causes(asset)),
        )
        for asset in known
    }


def cell(source: Side, target: Side) -> Cell:
    """Put a source and a target together."""
    return Cell(source, target, tuple(dict.fromkeys([*source.as_source, *target.as_target, *_pair(source, target)])))


def cells_of_person(
    scoped_ids: Sequence[ScopedID], targets: Iterable[Asset], now: datetime
) -> list[tuple[Side, list[Cell]]]:
    """Give, for each app and Page in which a person has an ID, a cell for every target."""
    own = list(dict.fromkeys(scoped_id.asset for scoped_id in scoped_ids))
    wanted = list(targets)
    sides = sides_of(dict.fromkeys([*own, *wanted]), now)
    logged_in = {scoped_id.app_id for scoped_id in scoped_ids if scoped_id.app_id}
    return [(sides[one], [_of_person(cell(sides[one], sides[to]), logged_in) for to in wanted]) for one in own]


def _of_person(one: Cell, logged_in: set[int]) -> Cell:
    """Graph tells a Page a person's apps only if the person has logged in to the app that asks (use case 1)."""
    asset = one.source.asset
    if one.use_case != 1 or not isinstance(asset, Page) or asset.managed_by_id in (None, *logged_in):
        return one
    text = f"No login of this person to “{asset.managed_by}” is known, the app that asks for “{asset}”."
    remedy = "Graph then names no apps, though there may be some. Asking about another ID of the person says more."
    return Cell(one.source, one.target, (*one.causes, Cause(Colour.AMBER, Reason("not_logged_in", text, remedy))))


def _pools(assets: Sequence[Asset]) -> dict[Asset, QuotaPool]:
    by_key = {(type(asset), asset.pk): asset for asset in assets}
    apps = [pk for model, pk in by_key if model is FacebookApp]
    pages = [pk for model, pk in by_key if model is Page]
    rows = QuotaPool.objects.filter(Q(app__in=apps) | Q(page__in=pages))
    return {by_key[(FacebookApp, row.app_id) if row.app_id else (Page, row.page_id or 0)]: row for row in rows}


def _source_causes(
    asset: Asset, planned: Plan, token: AccessToken | None, pool: QuotaPool | None, now: datetime
) -> Iterable[Cause]:
    for reason in planned.reasons:
        unsure = planned.allowed or reason.code == "secret_doubted"
        yield Cause(Colour.AMBER if unsure else Colour.RED, _exactly(reason, token))
    yield from _token_besides(asset, token, {reason.code for reason in planned.reasons})
    if token and not token.refused_at:
        rules = (_ends, _no_permission, _unchecked) if planned.credential else (_ends,)
        yield from chain.from_iterable(rule(asset, token, now) for rule in rules)
    if pool:
        yield from _of_pool(asset, pool, now)
    yield from _of_unknown_owner(asset)


def _token_besides(asset: Asset, token: AccessToken | None, named: set[str]) -> Iterable[Cause]:
    """Name what is wrong with the token of a Page whose managing app is missing, too."""
    if "no_managing_app" not in named:
        return
    if token is None:
        yield Cause(Colour.RED, Reason("no_token", f"“{asset}” has no page access token.", "Add one, too."))
    elif token.refused_at:
        text = f"Graph refused the page access token of “{asset}”: {token.refused_because}"
        yield Cause(Colour.RED, Reason("token_refused", text, "Add a new one, too."))


def _exactly(reason: Reason, token: AccessToken | None) -> Reason:
    """Tell a token that is the wrong one from one that Graph refused: they are mended in different ways."""
    if reason.code != "token_refused" or token is None or token.refused_at or not token.is_wrong:
        return reason
    return Reason(token.problem, reason.text, reason.remedy)


def _no_permission(asset: Asset, token: AccessToken, now: datetime) -> Iterable[Cause]:
    if token.problem == Problem.NO_PERMISSION:
        yield Cause(Colour.RED, Reason(token.problem, f"“{asset}”: {token.problem_text}", health_of(token, now).remedy))


def _ends(asset: Asset, token: AccessToken, now: datetime) -> Iterable[Cause]:
    health = health_of(token, now)
    for at, code, what in (
        (token.expires_at, "token_expired", f"The {token.kind} of “{asset}”"),
        (token.data_access_ends_at, Problem.DATA_ACCESS, f"The access to data of the {token.kind} of “{asset}”"),
    ):
        if at and at <= now:
            yield Cause(Colour.RED, Reason(code, f"{what} ended on {at:%d %b %Y}.", health.remedy))
        elif at and at <= now + timedelta(days=URGENT_DAYS):
            yield Cause(Colour.AMBER, Reason("token_ends", f"{what} ends on {at:%d %b %Y, %H:%M} UTC.", health.remedy))


def _unchecked(asset: Asset, token: AccessToken, now: datetime) -> Iterable[Cause]:
    remedy = "It is checked by itself; “Check now” on the token's page does it at once."
    if token.problem and token.problem != Problem.NO_PERMISSION:
        # It can't be checked; or a new secret was saved since the check that found the old one wrong.
        yield Cause(Colour.AMBER, Reason("token_unchecked", f"“{asset}”: {token.problem_text}", remedy))
    elif token.checked_at is None:
        text = f"The {token.kind} of “{asset}” was never checked."
        yield Cause(Colour.AMBER, Reason("token_unchecked", text, remedy))
    elif now - token.checked_at > UNSEEN_AFTER or (token.doubted_at and token.doubted_at > token.checked_at):
        text = f"The {token.kind} of “{asset}” was last checked on {token.checked_at:%d %b %Y}."
        yield Cause(Colour.AMBER, Reason("token_unchecked", text, remedy))


def _of_pool(asset: Asset, pool: QuotaPool, now: datetime) -> Iterable[Cause]:
    if pool.wait_until and pool.wait_until > now:
        day = "" if pool.wait_until.date() == now.date() else f"{pool.wait_until:%d %b} "
        text = f"No calls of “{asset}” until {day}{pool.wait_until:%H:%M} UTC. {pool.why}".strip()
        yield Cause(Colour.AMBER, Reason("quota_out", text, "Nothing to do: lookups wait and go on by themselves."))
    elif pool.troubles:
        text = f"Graph failed to answer the last {pool.troubles} call(s) of “{asset}”."
        yield Cause(Colour.AMBER, Reason("trouble", text, "Nothing to do: it is tried again by itself."))
    elif pool.percent >= settings.IDLINK_PACE_SLOW:
        text = f"{pool.percent:.0f} % of the limit of “{asset}” was used up at last: its calls go slowly."
        yield Cause(Colour.AMBER, Reason("slow", text, "Nothing to do; the limit is Meta's, and frees itself."))


def _target_causes(asset: Asset) -> Iterable[Cause]:
    foreign = not_owned(asset)
    if foreign:
        yield Cause(Colour.RED, foreign)
    elif not asset.found_in_answer:  # Graph has named it among the business's own
        yield from _of_unknown_owner(asset)


def _of_unknown_owner(asset: Asset) -> Iterable[Cause]:
    if asset.ownership == Ownership.UNKNOWN:
        told = "Graph names no business as the owner of" if asset.owner_checked_at else "Nobody has asked yet who owns"
        remedy = (
            "Without an owner Graph links nothing: check in Meta Business Manager that this business owns it."
            if asset.owner_checked_at
            else "Graph is asked by itself once there is a working token of it; or find apps and Pages with a system "
            "user's token, on the business's page."
        )
        yield Cause(Colour.AMBER, Reason("owner_unknown", f"{told} “{asset}”.", remedy))


def _pair(source: Side, target: Side) -> Iterable[Cause]:
    """The app that made the Page's token must be of the same business to be told of apps (use case 1)."""
    page, app = source.asset, target.asset
    if not isinstance(page, Page) or not isinstance(app, FacebookApp) or page.managed_by is None:
        return
    foreign = not_owned(page.managed_by)
    if foreign:
        text = f"“{page.managed_by}”, which asks for “{page}”, and the Page are not of one business: {foreign.text}"
        yield Cause(Colour.RED, Reason("not_one_business", text, foreign.remedy))
