"""The client against the sandbox: the four lookups, combined queries, batches, paging, refusals."""

import pytest

from lookups.graph import (
    CallCredential,
    Edge,
    GraphClient,
    GraphError,
    LinksAnswer,
    LinksQuestion,
    NotPermitted,
    ProfileAnswer,
    ProfileQuestion,
    ProofRefused,
    TokenRefused,
    UnderPolicyReview,
    UnknownID,
)

MOVIE_APP, GAME_APP, PAGE = "259773517400382", "1419232575008550", "380374449010653"
APPS = {("10152368852405295", GAME_APP), ("645195294", MOVIE_APP)}
PAGES = {("12345123", PAGE)}


@pytest.fixture
def client(sandbox):
    return GraphClient(sandbox.url, "v26.0")


@pytest.fixture
def credential(sandbox):
    def of(name: str) -> CallCredential:
        asset = sandbox.asset(name)
        return CallCredential(token=asset["token"], app_secret=asset["secret"])

    return of


def pairs(told) -> set[tuple[str, str]]:
    return {(row.id, row.asset.id) for row in told.rows}


@pytest.mark.parametrize(
    ("asker", "node", "edge", "expected"),
    [
        ("John's Next Great Thing", "12345123", Edge.APPS, APPS),
        ("JohnsMovieApp", "645195294", Edge.PAGES, PAGES),
        ("JohnsMovieApp", "645195294", Edge.APPS, APPS),
        ("John's Next Great Thing", "12345123", Edge.PAGES, PAGES),
    ],
)
def test_each_of_the_four_lookups_gives_the_guides_rows(client, credential, asker, node, edge, expected):
    (answer,) = client.ask([LinksQuestion(node, edges=(edge,))], credential(asker))

    assert pairs(answer.edge(edge)) == expected
    assert set(answer.told) == {edge}, "an edge not asked is not answered"


ASKERS = {"page": ("John's Next Great Thing", "12345123"), "app": ("JohnsMovieApp", "645195294")}


@pytest.mark.parametrize(("edge", "kind"), [(edge, kind) for edge in Edge for kind in sorted(edge.asked_of)])
def test_each_edge_is_answered_of_each_kind_that_it_may_be_asked_of(client, credential, edge, kind):
    asker, node = ASKERS[kind]
    (answer,) = client.ask([LinksQuestion(node, edges=(edge,))], credential(asker))

    assert answer.edge(edge).rows
    assert answer.complete


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (LinksQuestion("12345123", (Edge.APPS,), narrowed=((Edge.APPS, GAME_APP),)), {("10152368852405295", GAME_APP)}),
        (LinksQuestion("12345123", (Edge.APPS,), narrowed=((Edge.APPS, "10152368852405295"),)), set()),
        (LinksQuestion("12345123", (Edge.PAGES,), narrowed=((Edge.PAGES, PAGE),)), PAGES),
    ],
)
def test_filters_narrow_the_rows(client, credential, question, expected):
    (answer,) = client.ask([question], credential("John's Next Great Thing"))

    assert pairs(answer.edge(question.edges[0])) == expected


@pytest.mark.parametrize(("asker", "node"), [("John's Next Great Thing", "12345123"), ("JohnsMovieApp", "645195294")])
def test_combined_query_gives_both_edges_with_all_the_guide_tells(client, credential, asker, node):
    (answer,) = client.ask([LinksQuestion(node, profile=("name",))], credential(asker))

    game, movie = answer.edge(Edge.APPS).rows
    (page,) = answer.edge(Edge.PAGES).rows
    assert (game.asset.category, game.asset.namespace) == ("Business", "")
    assert game.asset.link == "https://www.facebook.com/games/?app_id=1419232575008550"
    assert (movie.asset.name, movie.asset.namespace) == ("JohnsMovieApp", "johnsmovieappns")
    assert (page.asset.name, page.asset.category) == ("John's Next Great Thing", "Musician")
    assert answer.node_id == node
    assert answer.complete


def test_profile_fields_are_a_question_of_their_own(client, credential):
    of_asid = ProfileQuestion("645195294", ("name", "age_range"))
    of_psid = ProfileQuestion("12345123", ("name", "is_payment_enabled"))

    (asid,) = client.ask([of_asid], credential("JohnsMovieApp"))
    (psid,) = client.ask([of_psid], credential("John's Next Great Thing"))

    assert (asid.name, asid.age_range, asid.is_payment_enabled) == ("John Smith", (21, None), None)
    assert (psid.name, psid.age_range, psid.is_payment_enabled) == ("John Smith", None, True)


def test_receipt_tells_when_how_and_by_which_version(client, credential):
    (answer,) = client.ask([LinksQuestion("12345123")], credential("John's Next Great Thing"))

    receipt = answer.receipt
    assert (receipt.http_status, receipt.version_asked, receipt.version_served) == (200, "v26.0", "v26.0")
    assert receipt.trace_id
    assert receipt.received_at.utcoffset().total_seconds() == 0
    assert receipt.usage[0].owner_id == PAGE


def test_an_expired_version_is_told_apart_from_the_one_served(sandbox, credential):
    old = GraphClient(sandbox.url, "v18.0")

    (answer,) = old.ask([LinksQuestion("12345123")], credential("John's Next Great Thing"))

    assert (answer.receipt.version_asked, answer.receipt.version_served) == ("v18.0", "v21.0")


def test_more_than_fifty_questions_go_in_chunks_and_one_bad_one_costs_no_other(client, credential, sandbox):
    questions = [LinksQuestion("12345123")] * 60
    questions[7] = LinksQuestion("424242")

    replies = client.ask(questions, credential("John's Next Great Thing"))

    assert isinstance(replies[7], UnknownID)
    assert sum(isinstance(reply, LinksAnswer) for reply in replies) == 59
    assert [entry["path"] for entry in sandbox.journal()].count("/") == 2


def test_edges_are_read_to_their_last_page_with_a_proof_on_each(client, credential, sandbox, monkeypatch):
    monkeypatch.setattr("lookups.graph.questions.PAGE_SIZE", 1)

    (answer,) = client.ask([LinksQuestion("12345123")], credential("John's Next Great Thing"))

    assert pairs(answer.edge(Edge.APPS)) == APPS
    posts = [entry for entry in sandbox.journal() if entry["path"] == "/"]
    assert len(posts) == 2
    assert all(entry["params"]["appsecret_proof"] for entry in posts)


@pytest.mark.parametrize(
    ("asker", "node", "error", "code"),
    [
        ("John's Next Great Thing", "424242", UnknownID, 100),
        ("JohnsMovieApp", "12345123", UnknownID, 100),
        ("Quiet Lab Bot", "3456789013", UnderPolicyReview, 200),
    ],
)
def test_refusals_of_one_item_are_its_reply(client, credential, asker, node, error, code):
    reply, *_ = client.ask([LinksQuestion(node)], credential(asker))

    assert type(reply) is error
    assert reply.code == code
    assert reply.trace_id
    assert reply.http_status in (400, 403)


def test_a_wrong_proof_is_told_as_such(client, sandbox):
    wrong = CallCredential(token=sandbox.asset("JohnsMovieApp")["token"], app_secret="another")

    (reply,) = client.ask([LinksQuestion("645195294")], wrong)

    assert isinstance(reply, ProofRefused)


def test_a_refused_token_fails_the_whole_call(client, credential, sandbox):
    sandbox.control("tokens", {"token_of": {"page": PAGE}, "refuse": {"code": 190, "subcode": 463}})

    with pytest.raises(TokenRefused) as caught:
        client.ask([LinksQuestion("12345123"), ProfileQuestion("12345123")], credential("John's Next Great Thing"))

    assert (caught.value.code, caught.value.subcode) == (190, 463)


def test_only_post_leaves_and_no_address_holds_a_secret(client, credential, sandbox):
    client.ask([LinksQuestion("12345123"), ProfileQuestion("12345123")], credential("John's Next Great Thing"))

    outer, *_ = [entry for entry in sandbox.journal() if entry["path"] == "/"]
    assert outer["method"] == "POST"
    assert set(outer["params"]) == {"access_token", "appsecret_proof", "include_headers", "batch"}


def test_answers_are_kinds_of_their_own(client, credential):
    links, profile = client.ask(
        [LinksQuestion("12345123"), ProfileQuestion("12345123")], credential("John's Next Great Thing")
    )

    assert isinstance(links, LinksAnswer)
    assert isinstance(profile, ProfileAnswer)


REFUSED = {"status": 403, "code": 10, "message": "(#10) Application does not have permission for this action"}


def test_a_refused_edge_does_not_cost_the_other(client, credential, sandbox):
    sandbox.control("edges", {"edge": "ids_for_pages", "refuse": REFUSED})

    answer, other = client.ask(
        [LinksQuestion("12345123"), ProfileQuestion("12345123")], credential("John's Next Great Thing")
    )

    assert pairs(answer.edge(Edge.APPS)) == APPS
    assert answer.edge(Edge.PAGES) is None
    ((edge, error),) = answer.refused
    assert (edge, type(error), error.code) == (Edge.PAGES, NotPermitted, 10)
    assert not answer.complete
    assert isinstance(other, ProfileAnswer)


def test_both_edges_refused_is_a_refusal_of_the_question(client, credential, sandbox):
    for edge in Edge:
        sandbox.control("edges", {"edge": edge, "refuse": REFUSED})

    (reply,) = client.ask([LinksQuestion("12345123")], credential("John's Next Great Thing"))

    assert isinstance(reply, NotPermitted)


def test_what_is_refused_for_the_whole_node_is_not_asked_edge_by_edge(client, credential, sandbox):
    client.ask([LinksQuestion("424242")], credential("John's Next Great Thing"))

    assert [entry["path"] for entry in sandbox.journal()] == ["/424242", "/"]


def test_fifty_refused_questions_are_asked_edge_by_edge_in_batches_of_fifty(client, credential, sandbox):
    sandbox.control("edges", {"edge": "ids_for_pages", "refuse": REFUSED})

    both = LinksQuestion("12345123", edges=(Edge.APPS, Edge.PAGES))
    replies = client.ask([both] * 50, credential("John's Next Great Thing"))

    assert all(pairs(reply.edge(Edge.APPS)) == APPS for reply in replies)
    assert [entry["path"] for entry in sandbox.journal()].count("/") == 3


def test_a_token_is_described_and_never_stands_in_a_url(client, sandbox):
    page, app = sandbox.asset("John's Next Great Thing"), sandbox.asset("JohnsMovieApp")

    report = client.describe_token(page["token"], app["token"])

    assert (report.kind, report.is_valid, report.page_id, report.app_id) == ("PAGE", True, page["id"], app["id"])
    (entry,) = sandbox.journal()
    assert (entry["path"], entry["params"]["input_token"][:7]) == ("/debug_token", "sha256:")


def test_an_expired_token_is_described_as_such(client, sandbox):
    page, app = sandbox.asset("John's Next Great Thing"), sandbox.asset("JohnsMovieApp")
    sandbox.control("tokens", {"token_of": {"page": page["id"]}, "refuse": {"code": 190, "subcode": 463}})

    report = client.describe_token(page["token"], app["token"])

    assert (report.is_valid, report.problem.subcode) == (False, 463)


def test_only_an_app_token_may_describe_others(client, sandbox):
    page = sandbox.asset("John's Next Great Thing")

    with pytest.raises(GraphError):
        client.describe_token(page["token"], page["token"])
