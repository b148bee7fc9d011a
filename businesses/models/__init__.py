"""The models for what we own, one model a file."""

from businesses.models.access_token import AccessToken
from businesses.models.app_secret import AppSecret, SecretRole
from businesses.models.asset import Asset, FoundBy
from businesses.models.asset_kind import AssetKind
from businesses.models.business import Business
from businesses.models.facebook_app import FacebookApp
from businesses.models.membership import Membership, Role
from businesses.models.ownership import Ownership, ShownBy
from businesses.models.page import Page
from businesses.models.problem import FATAL, Problem
from businesses.models.token_check import REFUSAL, TokenCheck, TokenMail
from businesses.models.unsent_mail import UnsentMail

__all__ = [
    "FATAL",
    "REFUSAL",
    "AccessToken",
    "AppSecret",
    "Asset",
    "AssetKind",
    "Business",
    "FacebookApp",
    "FoundBy",
    "Membership",
    "Ownership",
    "Page",
    "Problem",
    "Role",
    "SecretRole",
    "ShownBy",
    "TokenCheck",
    "TokenMail",
    "UnsentMail",
]
