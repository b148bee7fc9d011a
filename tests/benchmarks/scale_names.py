"""Names of people in three languages. The first words of each list are frequent, the last ones rare."""

from collections.abc import Iterator
from dataclasses import dataclass

from lookups.models.folding import folded

FREQUENT, RARE = "Nguyễn", "Wolkenstein"
ONLY_ONE = f"Đỗ {RARE}"  # one person alone is called so
MOST = 100  # words in a list


@dataclass(frozen=True)
class Language:
    """Family names and given names, and how many people of a hundred have names of this language."""

    percent: int
    family: tuple[str, ...]
    given: tuple[str, ...]
    family_first: bool = False

    def name(self, family: int, given: int) -> str:
        """Put a name together."""
        words = (self.family[family], self.given[given])
        return " ".join(words if self.family_first else reversed(words))


def _listed(words: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in words.split(","))


LANGUAGES = (
    Language(
        60,
        _listed(
            "Nguyễn, Trần, Lê, Phạm, Hoàng, Phan, Vũ, Đặng, Bùi, Đỗ, Hồ, Ngô, Dương, Lý, Huỳnh, Võ, Đinh, Trịnh, "
            "Đoàn, Lương, Mai, Tô, Hà, Cao, Châu, Tạ, Thái, Quách, Lâm, Triệu, Nghiêm, Kiều, Ông, Ưng, Đàm, Phùng"
        ),
        _listed(
            "Thị Hương, Văn Hùng, Thị Lan, Minh Tuấn, Thị Mai, Văn Nam, Thu Hà, Quốc Việt, Thị Hoa, Đức Anh, Ngọc "
            "Ánh, Thanh Tùng, Thị Thúy, Hữu Phước, Bích Ngọc, Xuân Trường, Kim Oanh, Gia Bảo, Thùy Dương, Hoàng "
            "Long, Phương Thảo, Quang Huy, Mỹ Linh, Trung Kiên, Hồng Nhung, Tiến Dũng, Cẩm Tú, Nhật Minh, Diễm "
            "Quỳnh, Khánh, Yến Nhi, Đình Trọng, Tuyết, Bảo Châu, Phúc, Ái Vân, Thiên Ân, Uyên, Vĩnh, Ý Nhi"
        ),
        family_first=True,
    ),
    Language(
        25,
        _listed(
            "Smith, Jones, Williams, Brown, Taylor, Davies, Evans, Wilson, Thomas, Johnson, Roberts, Walker, Wright, "
            "Robinson, Thompson, White, Hughes, Edwards, Green, Hall, Wood, Harris, Lewis, Martin, Jackson, Clarke, "
            "Turner, Hill, Scott, Cooper, Morris, Ward, Moore, King, Watson, Baker, O'Brien, Llewellyn, Featherstone"
        ),
        _listed(
            "Oliver, Mary, James, Patricia, John, Jennifer, Robert, Linda, Michael, Elizabeth, William, Barbara, "
            "David, Susan, Richard, Jessica, Joseph, Sarah, Thomas, Karen, Charles, Nancy, Daniel, Lisa, Matthew, "
            "Betty, Anthony, Sandra, Mark, Ashley, Donald, Chloë, Steven, Zoë, Paul, Siân, Andrew, Renée, Joshua, "
            "Seán"
        ),
    ),
    Language(
        15,
        _listed(
            "Müller, Schmidt, Schneider, Fischer, Weber, Meyer, Wagner, Becker, Schulz, Hoffmann, Schäfer, Koch, "
            "Bauer, Richter, Klein, Wolf, Schröder, Neumann, Schwarz, Zimmermann, Braun, Krüger, Hofmann, Hartmann, "
            "Lange, Schmitt, Werner, Krause, Lehmann, Köhler, Maier, König, Walter, Böhm, Groß, Jäger, Łukasik, "
            "Strauß"
        ),
        _listed(
            "Peter, Sabine, Thomas, Petra, Michael, Andrea, Andreas, Claudia, Stefan, Susanne, Christian, Karin, "
            "Jürgen, Birgit, Günter, Monika, Jörg, Ursula, Uwe, Käthe, Ralf, Renate, Björn, Brigitte, Matthias, "
            "Heike, Sören, Bärbel, Götz, Gisela, Rüdiger, Doreen, Till, Änne, Volker, Jördis, Wolfgang, Mareike, "
            "Lüder, Frauke"
        ),
    ),
)


def spelt(name: str) -> dict[str, str]:
    """Give the columns of a profile that hold a name."""
    return {"name": name, "folded": folded(name)}


def numbered() -> Iterator[tuple[int, str]]:
    """Give every name with its number; that of the one who alone is called so is -1."""
    yield -1, ONLY_ONE
    for place, language in enumerate(LANGUAGES):
        for family in range(len(language.family)):
            for given in range(len(language.given)):
                yield (place * MOST + family) * MOST + given, language.name(family, given)
