"""An app and a Page to which lists belong."""

import pytest

from tests.makers import make_app, make_business, make_page


@pytest.fixture
def app(db):
    return make_app(make_business(), secret="")


@pytest.fixture
def page(app):
    return make_page(app.business, app)
