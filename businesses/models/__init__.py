"""What we own, one model a file."""

from businesses.models.access_token import FATAL, REFUSAL, AccessToken, Problem
from businesses.models.business import Business
from businesses.models.facebook_app import SECRET_COLUMNS, FacebookApp
from businesses.models.membership import Membership, Role
from businesses.models.ownership import Owned, Ownership, Shown
from businesses.models.page import Page

__all__ = [
    "FATAL",
    "REFUSAL",
    "SECRET_COLUMNS",
    "AccessToken",
    "Business",
    "FacebookApp",
    "Membership",
    "Owned",
    "Ownership",
    "Page",
    "Problem",
    "Role",
    "Shown",
]
