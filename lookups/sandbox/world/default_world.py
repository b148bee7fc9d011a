"""The default world: the guide's own example to the letter, and others around it, so that every rule is met."""

from lookups.sandbox.world.asset import Asset, Business
from lookups.sandbox.world.person import Person
from lookups.sandbox.world.world import World

JOHNS, NORTH, REVIEWED = "112233445566778", "223344556677889", "334455667788990"
MOVIE_APP, GAME_APP, SHOP_APP = "259773517400382", "1419232575008550", "206200729983202"
NEXT_PAGE, FAN_PAGE, HELP_PAGE = "380374449010653", "380374449010777", "380374449010888"
NORTH_APP, NORTH_SITE, NORTH_PAGE = "601926256515072", "839417099414184", "651551841371924"
LAB_APP, LAB_PAGE = "457183521000111", "457183521000222"


def default_world(*, people: int = 0, seed: str = "idlink") -> World:
    """Build the world; `people` are generated around the named ones.

    North Harbour Travel works on the Page John's Fan Club without owning it.
    """
    return World(_businesses(), [*_apps(), *_pages()], _people(), people=people, seed=seed, clients={FAN_PAGE: [NORTH]})


def _businesses() -> list[Business]:
    return [
        Business(JOHNS, "John's Entertainment"),
        Business(NORTH, "North Harbour Travel"),
        Business(REVIEWED, "Quiet Lab", under_review=True),
    ]


def _app(asset_id: str, business: str, **facts: str) -> Asset:
    return Asset("app", asset_id, facts["name"], business, tuple(facts.items()))


def _page(asset_id: str, business: str, managed_by: str, **facts: str) -> Asset:
    return Asset("page", asset_id, facts["name"], business, tuple(facts.items()), managed_by)


def _apps() -> list[Asset]:
    return [
        _app(
            MOVIE_APP,
            JOHNS,
            link="https://apps.facebook.com/johnsmovieappns/",
            name="JohnsMovieApp",
            namespace="johnsmovieappns",
        ),
        _app(
            GAME_APP,
            JOHNS,
            category="Business",
            link=f"https://www.facebook.com/games/?app_id={GAME_APP}",
            name="John's Game App",
        ),
        _app(SHOP_APP, JOHNS, category="Games", link=f"/instantgames/{SHOP_APP}/", name="John's Instant Quiz"),
        _app(
            NORTH_APP,
            NORTH,
            category="Travel",
            link="https://apps.facebook.com/northharbour/",
            name="North Harbour Login",
            namespace="northharbour",
        ),
        _app(NORTH_SITE, NORTH, category="Travel", link="https://example.com/", name="North Harbour Ferries"),
        _app(LAB_APP, REVIEWED, category="Education", link="https://example.org/", name="Quiet Lab Login"),
    ]


def _page_facts(name: str, asset_id: str, category: str) -> dict[str, str]:
    slug = "".join(c if c.isalnum() else "-" for c in name.replace("'", ""))
    return {"category": category, "link": f"https://www.facebook.com/{slug}-{asset_id}/", "name": name}


def _pages() -> list[Asset]:
    return [
        _page(NEXT_PAGE, JOHNS, MOVIE_APP, **_page_facts("John's Next Great Thing", NEXT_PAGE, "Musician")),
        _page(FAN_PAGE, JOHNS, MOVIE_APP, **_page_facts("John's Fan Club", FAN_PAGE, "Community")),
        _page(HELP_PAGE, JOHNS, GAME_APP, **_page_facts("John's Game Help", HELP_PAGE, "Video Game")),
        _page(NORTH_PAGE, NORTH, NORTH_APP, **_page_facts("North Harbour Desk", NORTH_PAGE, "Travel Company")),
        _page(LAB_PAGE, REVIEWED, LAB_APP, **_page_facts("Quiet Lab Bot", LAB_PAGE, "Science")),
    ]


def _people() -> list[Person]:
    """Give John as in the guide, and people whom only some apps and Pages know.

    77001234567 is an ASID of Mai in one app and the PSID of Omar on a Page: the same digits, two people.
    """
    return [
        Person(
            "John Smith",
            JOHNS,
            {MOVIE_APP: "645195294", GAME_APP: "10152368852405295", NEXT_PAGE: "12345123"},
        ),
        Person("Mai Tran", JOHNS, {SHOP_APP: "77001234567", FAN_PAGE: "88001234567", HELP_PAGE: "88001234568"}),
        Person("Omar Haddad", JOHNS, {NEXT_PAGE: "77001234567", MOVIE_APP: "66001234567"}),
        Person("Ines Costa", JOHNS, {FAN_PAGE: "00123456789"}),
        Person("Jonas Berg", JOHNS, {GAME_APP: "10150000000000017"}),
        Person(
            "Linh Pham",
            NORTH,
            {NORTH_APP: "1457183521", NORTH_SITE: "10205803704039272", NORTH_PAGE: "2345678901"},
        ),
        Person("Viktor Ruud", NORTH, {NORTH_PAGE: "2345678902"}),
        Person("Rosa Diaz", REVIEWED, {LAB_APP: "3456789012", LAB_PAGE: "3456789013"}),
        Person("Hugo Blanc", REVIEWED, {LAB_PAGE: "3456789014"}),
    ]
