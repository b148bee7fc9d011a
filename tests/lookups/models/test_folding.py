"""Names are found however they are written."""

import unicodedata

import pytest

from lookups.models.folding import folded


@pytest.mark.parametrize(
    ("name", "found_by"),
    [
        ("Nguyễn Thị Hương", "nguyen thi huong"),
        ("Đỗ", "do"),
        ("Łukasz Żółć", "lukasz zolc"),
        ("Weiß", "weiss"),
        ("Bjørn Ærø", "bjorn aero"),
        ("İpek Yıldız", "ipek yildiz"),
        ("  Ana\u00a0 María ", "ana maria"),
        ("ＡＮＡ", "ana"),
        ("王小明", "王小明"),
    ],
)
def test_a_name_is_folded_to_what_people_type(name, found_by):
    assert folded(name) == found_by
    assert folded(found_by) == found_by


@pytest.mark.parametrize("name", ["Nguyễn Thị Hương", "Ünal", "각", "が"])
def test_composed_and_decomposed_letters_are_folded_alike(name):
    assert folded(unicodedata.normalize("NFC", name)) == folded(unicodedata.normalize("NFD", name))
