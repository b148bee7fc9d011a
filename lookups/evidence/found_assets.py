"""Which of our apps and Pages the rows of answers belong to; adds those nobody had typed in."""

from collections.abc import Iterable, Mapping

from businesses.models import Business, FacebookApp, Page


class AssetIndex:
    """Our apps and Pages by Graph's ID, for one business and one set of answers.

    Graph names only assets of the asking business, so an unknown one is added to it, marked as found.
    One that stands under another business here is never used: no link may join two businesses. Nor is one
    that another business owns by Graph's own word (`not_owned`), nor one that we know to be of the other kind:
    a Page among apps, or an app among Pages.
    """

    def __init__(self, business: Business, apps: Mapping[str, str], pages: Mapping[str, str]) -> None:
        """`apps` and `pages` map the Graph IDs seen to the names given with them."""
        self.foreign: set[str] = set()
        self.not_owned: set[str] = set()
        self.apps = {app.app_id: app for app in self._own(business, FacebookApp.objects.filter(app_id__in=apps))}
        self.pages = {page.page_id: page for page in self._own(business, Page.objects.filter(page_id__in=pages))}
        self.wrong_kind = self._of_the_other_kind(set(apps) - set(self.apps), set(pages) - set(self.pages))
        self._add_found(business, apps, pages)

    def _own(self, business: Business, assets: Iterable) -> list:
        own = []
        for asset in assets:
            if asset.business_id == business.pk:
                own.append(asset)
                if asset.is_not_ours:
                    self.not_owned.add(asset.graph_id)
            else:
                self.foreign.add(asset.graph_id)
        return own

    def _of_the_other_kind(self, apps: set[str], pages: set[str]) -> set[str]:
        wrong = set(Page.objects.filter(page_id__in=apps).values_list("page_id", flat=True)) if apps else set()
        return wrong | set(
            FacebookApp.objects.filter(app_id__in=pages).values_list("app_id", flat=True) if pages else ()
        )

    def _add_found(self, business: Business, apps: Mapping[str, str], pages: Mapping[str, str]) -> None:
        for app_id in sorted(set(apps) - set(self.apps) - self.foreign - self.wrong_kind):
            self.apps[app_id] = FacebookApp.objects.create(
                business=business, app_id=app_id, name=apps[app_id] or f"App {app_id}", found_in_answer=True
            )
        for page_id in sorted(set(pages) - set(self.pages) - self.foreign - self.wrong_kind):
            self.pages[page_id] = Page.objects.create(
                business=business,
                page_id=page_id,
                name=pages[page_id] or f"Page {page_id}",
                found_in_answer=True,
            )
