"""Finding an instrument by symbol or company name, forgiving a typo. Pure: listings in, ranked listings out."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from core.domain.instrument import Listing
from core.market.coin_names import list_nicknames, read_coin_pair

SYMBOL, NAME, WHOLE_NAME = 100.0, 85.0, 92.0
"""Scores of an exact match of the symbol, of every word asked for, and of the whole name."""
TYPO_IN_SYMBOL = 0.8
"""Short symbols resemble each other: a mistyped one counts this much less than a mistyped word of a name."""
DATA_BONUS = 40.0
"""Weight of bars that are here, for matches from FIT on."""
GOOD_MATCH = 60.0
MIN_SCORE = 40.0
WORD_PENALTY = 0.3
"""Each word of a name beyond the first costs this: among equals the shorter name is meant (what a price is quoted in does not count)."""
CANDIDATES = 80
"""Number of words that the letter-pair index hands to the exact distance."""
STOP_WORDS = frozenset(
    {
        "inc",
        "corp",
        "corporation",
        "co",
        "company",
        "plc",
        "ag",
        "sa",
        "se",
        "nv",
        "ltd",
        "limited",
        "the",
        "and",
        "group",
        "holding",
        "holdings",
    }
)


class ListingIndex:
    """Words and symbols of many listings, ready for look-ups while somebody types. Of two equal matches the earlier listing wins."""

    def __init__(self, listings: Iterable[Listing]) -> None:
        self._listings = tuple(listings)
        self._names = tuple(extract_words(listing.instrument.name) for listing in self._listings)
        self._lengths = tuple(len(extract_words(listing.instrument.name.split("/")[0])) for listing in self._listings)
        self._words: dict[str, set[int]] = defaultdict(set)
        self._whole: dict[str, set[int]] = defaultdict(set)
        self._symbols: dict[str, set[int]] = defaultdict(set)
        for number, listing in enumerate(self._listings):
            for symbol in list_spellings(listing.instrument.symbol):
                self._symbols[symbol].add(number)
            for word in self._names[number]:
                self._words[word].add(number)
            self._whole["".join(self._names[number])].add(number)
        self._pairs: dict[str, set[str]] = defaultdict(set)
        for word in {*self._words, *self._symbols, *self._whole}:
            for pair in letter_pairs(word):
                self._pairs[pair].add(word)

    def find(self, query: str, limit: int) -> tuple[Listing, ...]:
        """Best matches first; empty when nothing comes near."""
        whole = normalize_text("".join(read_coin_pair(query) or (query,)))
        if not whole:
            return ()
        scores: dict[int, float] = defaultdict(float)
        for word, closeness in self._find_similar(whole):
            for number in self._symbols.get(word, ()):
                fit = closeness if word.startswith(whole) else closeness * TYPO_IN_SYMBOL
                scores[number] = max(scores[number], SYMBOL * fit)
            for number in self._whole.get(word, ()):
                scores[number] = max(scores[number], WHOLE_NAME * closeness)
        for number, score in self._by_words(extract_words(query)).items():
            scores[number] = max(scores[number], score)
        ranked = sorted(
            (number for number in scores if scores[number] >= MIN_SCORE), key=lambda number: (-self._rank(number, scores[number]), number)
        )
        return tuple(self._listings[number] for number in ranked[:limit])

    def _by_words(self, asked: tuple[str, ...]) -> dict[int, float]:
        """Score of each listing by how many of the words its name holds, the first word counting most."""
        scores: dict[int, float] = defaultdict(float)
        for part in asked:
            best: dict[int, float] = {}
            for word, closeness in self._find_similar(part):
                for number in self._words.get(word, ()):
                    weight = closeness * (1.0 if self._names[number][0] == word else 0.9)
                    best[number] = max(best.get(number, 0.0), weight)
            for number, weight in best.items():
                scores[number] += NAME * weight / len(asked)
        return scores

    def _rank(self, number: int, score: float) -> float:
        bonus = DATA_BONUS if self._listings[number].has_data and score >= GOOD_MATCH else 0.0
        return score + bonus - WORD_PENALTY * self._lengths[number]

    def _find_similar(self, asked: str) -> list[tuple[str, float]]:
        """Words like `asked` with how close each is, 0 to 1."""
        shared: dict[str, int] = defaultdict(int)
        for pair in letter_pairs(asked):
            for word in self._pairs.get(pair, ()):
                shared[word] += 1
        best = sorted(shared, key=lambda word: (2 * shared[word] / (len(word) + len(asked) + 2), word), reverse=True)[:CANDIDATES]
        starts = [word for word in shared if word.startswith(asked)]
        return [(word, closeness) for word in dict.fromkeys([*best, *starts]) if (closeness := _similarity(asked, word)) > 0]


def list_spellings(symbol: str) -> set[str]:
    """A symbol as it is compared, with and without what stands behind its dot, dash or equals sign; of coins also other names.

    >>> sorted(list_spellings("7203.T")), sorted(list_spellings("BTC-USD"))
    (['7203', '7203T'], ['BTC', 'BTCUSD', 'XBT', 'XXBT'])
    """
    first = normalize_text(re.split(r"[.=]|-(?=USD)", symbol)[0])
    return {normalize_text(symbol), first, *(list_nicknames(first) if symbol.endswith("-USD") else ())} - {""}


def normalize_text(text: str) -> str:
    """Letters and digits only, upper case without accents: how symbols are compared.

    >>> normalize_text("brk-b"), normalize_text("EUR/USD")
    ('BRKB', 'EURUSD')
    """
    return re.sub(r"[^A-Z0-9]", "", _unaccented(text).upper())


def extract_words(name: str) -> tuple[str, ...]:
    """Words of a company's name as they are compared, legal forms left out unless nothing else is there.

    >>> extract_words("Apple Inc."), extract_words("L'Oréal S.A.")
    (('APPLE',), ('LOREAL',))
    """
    every = [normalize_text(word) for word in re.split(r"[\s/,()&-]+", _unaccented(name).replace("'", "").replace(".", ""))]
    every = [word for word in every if word]
    return tuple(word for word in every if word.lower() not in STOP_WORDS) or tuple(every)


def letter_pairs(word: str) -> set[str]:
    """Neighboring letters, with the word's borders: what two similar words share.

    >>> sorted(letter_pairs("AB"))
    ['<A', 'AB', 'B>']
    """
    bounded = f"<{word}>"
    return {bounded[place : place + 2] for place in range(len(bounded) - 1)}


def edit_distance(left: str, right: str, limit: int) -> int:
    """Insertions, deletions, changes and swaps of neighbors that turn one word into the other; `limit + 1` when more are needed.

    >>> edit_distance("APLE", "APPLE", 2), edit_distance("APPEL", "APPLE", 2), edit_distance("IBM", "MSFT", 2)
    (1, 1, 3)
    """
    if abs(len(left) - len(right)) > limit:
        return limit + 1
    before: list[int] = []
    previous = list(range(len(right) + 1))
    for row, letter in enumerate(left, 1):
        current = [row]
        for column, other in enumerate(right, 1):
            cost = min(previous[column] + 1, current[column - 1] + 1, previous[column - 1] + (letter != other))
            if row > 1 and column > 1 and letter == right[column - 2] and left[row - 2] == other:
                cost = min(cost, before[column - 2] + 1)
            current.append(cost)
        if min(current) > limit:
            return limit + 1
        before, previous = previous, current
    return min(previous[-1], limit + 1)


def _similarity(asked: str, word: str) -> float:
    if asked == word:
        return 1.0
    if len(asked) >= 2 and word.startswith(asked):
        return 0.8 + 0.15 * len(asked) / len(word)
    allowed = 0 if len(asked) < 3 else 1 if len(asked) < 6 else 2
    distance = edit_distance(asked, word, allowed)
    if distance <= allowed:
        return 0.85 - 0.12 * distance - (0.05 if asked[0] != word[0] else 0.0)
    typed = edit_distance(asked, word[: len(asked)], 1) if len(asked) >= 4 else 2
    return 0.6 if typed <= 1 and asked[0] == word[0] else 0.0


def _unaccented(text: str) -> str:
    return "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
