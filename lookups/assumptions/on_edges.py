"""What the edges give, to whom, and in which form."""

from lookups.assumptions.interview import Interview, NotToldByGraph, edge_rows, names


def only_approved_apps_see_rows(talk: Interview) -> str:
    """Ask both IDs for apps: somebody's own row should be there."""
    of_app, of_page = edge_rows(talk.ask(talk.app, "ids_for_apps")), edge_rows(talk.ask(talk.page, "ids_for_apps"))
    return "off" if of_app or of_page else "on"


def own_page_among_rows(talk: Interview) -> str:
    """Ask a PSID for its Pages: is the asking Page among them?"""
    if names(edge_rows(talk.ask(talk.page, "ids_for_pages")), talk.page.asset_id):
        return "on"
    if only_approved_apps_see_rows(talk) == "on":
        raise NotToldByGraph("Graph gives no rows at all.")
    return "off"


def asids_give_pages(talk: Interview) -> str:
    """Ask the managing app's ASID for its Pages, where the Page's own answer names that app."""
    if not names(edge_rows(talk.ask(talk.page, "ids_for_apps")), talk.app.asset_id):
        raise NotToldByGraph("Graph does not link the two IDs.")
    return "on" if edge_rows(talk.ask(talk.app, "ids_for_pages")) else "off"


def use_case_2(talk: Interview) -> str:
    """Ask an app that does not manage the Page for the person's Pages, where the managing app is told of it."""
    if not names(edge_rows(talk.ask(talk.app, "ids_for_pages")), talk.page.asset_id):
        raise NotToldByGraph("Graph does not name the Page to its own app.")
    answer = talk.ask(talk.other, "ids_for_pages")
    if answer.error:
        return "managing_or_refused"
    return "any_app" if names(edge_rows(answer), talk.page.asset_id) else "managing"


def foreign_filter_is_an_error(talk: Interview) -> str:
    """Ask a PSID for its ID on a Page that is none: the filter holds an app's ID."""
    return "on" if talk.ask(talk.page, "ids_for_pages", page=talk.app.asset_id).error else "off"


def leave_out_empty_edges(talk: Interview) -> str:
    """Read a PSID with an edge as a field that such a filter makes empty."""
    answer = talk.ask(talk.page, fields=f"ids_for_pages.page({talk.app.asset_id}){{id}}")
    if not isinstance(answer.body, dict) or answer.error:
        raise NotToldByGraph("Graph refused the question.")
    if "ids_for_pages" not in answer.body:
        return "on"
    edge = answer.body["ids_for_pages"]
    if not isinstance(edge, dict) or edge.get("data") != []:
        raise NotToldByGraph("Graph did not narrow the answer.")
    return "off"
