"""The house keeps its order: small files, documented settings, no template without a use."""

import ast
import re
import statistics
import subprocess
import sys
from collections import defaultdict
from pathlib import Path

import pytest

from tests import rooms

ROOT = Path(__file__).resolve().parent.parent
CODE = [
    path
    for folder in ("idlink", "businesses", "lookups")
    for path in (ROOT / folder).rglob("*.py")
    if "migrations" not in path.parts
]
TESTS = list((ROOT / "tests").rglob("*.py"))


def settings_read() -> set[str]:
    """Every name that settings.py reads from the environment."""
    text = (ROOT / "idlink" / "settings.py").read_text()
    return set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', text))


def test_files_are_small():
    lengths = {path: len(path.read_text().splitlines()) for path in CODE + TESTS}

    assert {path.name: length for path, length in lengths.items() if length > 350} == {}
    assert statistics.median(lengths[path] for path in CODE if lengths[path]) <= 70


def test_modules_are_named_for_a_topic():
    attics = {"utils", "helpers", "common", "services", "misc"}

    assert [path for path in CODE + TESTS if path.stem in attics] == []


def test_every_module_says_what_it_is_for():
    empty_allowed = "__init__.py"
    silent = [
        str(path) for path in CODE if path.name != empty_allowed and not path.read_text().startswith(('"""', "#!"))
    ]

    assert silent == []


@pytest.mark.parametrize("page", [".env.example", "README.md"])
def test_every_setting_is_explained(page):
    text = (ROOT / page).read_text()

    assert len(settings_read()) > 15
    assert [name for name in sorted(settings_read()) if name not in text] == []


def test_no_setting_is_explained_that_does_not_exist():
    explained = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert set(explained) - settings_read() == set()


def test_every_template_has_a_use():
    templates = ROOT / "templates"
    text = "\n".join(path.read_text() for path in [*CODE, *templates.rglob("*.html")])
    overrides = {"admin/base_site.html", "unfold/helpers/command.html", "unfold/helpers/empty_results.html"}
    names = {str(path.relative_to(templates)) for path in templates.rglob("*.html")} - overrides

    assert [name for name in sorted(names) if name not in text] == []


def test_no_inline_script_stands_in_a_template():
    for path in (ROOT / "templates").rglob("*.html"):
        assert not re.search(r"<script(?![^>]*src=)|\son\w+=", path.read_text()), path


def test_every_dependency_is_justified():
    names = re.findall(r"^([A-Za-z0-9_-]+)[><=]", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    text = (ROOT / "ARCHITECTURE.md").read_text().lower()

    assert [name for name in names if f"| {name.lower()} |" not in text] == []


@pytest.mark.parametrize("page", ["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md"])
def test_pages_for_readers_exist(page):
    assert len((ROOT / page).read_text()) > 500


def test_migrations_are_up_to_date():
    done = subprocess.run(
        [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_functions_are_short():
    long = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.name}"
        for path in CODE + TESTS
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and (node.end_lineno or 0) - node.lineno + 1 > 40
    ]

    assert long == []


def test_a_public_name_means_one_thing_in_all_rooms():
    places: dict[str, set[str]] = defaultdict(set)
    for path in CODE:
        parts = path.relative_to(ROOT).with_suffix("").parts
        if not {"sandbox", "commands", "templatetags"} & set(parts):  # strangers; Django's and its own names
            for node in ast.parse(path.read_text()).body:
                if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_"):
                    places[node.name].add(".".join(parts))

    assert {name: modules for name, modules in places.items() if len(modules) > 1} == {}


def test_the_picture_of_the_rooms_is_that_of_the_imports():
    text = rooms.ARCHITECTURE.read_text()

    assert rooms.drawn(text) == text
