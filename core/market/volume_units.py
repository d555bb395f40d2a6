"""Units of a volume by the words of its header: how many units each number stands for, and whether they are money."""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from core.market.header_names import split_words
from core.market.instrument_classes import CURRENCIES

SCALES = (
    (split_words("000 000s 1000 1000s thousand thousands th thou thous ths tsd tausend tys tis milliers mille mila migliaia"), 1e3),
    (split_words("miles тыс 千株 千股 千 천주 천"), 1e3),
    (split_words("million millions mill mln mn mm mio millionen milliones millones milhões milioni milionů млн 百万株 百万 1000000"), 1e6),
    (split_words("bn billion billions mrd mld mlrd milliarden milliards miliard млрд 十億"), 1e9),
    (split_words("lakh lakhs lac lacs"), 1e5),
    (split_words("crore crores cr"), 1e7),
    (split_words("万股 万株 万 萬股 萬 만주 만"), 1e4),
    (split_words("億 亿 亿股 억"), 1e8),
    (split_words("手 hand hands hundred hundreds 100s"), 100.0),
)
"""Words that say for how many units each number stands; a hand of China is a hundred shares."""
SHORT_SCALES = {"k": 1e3, "m": 1e6}
"""Letters that say it within brackets or behind `in` alone."""
POWERS = re.compile(r"(?:[x×] ?)?(?:1e|10 ?\^ ?|10 ?\*\* ?)([3-9])|[x×] ?(1(?:0){2,9})|(?:[x×] ?)?'(000)'?s?")
THOUSAND_WORDS = ("Spanish", "Portuguese")
"""Languages in which `mil` is a thousand; elsewhere it is short for a million."""
SIGNS = re.compile(r"(?:us|hk|au|nz|ca|c|a|r)?[$€£¥₹₩₽₺₫₪₱฿](?!(?!mn|bn|mio|mil|mln)[a-z]{2})")
"""Signs of currencies; one right before a word is a part of that, as in `$numberLong`."""
MONEY = frozenset(
    (
        *(code.lower() for code in CURRENCIES),
        *split_words("usdt usdc busd tusd fdusd euro dollar dollars currency quote money"),
    )
)
PIECES = split_words(
    "shares share contracts lots lot units pieces pcs stk stück szt titres titoli acciones ks db шт лотов лоты акций 股 株 주"
)
VOLUME_IN = re.compile(r"(?i)\bvol(?:ume|umen|umes)?\b[^:]*\bin\s+([^,;.]+)")
MONEY_BESIDE = split_words("kč zł tl kr rs ft руб gbx")
"""Short names of currencies within brackets or behind `in`; elsewhere they may be a ticker, as `KR.Volume` is that of Kroger."""


def find_scale(name: str, language: str = "") -> float:
    """Units that a header says each number stands for: 1000 for `Volume (000s)` and `Vol. in thousands`, 1 where it says nothing.

    >>> find_scale("Vol. (K)"), find_scale("Volume (Mio. Stk.)"), find_scale("成交量(手)"), find_scale("Volume (shares)")
    (1000.0, 1000000.0, 100.0, 1.0)
    >>> find_scale("Volume (mil.)"), find_scale("Volume (mil)", "Portuguese"), find_scale("Volume x 1000"), find_scale("Volume MA 100")
    (1000000.0, 1000.0, 1000.0, 1.0)
    """
    plain = _plain(name)
    words, inside = _split(plain)
    if found := POWERS.search(plain):
        return 10.0 ** int(found[1]) if found[1] else float(found[2] or 1000)
    for word in words:
        if word == "mil":
            return 1e3 if language in THOUSAND_WORDS else 1e6
        if scale := next((scale for known, scale in SCALES if word in known), 0.0):
            return scale
    return next((SHORT_SCALES[word] for word in inside if word in SHORT_SCALES), 1.0)


def find_unit_above(rows: Iterable[Sequence[str]]) -> str:
    """Words for what a volume is counted in, as lines above a header say them; empty without them.

    >>> find_unit_above([["Volume in millions of shares"]]), find_unit_above([["Prices in EUR"]])
    ('millions of shares', '')
    """
    lines = (" ".join(cell.strip() for cell in row if cell.strip()) for row in rows)
    return next((said[1] for line in lines if (said := VOLUME_IN.search(line)) and find_scale(f"volume ({said[1]})") != 1), "")


def names_money(name: str) -> bool:
    """True where the words beside that for the volume make it an amount of money, as in `Volume (USD)` and `Volumen (Mio. €)`."""
    plain = _plain(name)
    words, inside = _words_of(plain), _split(plain)[1]
    return bool(SIGNS.search(plain)) or any(word in MONEY for word in words[:1] + words[-1:]) or bool((MONEY | MONEY_BESIDE) & set(inside))


def names_unit(text: str) -> bool:
    """True for words that are units alone: `шт`, `USD`, `thousand shares`."""
    known = frozenset().union(*(words for words, _ in SCALES), SHORT_SCALES, MONEY, MONEY_BESIDE, PIECES, {"mil"})
    words = _words_of(_plain(text))
    return set(words) <= known and bool(words or SIGNS.search(text))


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name.strip()).lower().replace("1,000", "1000").replace("’", "'")


def _split(plain: str) -> tuple[list[str], list[str]]:
    """The words behind the first one, and those of them that stand within brackets or behind `in`."""
    brackets = " ".join(re.findall(r"[(\[]([^)\]]*)[)\]]?", plain))
    behind = re.split(r"\bin\b|,", re.sub(r"[(\[][^)\]]*[)\]]?", " ", plain), maxsplit=1)
    inside = _words_of(f"{brackets} {behind[1] if len(behind) > 1 else ''}")
    return _words_of(plain)[1:] + inside, inside


def _words_of(text: str) -> list[str]:
    return [word.strip(".'\"*#") for word in re.split(r"[\s()\[\],:;/_]+", re.sub(SIGNS, " ", text)) if word.strip(".'\"*#")]
