"""Check tokens, secrets and owners in the background: when they are saved, and in rounds."""

from typing import Any

from celery import shared_task
from django.db import transaction
from django.db.models.signals import post_save
from django.dispatch import receiver
from django.utils import timezone

from businesses.models import AppSecret, Asset, FacebookApp, Page, SecretRole
from lookups.asking import resolver
from lookups.models import UPKEEP
from lookups.tasks.messages import ROUND, send
from lookups.tasks.waking import release_what_has_its_token
from lookups.tokens import checking, due_checks, mailing, owners, secret_rotation
from lookups.tokens.secret_rotation import TrialResult


def check_soon(token_pk: int, *, by_hand: bool = False, expires: int | None = None) -> None:
    """Let a worker check a token; if the broker is down, the next round does it."""
    send(check_token, {"token_pk": token_pk, "by_hand": by_hand}, UPKEEP, expires=expires)


@shared_task(name="lookups.check_token")
def check_token(token_pk: int, by_hand: bool = False, **later: Any) -> None:
    """Ask Graph about a token; if it works, release the lookups that waited for it."""
    checking.check(resolver.graph_client(), token_pk, now=timezone.now(), another_go=by_hand)
    release_what_has_its_token()
    owners.ask_owner_by_token(resolver.graph_client(), token_pk, now=timezone.now(), by_hand=by_hand)


@shared_task(name="lookups.check_tokens")
def check_tokens(**later: Any) -> None:
    """Send checks for the tokens that are due, a part of them at a time."""
    for token_pk in due_checks.tokens_to_check(timezone.now()):
        check_soon(token_pk, expires=ROUND)
    for app_pk in secret_rotation.secrets_to_try(timezone.now()):
        send(try_secret, {"app_pk": app_pk}, UPKEEP, expires=ROUND)
    secret_rotation.forget_old(timezone.now())


@shared_task(name="lookups.try_secret")
def try_secret(app_pk: int, **later: Any) -> None:
    """Try an app's new secret again, after Graph could not be reached the first time."""
    trial = secret_rotation.try_next(resolver.graph_client(), app_pk, now=timezone.now())
    if trial.result == TrialResult.WORKS:
        take_new_secret_soon(app_pk)


@shared_task(name="lookups.take_new_secret")
def take_new_secret(app_pk: int, **later: Any) -> None:
    """Check the tokens that an app's new secret signs for, and release the lookups that waited for it."""
    for token_pk in due_checks.tokens_issued_by(app_pk):
        check_soon(token_pk)
    release_what_has_its_token()


def take_new_secret_soon(app_pk: int) -> None:
    """Send `take_new_secret` to a worker; if the broker is down, the next round does its work."""
    send(take_new_secret, {"app_pk": app_pk}, UPKEEP)


@shared_task(name="lookups.check_owner")
def check_owner(asset_pk: int, **later: Any) -> None:
    """Ask Graph which business owns an app or a Page."""
    owners.ask_owner(resolver.graph_client(), asset_pk, now=timezone.now())


@shared_task(name="lookups.check_owners")
def check_owners(**later: Any) -> None:
    """Send checks for the owners that are due, a part of them at a time."""
    for asset_pk in owners.owners_to_ask(timezone.now()):
        check_owner_soon(asset_pk, expires=ROUND)


def check_owner_soon(asset_pk: int, *, expires: int | None = None) -> None:
    """Let a worker ask Graph for the owner of an app or Page; if the broker is down, the next round does it."""
    send(check_owner, {"asset_pk": asset_pk}, UPKEEP, expires=expires)


@receiver(post_save, sender=AppSecret)
def _secret_is_saved(instance: AppSecret, raw: bool = False, **kwargs: Any) -> None:
    if instance.role == SecretRole.IN_USE and not raw:
        app_pk = instance.app_id
        transaction.on_commit(lambda: take_new_secret_soon(app_pk))


@receiver(post_save, sender=FacebookApp)
@receiver(post_save, sender=Page)
@receiver(post_save, sender=Asset)
def _asset_is_saved(instance: Asset, raw: bool = False, **kwargs: Any) -> None:
    asset_pk = instance.pk
    if not raw and instance.tokens.exists():  # asking takes a token; when one is saved, its check asks
        transaction.on_commit(lambda: check_owner_soon(asset_pk))


@shared_task(name="lookups.mail_admins")
def mail_admins(**later: Any) -> None:
    """Tell admins by e-mail what needs a person."""
    mailing.mail_what_is_new(timezone.now())
