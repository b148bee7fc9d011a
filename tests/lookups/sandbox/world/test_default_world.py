"""The default world's traps for a client."""

from tests.contract.wire import Caller


def test_two_people_share_their_digits_in_an_app_and_on_a_page(sandbox):
    mai = Caller(sandbox, "John's Instant Quiz").get("77001234567", fields="name").body
    omar = Caller(sandbox, "John's Next Great Thing").get("77001234567", fields="name").body

    assert (mai["name"], omar["name"]) == ("Mai Tran", "Omar Haddad")
