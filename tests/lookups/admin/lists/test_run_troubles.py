"""What a run's page says of what is held, refused or failed, and where it leads."""

from datetime import timedelta

from django.urls import reverse
from django.utils import timezone

from businesses.models import AppSecret, Business, Role
from lookups.asking import holds
from lookups.lists import feeding
from lookups.models import Answer, Lookup, QuotaPool, Run
from tests.lookups.admin.lists.runs import JOHN, LISTS, NOBODY, State, polled
from tests.lookups.list_runs import make_list, work
from tests.pages import member, text_of


def test_what_is_held_says_for_what_and_leads_whoever_may_mend_it_there(world, staff, sandbox):
    run = make_list(world.page, JOHN)
    feeding.feed(timezone.now())
    Lookup.objects.update(state="held", held_for="token")
    world.page.tokens.all().delete()
    form = f"{reverse('admin:businesses_accesstoken_add')}?business={run.business_id}&amp;asset={world.page.pk}"

    page, admins = staff.get(run.address), member(run.business, Role.ADMIN).get(run.address)

    assert "1 held: they wait for a working token or secret of “John's Next Great Thing”" in text_of(page)
    assert "Ask an admin to add one under Access tokens." in text_of(page)
    assert form not in page.content.decode()
    assert "has no page access token. Add one under Access tokens." in text_of(admins)
    assert form in admins.content.decode()


def test_a_run_under_review_leads_to_the_review(world, staff):
    run = make_list(world.page, JOHN)
    feeding.feed(timezone.now())
    lookup = Lookup.objects.get()
    answer = Answer.objects.create(
        business=run.business, lookup=lookup, attempt=1, at=timezone.now(), edges="ids_for_apps",
        complete=False, token_fingerprint="f", version_asked="v26.0", message="in review",
    )  # fmt: skip
    review = holds.note_review(run.business, answer)

    page = staff.get(run.address)

    assert "wait for the end of Meta's review" in text_of(page)
    assert reverse("admin:lookups_policyreview_change", args=[review.pk]) in page.content.decode()


def test_a_pool_that_rests_is_named_with_its_reason(world, staff):
    run = make_list(world.page, JOHN)
    feeding.feed(timezone.now())
    until = timezone.now() + timedelta(hours=1)
    QuotaPool.objects.create(
        business=run.business, asset=world.page, seen_at=timezone.now(), wait_until=until, why="96 % is used up."
    )

    assert "rests: 96 % is used up. It goes on" in text_of(polled(staff, run))


def test_errors_are_grouped_with_code_count_example_and_remedy(world, staff):
    run = work(make_list(world.page, NOBODY, "998", "997"))

    page = staff.get(run.address)

    said = text_of(page)
    assert "3 × not visible with this token" in said
    assert "Graph code 100" in said
    assert "Check that the list is of this app or Page" in said
    assert Lookup.objects.order_by("pk").first().address in page.content.decode()


def test_held_rows_say_what_is_missing_whose_it_is_and_who_can_mend_it(world, staff):
    AppSecret.objects.all().delete()
    run = work(make_list(world.page, JOHN, NOBODY))

    page = staff.get(run.address)

    said = text_of(page)
    assert "2 held: they wait for a working token or secret of “John's Next Great Thing”" in said
    assert "The secret of the app “JohnsMovieApp” is not set" in said
    assert "Ask an admin to enter it on the app's form" in said
    form = reverse("admin:businesses_facebookapp_change", args=[world.page.managed_by_id])
    assert form not in page.content.decode()
    assert form in member(run.business, Role.ADMIN).get(run.address).content.decode()
    rows = staff.get(f"{LISTS}{run.pk}/rows/", {"what": "held"})
    assert "held up by no app secret. Ask an admin to enter it" in text_of(rows)


def test_rows_that_could_not_be_asked_are_grouped_by_reason(world, staff):
    Business.objects.update(policy_confirmed_at=None)
    run = work(make_list(world.page, JOHN, NOBODY))

    page = staff.get(run.address)

    assert "2 × not asked" in text_of(page)
    assert "held up by a policy that nobody has confirmed. Ask an admin to confirm" in text_of(page)
    assert "what=refused&amp;reason=policy_not_confirmed" in page.content.decode()
    rows = staff.get(f"{LISTS}{run.pk}/rows/", {"what": "refused", "reason": "policy_not_confirmed"})
    assert "held up by a policy that nobody has confirmed" in text_of(rows)
    assert "of this app or Page" not in text_of(polled(staff, run, part="errors"))


def test_a_run_whose_sum_does_not_meet_shows_the_numbers_that_differ(world, staff):
    run = work(make_list(world.page, JOHN, NOBODY))
    Run.objects.filter(pk=run.pk).update(state=State.FAULTY, linked=2, why="Counted otherwise.")

    said = text_of(staff.get(run.address))

    assert "The sum does not meet" in said
    assert "linked 2 1" in said
    assert "tell whoever runs idlink" in said


def test_a_refused_file_says_why(world, staff):
    run = make_list(world.page, state=State.REFUSED)
    Run.objects.filter(pk=run.pk).update(why="It is a picture.")

    assert "It is a picture." in text_of(staff.get(run.address))
