"""Template filters for times (the browser turns them into the reader's zone), numbers, durations and outcomes."""

from datetime import datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince

from lookups.models import HeldFor, Lookup, PolicyReview
from lookups.models.outcomes import Edge, Outcome

register = template.Library()


@register.filter
def moment(at: datetime | None) -> SafeString | str:
    """Show a time in UTC. The browser turns it into the reader's zone, and shows the exact time on hover."""
    if at is None:
        return "never"
    at = at.astimezone(timezone.get_default_timezone())
    return format_html(
        '<time datetime="{}" title="{}" data-moment>{}</time>',
        at.isoformat(),
        f"{at:%Y-%m-%d %H:%M:%S %Z}",
        f"{at:%d %b %Y, %H:%M %Z}",
    )


@register.filter
def age(at: datetime | None) -> SafeString | str:
    """Show how long ago something was; the browser shows the exact time on hover."""
    if at is None:
        return "never"
    seconds = (timezone.now() - at).total_seconds()
    words = "just now" if seconds < 60 else f"{timesince(at, depth=1)} ago"
    return format_html(
        '<time datetime="{}" title="{}" data-age>{}</time>',
        at.isoformat(),
        f"{at:%Y-%m-%d %H:%M:%S %Z}",
        words,
    )


@register.filter
def held_count(review: PolicyReview) -> str:
    """Say how many lookups a review holds back."""
    held = Lookup.objects.filter(business=review.business_id).held(HeldFor.REVIEW).count()
    return f"{held} lookup" if held == 1 else f"{held} lookups"


@register.filter
def outcome(lookup: Lookup, edge: Edge) -> str:
    """Say what became of one edge of a lookup."""
    code = lookup.outcome_of(edge)
    return str(Outcome(code).label) if code else "–"


@register.filter
def number(count: float | None) -> str:
    """Show a whole number with separators of thousands."""
    return "–" if count is None else f"{count:,.0f}"


@register.filter
def duration(time: timedelta | None) -> str:
    """Show how long something takes, in its two largest units."""
    if time is None:
        return "–"
    minutes = round(time.total_seconds() / 60)
    if minutes < 1:
        return "less than a minute"
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    shown = [f"{count} {unit}" for count, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if count]
    return " ".join(shown[:2])


@register.filter
def roughly(time: timedelta | None) -> str:
    """Show an estimate of how long something takes."""
    shown = duration(time)
    return shown if shown.startswith("less") else f"about {shown}"
