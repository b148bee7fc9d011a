"""The catalogue of reasons: every code is used, and nobody else words one."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from businesses.models import Asset
from businesses.reasons import REASONS, Turn, nameless, reason

ROOT = Path(__file__).resolve().parent.parent.parent
CATALOGUE = ROOT / "businesses" / "reasons.py"
MODULES = [path for room in ("businesses", "lookups") for path in (ROOT / room).rglob("*.py")]
MODULES = [path for path in MODULES if path != CATALOGUE and "migrations" not in path.parts]
TEMPLATES = list((ROOT / "templates").rglob("*.html"))
LONG = 22  # letters: what is shorter, two modules may say by chance


def strings_of(path: Path) -> Iterator[str]:
    """What a module or a template says, with {} for each value; those written in parts are one."""
    if path.suffix == ".html":
        shown = re.sub(r"\{\{.*?\}\}", "{}", re.sub(r"\{%.*?%\}|<[^>]*>", " ", path.read_text()))
        yield " ".join(shown.split())
        return
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def docstrings_of(path: Path) -> Iterator[str]:
    """What a module says of itself, and not to anybody who uses it."""
    documented = ast.Module | ast.ClassDef | ast.FunctionDef
    for node in ast.walk(ast.parse(path.read_text())) if path.suffix == ".py" else ():
        if isinstance(node, documented):
            yield ast.get_docstring(node, clean=False) or ""


def parts_of(code: str) -> set[str]:
    """The parts of a code's words, cut at stops, with {} for each name."""
    entry = REASONS[code]
    told = " | ".join((entry.sentence, entry.remedy, entry.short)).replace("{ask}", " | ")
    parts = (part.strip(" .").lower() for part in re.split(r"[.|] ", re.sub(r"\{\w+\}", "{}", told)))
    return {part for part in parts if len(part) >= LONG}


@pytest.fixture(scope="module")
def said() -> dict[Path, str]:
    shown = {path: set(strings_of(path)) - set(docstrings_of(path)) for path in (*MODULES, *TEMPLATES)}
    return {path: "\n".join(texts).lower() for path, texts in shown.items()}


@pytest.mark.parametrize("code", sorted(REASONS))
def test_nobody_else_words_a_code(code, said):
    again = [(path.name, part) for part in parts_of(code) for path, text in said.items() if part in text]

    assert parts_of(code)
    assert again == []


def test_every_code_is_used_where_reasons_are_given():
    giving = [path for path in MODULES if re.search(r"import .*\breason\b", path.read_text())]
    used = {text for path in giving for text in strings_of(path)}

    assert set(REASONS) - used == set()


def test_a_remedy_asks_an_admin_for_what_an_admin_is_told_to_do():
    why = reason("no_token", about={"asset": Asset(pk=7, name="Bot", business_id=3)}, token="page access token")

    assert why.remedy == why.remedy_for(may_act=False) == "Ask an admin to add one under Access tokens."
    assert why.remedy_for(may_act=True) == "Add one under Access tokens."
    assert dict(why.about) == {"asset": 7, "business": 3}


def test_what_only_names_can_tell_says_at_least_whose_turn_it_is():
    assert nameless("token_expired").remedy == "That is for an admin to do."
    assert nameless("no_secret").remedy == "Ask an admin to enter it on the app's form, as “App secret”."
    assert nameless("long_gone") is None


def test_a_reason_that_lacks_the_row_to_which_its_remedy_leads_is_refused():
    with pytest.raises(KeyError, match="asset"):
        reason("no_token", token="page access token", asset="Bot")


@pytest.mark.parametrize("code", sorted(REASONS))
def test_whoever_may_act_is_not_told_to_ask_an_admin(code):
    assert "sk an admin" not in nameless(code).remedy_for(may_act=True)


@pytest.mark.parametrize("code", sorted(code for code, entry in REASONS.items() if entry.turn == Turn.ADMIN))
def test_whoever_may_not_act_is_told_that_an_admin_has_to(code):
    assert "an admin" in nameless(code).remedy_for(may_act=False)
