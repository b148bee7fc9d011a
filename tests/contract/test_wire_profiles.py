"""The wire contract, 10: what a node tells of a person, and the faces of a profile that is refused."""

import pytest

from tests.contract.wire import ASID, PAGE, PSID, Caller

guide = pytest.mark.guide


@pytest.fixture
def turned_caller(turned):
    """John's Page, or another caller, in a sandbox with a switch turned."""
    return lambda setting, name="John's Next Great Thing": Caller(turned(setting), name)


@guide("wire 10: names of both kinds of ID")
def test_names_are_told_whole_and_in_parts(app, page):
    for told in (app.get(ASID, fields="first_name,last_name"), page.get(PSID, fields="first_name,last_name")):
        assert (told.body["first_name"], told.body["last_name"]) == ("John", "Smith")


@guide("wire 10: picture of an ASID, profile_pic of a PSID")
def test_pictures_have_another_form_for_each_kind_of_id(app, page):
    picture = app.get(ASID, fields="picture{url}").body["picture"]
    whole = app.get(ASID, fields="picture").body["picture"]["data"]

    assert set(picture["data"]) == {"url"}
    assert set(whole) == {"height", "is_silhouette", "url", "width"}
    assert picture["data"]["url"].startswith("https://platform-lookaside.fbsbx.com/")
    assert f"psid={PSID}&" in page.get(PSID, fields="profile_pic").body["profile_pic"]


@guide("wire 10: a picture's URL expires")
def test_the_url_of_a_picture_is_another_one_later(page, sandbox):
    first = page.get(PSID, fields="profile_pic").body["profile_pic"]

    sandbox.control("clock", {"ahead": 86400})

    assert page.get(PSID, fields="profile_pic").body["profile_pic"] != first


@guide("wire 10: each kind of ID has fields that the other has not")
def test_fields_of_the_other_kind_do_not_exist(app, page):
    for caller, node, field in ((app, ASID, "profile_pic"), (page, PSID, "picture"), (page, PSID, "age_range")):
        assert f"nonexisting field ({field})" in caller.get(node, fields=field).error["message"]


@guide("wire 10: locale, timezone and gender need permissions")
def test_permitted_fields_may_be_left_out(page, turned_caller):
    fields = "name,locale,timezone,gender"
    told = page.get(PSID, fields=fields).body

    assert set(told) == {"name", "locale", "timezone", "gender", "id"}
    assert (told["gender"] in ("male", "female"), type(told["timezone"])) == (True, int)
    assert turned_caller("permitted_fields=off").get(PSID, fields=fields).body == {"name": "John Smith", "id": PSID}


@guide("wire 10: a refused profile has nothing but its ID")
def test_a_refused_profile_may_be_empty(turned_caller):
    page = turned_caller("profile_of_psids=left_out")

    assert page.get(PSID, fields="name,profile_pic").body == {"id": PSID}
    assert page.get(PSID).body == {"id": PSID}


@guide("wire 10: a refused profile is told as unknown, or has an error of its own")
@pytest.mark.parametrize(("face", "subcode"), [("unknown", 33), ("no_profile", 2018218), ("no_permission", 2018247)])
def test_a_refused_profile_may_be_an_error(turned_caller, face, subcode):
    page = turned_caller(f"profile_of_psids={face}")

    reply = page.get(PSID, fields="name,ids_for_pages")

    assert (reply.status, reply.error["code"], reply.error["error_subcode"]) == (400, 100, subcode)
    assert page.get(PSID, fields="ids_for_pages").body["ids_for_pages"]["data"]
    assert page.get(f"{PSID}/ids_for_apps").ids


@guide("wire 10: BAUPA is about PSIDs")
def test_profiles_of_asids_are_told_nevertheless(turned_caller):
    app = turned_caller("profile_of_psids=no_profile", "JohnsMovieApp")

    assert app.get(ASID, fields="name").body["name"] == "John Smith"


@guide("wire 10: a conversation names its participants")
def test_a_refused_name_is_found_in_the_conversation(turned_caller):
    page = turned_caller("profile_of_psids=unknown")
    asked = {"platform": "messenger", "user_id": PSID, "fields": "participants"}

    rows = page.get(f"{PAGE}/conversations", **asked).body["data"]

    assert [(one["name"], one["id"]) for one in rows[0]["participants"]["data"]] == [
        ("John Smith", PSID),
        ("John's Next Great Thing", PAGE),
    ]
    assert page.get(f"{PAGE}/conversations", **(asked | {"user_id": "424242"})).body == {"data": []}


@guide("wire 10: conversations are the Page's own")
def test_conversations_are_for_the_page_alone(app, page):
    everybody = page.get(f"{PAGE}/conversations", fields="participants").body["data"]

    assert {row["participants"]["data"][0]["name"] for row in everybody} == {"John Smith", "Omar Haddad"}
    assert set(page.get(f"{PAGE}/conversations").body["data"][0]) == {"id", "updated_time"}
    assert app.get(f"{PAGE}/conversations").error["code"] == 210
