"""Meta's own client for Python, unmodified but for its base address, against the sandbox."""

import json

import pytest
from facebook_business.adobjects.user import User
from facebook_business.api import FacebookAdsApi
from facebook_business.exceptions import FacebookRequestError
from facebook_business.session import FacebookSession

PAGE = 380374449010653


@pytest.fixture
def api(sandbox, monkeypatch):
    monkeypatch.setattr(FacebookSession, "GRAPH", sandbox.url)
    page, app = sandbox.asset("John's Next Great Thing"), sandbox.asset("JohnsMovieApp")
    session = FacebookSession(app_id=app["id"], app_secret=app["secret"], access_token=page["token"])
    yield FacebookAdsApi(session)
    session.requests.close()


def test_single_edges_with_their_filters(api):
    john = User("12345123", api=api)

    assert {row["id"] for row in john.get_ids_for_apps()} == {"645195294", "10152368852405295"}
    assert [row["id"] for row in john.get_ids_for_apps(params={"app": 1419232575008550})] == ["10152368852405295"]
    assert [row["id"] for row in john.get_ids_for_pages(params={"page": PAGE})] == ["12345123"]


# Its list of a user's fields has no edges; it sends them all the same.
@pytest.mark.filterwarnings("ignore:.*does not allow field:UserWarning")
def test_a_node_with_fields_and_edges(api):
    john = User("12345123", api=api).api_get(fields=["name", "ids_for_apps", "ids_for_pages"])

    assert john["name"] == "John Smith"
    assert len(john["ids_for_apps"]["data"]) == 2
    assert john["ids_for_pages"]["data"][0]["page"]["id"] == str(PAGE)


def test_cursors_over_several_pages(api, sandbox):
    rows = User("12345123", api=api).get_ids_for_apps(params={"limit": 1})

    assert [row["id"] for row in rows] == ["10152368852405295", "645195294"]
    assert len([entry for entry in sandbox.journal() if entry["params"].get("limit") == "1"]) == 2


def test_its_batch_of_fifty(api):
    batch, answers = api.new_batch(), []
    for _ in range(50):
        User("12345123", api=api).get_ids_for_apps(
            batch=batch, success=lambda told: answers.append(told.json()), failure=answers.append
        )

    left_over = batch.execute()

    assert left_over is None
    assert [len(answer["data"]) for answer in answers] == [2] * 50


def test_its_error_tells_all_that_graph_told(api):
    with pytest.raises(FacebookRequestError) as caught:
        User("424242", api=api).get_ids_for_apps()

    error = caught.value
    assert (error.http_status(), error.api_error_code(), error.api_error_subcode()) == (400, 100, 33)
    assert error.api_error_type() == "GraphMethodException"


def test_usage_headers_reach_it(api):
    headers = api.call("GET", ("12345123",)).headers()

    (pool,) = json.loads(headers["x-business-use-case-usage"])[str(PAGE)]
    assert pool["type"] == "messenger"
