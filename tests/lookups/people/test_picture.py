"""The picture of a person's IDs: where things stand, what it says, and that nothing hostile gets into the page."""

import random
import re
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string

from lookups.people.picture import STATES, Picture, PlacedSpot, Spot, SpotLine, layout

SVG = "{http://www.w3.org/2000/svg}"
SHOP = Spot("a1", "ASID", "10152368852405295", "Shop")
GAME = Spot("a2", "ASID", "645195294", "Game")
NEWS = Spot("p1", "PSID", "12345123", "News")
HELP = Spot("p2", "PSID", "777", "Help")
SPOTS = [SHOP, GAME, NEWS, HELP]


def line(source: Spot, target: Spot, state: str = "confirmed", both_ways: bool = False, **more) -> SpotLine:
    return SpotLine(source.key, target.key, state, both_ways, more.pop("age", "2 days ago"), **more)


LINES = [line(NEWS, SHOP, both_ways=True), line(NEWS, GAME, "unconfirmed"), line(SHOP, GAME), line(HELP, NEWS, "apart")]


def crowd(size: int, seed: int = 1) -> tuple[list[Spot], list[SpotLine]]:
    chance = random.Random(seed)
    spots = [Spot(f"k{n}", chance.choice(["ASID", "PSID"]), str(10**16 + n), f"Asset {n}") for n in range(size)]
    pairs = [chance.sample(spots, 2) for _ in range(2 * size)]
    return spots, [line(a, b, chance.choice(STATES), chance.random() < 0.5) for a, b in pairs]


def rendered(picture: Picture) -> str:
    return render_to_string("parts/picture.html", {"picture": picture})


def svg_of(picture: Picture) -> ElementTree.Element:
    return ElementTree.fromstring(re.search(r"<svg.*?</svg>", rendered(picture), re.DOTALL)[0])


def ends_of(d: str) -> tuple[tuple[float, float], tuple[float, float]]:
    numbers = [float(number) for number in re.findall(r"-?[\d.]+", d)]
    assert len(numbers) == 8
    return (numbers[0], numbers[1]), (numbers[6], numbers[7])


def touches(placed: PlacedSpot, point: tuple[float, float]) -> bool:
    x, y = point
    return x in (placed.x, placed.x + placed.width) and placed.y < y < placed.y + placed.height


def test_apps_stand_left_and_pages_right():
    places = {placed.spot.key: placed for placed in layout(SPOTS, LINES).spots}

    assert places["a1"].x == places["a2"].x
    assert places["p1"].x == places["p2"].x
    assert places["a1"].x + places["a1"].width < places["p1"].x


@pytest.mark.parametrize("size", [4, 40, 60])
def test_the_order_of_the_input_does_not_matter(size):
    spots, lines = crowd(size)
    first = layout(spots, lines)
    for seed in range(5):
        random.Random(seed).shuffle(spots)
        random.Random(seed).shuffle(lines)

        assert layout(spots, lines) == first


@pytest.mark.parametrize("size", [2, 3, 9, 40])
def test_every_line_is_drawn_once_from_its_source_to_its_target(size):
    spots, lines = crowd(size)
    picture = layout(spots, lines)
    places = {placed.spot.key: placed for placed in picture.spots}

    assert sorted(curve.line for curve in picture.curves) == sorted(lines)
    assert len(svg_of(picture).findall(f".//{SVG}path[@marker-end]")) == len(lines)
    for curve in picture.curves:
        start, end = ends_of(curve.d)
        assert touches(places[curve.line.source], start)
        assert touches(places[curve.line.target], end)


@pytest.mark.parametrize("size", [1, 2, 9, 40])
def test_nothing_overlaps_or_leaves_the_picture(size):
    picture = layout(*(crowd(size) if size > 1 else ([SHOP], [])))
    boxes = [(placed.x, placed.y) for placed in picture.spots]

    assert len(boxes) == size
    for column in {x for x, _ in boxes}:
        tops = sorted(y for x, y in boxes if x == column)
        assert all(b - a > picture.spots[0].height for a, b in pairwise(tops))
    for placed in picture.spots:
        assert 0 <= placed.x <= picture.width - placed.width
        assert 0 <= placed.y <= picture.height - placed.height


def test_a_link_inside_a_column_bows_out_on_its_own_side():
    picture = layout(SPOTS, [line(SHOP, GAME), line(HELP, NEWS)])
    bends = {curve.line.source: float(re.search(r"C(-?[\d.]+)", curve.d)[1]) for curve in picture.curves}
    places = {placed.spot.key: placed for placed in picture.spots}

    assert bends["a1"] < places["a1"].x
    assert bends["p2"] > places["p2"].x + places["p2"].width


def test_pairs_are_uncrossed():
    apps = [Spot(f"a{n}", "ASID", str(n), f"App {n}") for n in range(8)]
    pages = [Spot(f"p{n}", "PSID", str(n), f"Page {7 - n}") for n in range(8)]
    picture = layout(apps + pages, [line(app, page) for app, page in zip(apps, pages, strict=True)])
    heights = {placed.spot.key: placed.y for placed in picture.spots}

    assert all(heights[f"a{n}"] == heights[f"p{n}"] for n in range(8))


def test_the_text_says_each_link_with_its_state():
    lines = [
        line(NEWS, SHOP, both_ways=True, age="confirmed 2 days ago"),
        line(NEWS, GAME, "withdrawn", age="last seen 9 days ago", in_conflict=True),
        line(SHOP, GAME, "apart", age=""),
    ]

    assert layout([*SPOTS[:3], replace(HELP, in_conflict=True)], lines).text == [
        "ASID 10152368852405295 in Shop and ASID 645195294 in Game are held apart: apart.",
        "PSID 12345123 in News leads to ASID 645195294 in Game: withdrawn, last seen 9 days ago; in conflict.",
        "PSID 12345123 in News and ASID 10152368852405295 in Shop lead to each other: confirmed 2 days ago.",
        "In conflict: PSID 777 in Help.",
        "Without links: PSID 777 in Help.",
    ]


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_words_a_look_and_an_arrow(state):
    picture = layout(SPOTS, [line(SHOP, NEWS, state), line(SHOP, HELP, state, both_ways=True, in_conflict=True)])
    svg = svg_of(picture)
    markers = {f"url(#{marker.get('id')})" for marker in svg.iter(f"{SVG}marker")}
    paths = svg.findall(f".//{SVG}path[@marker-end]")

    assert [state in sentence for sentence in picture.text[:2]] == [True, True]
    assert {path.get("class") for path in paths} == {
        f"il-line il-line-{state}",
        f"il-line il-line-{state} il-line-conflict",
    }
    assert {path.get("marker-end") for path in paths} == markers
    assert [path.get("marker-start") for path in paths if path.get("marker-start")] == ["url(#il-arrow-conflict)"]
    assert f"</svg>{state.capitalize()}</li>" in rendered(picture)


def test_hostile_text_is_only_text():
    name = "\"><script>alert('x')</script>\u202egnp.exe\x00\ufffe & 'more' " + "é" * 300
    spot = replace(SHOP, asset=name, value="9" * 32, url='/p?a=1&b="><script>')
    picture = layout([spot, NEWS], [line(NEWS, spot, age="</title><script>", url="/l?<b>")])
    html = rendered(picture)
    svg = svg_of(picture)

    assert "<script" not in html
    assert not {"\u202e", "\x00", "\ufffe"} & set(html)
    assert " style=" not in html
    assert [a.get("href") for a in svg.iter(f"{SVG}a")] == ["/l?<b>", '/p?a=1&b="><script>']
    titles = [title.text for title in svg.iter(f"{SVG}title")]
    assert any("9" * 32 in title and "é" * 300 in title for title in titles)
    texts = [text.text for text in svg.iter(f"{SVG}text")]
    assert "9999999999…9999999999" in texts
    assert all(len(text) <= 41 for text in texts)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("News", "News"),
        ("A quite long name of an app", "A quite long name…"),
        ("阿克梅商店的官方应用程序正式版", "阿克梅商店的官方应用…"),
        ("متجر أكمي", "\u2068متجر أكمي\u2069"),
        ("e\u0301" * 30, "e\u0301" * 18 + "…"),
        ("", ""),
    ],
)
def test_names_are_shortened_by_their_breadth(name, label):
    assert layout([replace(SHOP, asset=name)], []).spots[0].name == label


def test_without_ids_the_page_says_so():
    assert layout([], []) == Picture()
    assert layout([], LINES) == Picture()
    assert "There are no IDs to draw yet." in rendered(Picture())
    assert "<svg" not in rendered(Picture())


def test_of_sixty_ids_twenty_are_left_out():
    spots, lines = crowd(60)
    spots[7] = replace(spots[7], in_conflict=True)
    picture = layout(spots, lines)
    drawn = {placed.spot.key for placed in picture.spots}

    assert (len(drawn), picture.left_out) == (40, 20)
    assert "k7" in drawn
    assert {curve.line for curve in picture.curves} == {one for one in lines if {one.source, one.target} <= drawn}
    assert picture.text[-1] == "20 more IDs are not drawn."
    assert len([sentence for sentence in picture.text if "lead" in sentence or "held" in sentence]) == len(lines)
    assert "20 more IDs not drawn." in rendered(picture)
    assert svg_of(picture).get("viewBox") == f"0 0 {picture.width} {picture.height}"


def test_lines_to_nowhere_are_passed_over():
    picture = layout([SHOP], [line(SHOP, SHOP), line(SHOP, NEWS)])

    assert picture.curves == ()
    assert picture.text == ["Without links: ASID 10152368852405295 in Shop."]


def test_a_picture_with_links_is_no_mere_image():
    assert svg_of(layout(SPOTS, LINES)).get("role") == "img"
    assert svg_of(layout([replace(SHOP, url="/s"), NEWS], [])).get("role") == "group"


def test_the_picture_is_named_for_who_cannot_see_it():
    svg = svg_of(layout(SPOTS, LINES))
    named = {element.get("id") for element in svg if element.tag in (f"{SVG}title", f"{SVG}desc")}

    assert set(svg.get("aria-labelledby").split()) == named
    assert svg.find(f"{SVG}title").text == "ID graph: 4 IDs, 4 links"
