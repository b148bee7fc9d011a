"""Forms are quoted as the standard library quotes them."""

from urllib.parse import quote

from hypothesis import example, given
from hypothesis import strategies as st

from lookups.graph.transport import quoted
from tests.fuzzing import fuzzed


@fuzzed(200)
@given(st.one_of(st.text(), st.text('%25"&=+ {}()[],:?/~a9')))
@example('[{"method":"GET","relative_url":"1?fields=ids_for_apps.limit(100)&a=%22"}]')
def test_a_value_is_quoted_as_the_standard_library_does(text):
    assert quoted(text) == quote(text, safe="{}()[],:?/")
