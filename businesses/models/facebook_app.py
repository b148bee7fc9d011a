"""A Facebook app with Login: the scope of an ASID, and the issuer of tokens."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from businesses.models.app_secret import AppSecret, SecretRole
from businesses.models.asset import Asset, OfOneKind
from businesses.models.asset_kind import AssetKind


class FacebookApp(Asset):
    """An asset that has secrets. They are stored sealed, in rows of their own, and never shown again."""

    of_kind = AssetKind.APP
    objects = OfOneKind()  # type: ignore[assignment,misc]  # the same table, narrowed

    class Meta:
        proxy = True
        verbose_name = "app"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not args:
            kwargs.setdefault("kind", self.of_kind)
        super().__init__(*args, **kwargs)

    def set_secret(self, text: str) -> None:
        """Store a secret and use it from now on. The former secret and a waiting one are deleted."""
        with transaction.atomic():
            self.secrets.all().delete()
            self._store(SecretRole.IN_USE, text, set_at=timezone.now())

    def set_next_secret(self, text: str) -> None:
        """Store a secret that waits until it has proved to work."""
        with transaction.atomic():
            self.drop_secret(SecretRole.WAITING)
            self._store(SecretRole.WAITING, text)

    def refuse_next_secret(self, why: str) -> None:
        """Delete a waiting secret that does not work, but keep the refusal: its author may have left the page."""
        with transaction.atomic():
            self.drop_secret(SecretRole.WAITING)
            AppSecret.objects.create(
                business_id=self.business_id,
                app_id=self.pk,
                role=SecretRole.WAITING,
                tried_at=timezone.now(),
                trouble=why[:500] or "refused",
            )
        self._reread()

    def drop_secret(self, role: SecretRole) -> None:
        """Delete the secret in this role, with what is known about it."""
        self.secrets.filter(role=role).delete()
        self._reread()

    def use_next_secret(self) -> None:
        """Use the waiting secret from now on, and keep the present one as the former."""
        with transaction.atomic():
            self.drop_secret(SecretRole.FORMER)
            self.secrets.filter(role=SecretRole.IN_USE).update(role=SecretRole.FORMER)
            self._put_in_use(SecretRole.WAITING)

    def use_former_secret(self) -> None:
        """Use the former secret again, and keep the present one as the former."""
        with transaction.atomic():
            # Two secrets can't have the same role, not even for a moment.
            self.secrets.filter(role=SecretRole.FORMER).update(role=SecretRole.MOVING)
            self.secrets.filter(role=SecretRole.IN_USE).update(role=SecretRole.FORMER)
            self._put_in_use(SecretRole.MOVING)

    def _put_in_use(self, role: SecretRole) -> None:
        news = {"role": SecretRole.IN_USE, "set_at": timezone.now(), "tried_at": None, "trouble": ""}
        self.secrets.filter(role=role).update(**news)
        self._reread()

    def _store(self, role: SecretRole, text: str, **facts: Any) -> None:
        secret = AppSecret(business_id=self.business_id, app_id=self.pk, role=role, **facts)
        secret.set_value(text)
        secret.save()
        self._reread()

    def _reread(self) -> None:
        """Clear the secrets that were read before, so that they are read again."""
        getattr(self, "_prefetched_objects_cache", {}).pop("secrets", None)
