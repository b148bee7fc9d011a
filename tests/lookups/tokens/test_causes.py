"""One 190 is not another: which cause a refusal's subcode and words stand for."""

import pytest

from lookups.sandbox.world.token_states import CAUSES, DATA_ACCESS, SESSION_KEY, TEXTS
from lookups.tokens import causes


@pytest.mark.parametrize(
    ("subcode", "code"),
    [
        (458, "app_removed"), (459, "checkpoint"), (460, "password"), (463, "expired"), (464, "unconfirmed"),
        (466, "ended"), (467, "logged_out"), (492, "role_lost"), (493, "data_access"),
    ],
)  # fmt: skip
def test_the_subcode_tells_and_so_do_the_words_alone(subcode, code):
    assert causes.cause_of_death(subcode, "", signs_itself=False).code == code
    if subcode in TEXTS:
        assert causes.cause_of_death(None, TEXTS[subcode], signs_itself=False).code == code


def test_the_subcode_goes_before_the_words():
    assert causes.cause_of_death(460, TEXTS[492], signs_itself=False).code == "password"


@pytest.mark.parametrize(
    ("text", "signs_itself", "code"),
    [
        (CAUSES["permission removed"][2], False, "permission_removed"),
        (DATA_ACCESS[2], False, "data_access"),
        ("Invalid OAuth access token signature.", True, "secret_reset"),
        ("Invalid OAuth access token signature.", False, "not_a_token"),
        ("Error validating application. Cannot get application info due to a system error.", True, "secret_reset"),
        ("Error validating client secret.", True, "secret_reset"),
        ("Invalid appsecret_proof provided in the API argument", False, "secret_reset"),
        ("Invalid OAuth access token - Cannot parse access token", False, "not_a_token"),
        ("The access token could not be decrypted", False, "not_a_token"),
        (SESSION_KEY, False, "logged_out"),
        ("Something that Graph never said before", False, "unknown"),
    ],
)
def test_words_without_a_subcode(text, signs_itself, code):
    assert causes.cause_of_death(None, text, signs_itself=signs_itself).code == code


def test_every_cause_names_somebody_and_what_to_do():
    found = [one for one in vars(causes).values() if isinstance(one, causes.CauseOfDeath)]

    assert len({one.code for one in found}) == len(found) >= 12
    for cause in found:
        assert cause.who
        assert len(cause.steps) >= 2
        assert cause.title[0].isupper()
