"""A small world as a world file describes it, with wrong credentials and initial events."""

ONE, TWO = "1001", "1002"
APP, OTHER_APP, PAGE, LOST_PAGE = "2001", "2002", "3001", "3002"
WORLD = {
    "businesses": [{"id": ONE, "name": "One"}, {"id": TWO, "name": "Two", "under_review": True}],
    "apps": [
        {"id": APP, "name": "App", "business": ONE, "category": "Games"},
        {"id": OTHER_APP, "name": "Other app", "business": TWO, "clients": [ONE], "client_has": {"secret": "wrong"}},
    ],
    "pages": [
        {"id": PAGE, "name": "Page", "business": ONE, "managed_by": APP, "client_has": {"token": f"by {OTHER_APP}"}},
        {"id": LOST_PAGE, "name": "Lost page", "managed_by": APP, "client_has": {"token": "none"}},
    ],
    "people": [{"name": "Ada Berg", "ids": {APP: "4001", PAGE: "5001", LOST_PAGE: "5002"}}],
    "happened": [
        {"tokens": {"token_of": {"app": OTHER_APP}, "because": "expired"}},
        {"usage": {"of": {"app": APP}, "users": 1, "used": 200}},
    ],
}
