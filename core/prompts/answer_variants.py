"""Blocks of an answer that are not what it hands in: the program as it was before, a variant beside it, a sketch of its shape.

Told by what stands in the block where that can be, for it is the same in every language, and by the words before it otherwise.
"""

import ast
import re
from collections.abc import Sequence

from core.domain.python_syntax import is_same_tree
from core.prompts.answer_code import find_strategies, parse

_WORDS = (
    # English
    r"\b(?:alternativ\w*|variant\w*|variation|optional\w*|another (?:option|version|idea)|if you (?:prefer|want|would)"
    r"|you (?:could|can|may|might)(?: also)? (?:also|try|add|experiment)\w*|for reference|for comparison|original|baseline"
    r"|(?:previous|old|older|prior|earlier) (?:version|code|program|strategy)|before(?: the change)?|more aggressive|more conservative"
    r"|next steps?|(?:further|future|more) (?:experiments?|ideas?|variations?|improvements?)|bonus|sanity check|smoke test)\b",
    # German
    r"\b(?:zum vergleich|zur erinnerung|(?:bisherig|ursprünglich|vorherig|alt)e[rns]? (?:\w+ )?(?:code|version|fassung|programm|strategie)"
    r"|falls (?:du|sie)|wenn (?:du|sie) (?:lieber|möchte\w*)|aggressiver\w*|konservativer\w*)\b",
    # French
    r"pour (?:référence|comparaison|mémoire)|\bancien(?:ne)? (?:version|code)|(?:version|code) (?:précédente?|originale?|initiale?)"
    r"|\ben option\b|\bfacultati\w+|\boptionnel\w*|\bsi vous (?:préférez|voulez)",
    # Spanish, Portuguese, Italian
    r"\b(?:para|como|per) (?:referenci?a|referência|riferimento|confronto|comparar|comparação)"
    r"|(?:código|versi[óo]n|versão|codice|versione|programa|programma) (?:anterior|original\w*|antigu?[ao]|precedente|vecchi[ao])"
    r"|\bopciona\w*|\bopziona\w*|\bfacoltativ\w*|\bsi prefieres?\b|\bse (?:preferi\w*|preferir)\b",
    # Russian
    r"для (?:сравнения|справки)|\b(?:стар|прежн|предыдущ|исходн|оригинальн)\w+ (?:верси|код|программ|стратег)\w*"
    r"|\bальтернатив\w*|\bнеобязательн\w*|\bопциональн\w*|\bдруг\w+ вариант",
    # Chinese, Japanese, Korean
    r"可选|可選|备选|備選|变体|變體|另一种|另一個|另一个版本|原始(?:代码|版本|程序|策略)|原来的|原來的|旧版|旧代码|舊版|之前的(?:代码|版本|程序)|(?:修改|修正|优化|改动)前|作为对比"
    r"|参考までに|元のコード|以前の|旧バージョン|(?:変更|修正|改善|改修|更新)前|代替案|別案|オプション|バリエーション"
    r"|참고로|이전 (?:코드|버전)|기존 코드|원본|변형|대안|선택 사항",
)
_VARIANT = re.compile("|".join(_WORDS), re.IGNORECASE)
"""Words before a block that offers something beside the answer."""
_OLD_CODE = re.compile(r"^#[\s#*=-]*(?:the )?(?:old|original|previous|before|alt|bisher\w*|ancien\w*|原始|旧版|старая)\b", re.IGNORECASE)
"""A first comment by which a block says so itself."""
_CHOSEN = re.compile(
    r"(?<!not )(?<!not the )(?<!nicht )\b(?:recommended|preferred|my (?:pick|choice)|empfohlen|bevorzugt|recommandée?"
    r"|recomendad[oa]|consigliat[oa]|рекоменду\w+)\b|推荐|推薦|おすすめ|추천"
    r"|^\W*(?:the |my )?final (?:version|code|answer|program|strategy|solution)\b[^\n]{0,20}$",
    re.IGNORECASE | re.MULTILINE,
)
"""Words before a block that say it is the one of several which is meant."""
_CORRECTS = re.compile(
    r"\b(?:correct(?:ion|ing|ed)|corrigend(?:um|a)|erratum|oops|whoops|my bad|mistakes?|typo|(?:one|small|quick|last|a|the) fix|bug"
    r"|actually|on second thought|scratch that"
    r"|i (?:forgot|missed|overlooked)|should have been|must be|korrektur|berichtigung|fehler|erreur|correcci[óo]n|correzione|errore"
    r"|correção|исправлен\w+|ошибк\w+)\b|更正|修正|訂正|정정",
    re.IGNORECASE,
)
"""Words by which an author takes something back."""
_OLD_TAG = re.compile(r"(?:^|[\W_])(?:old|original|previous|before|backup)(?:[\W_]|$)", re.IGNORECASE)
"""Words behind the language of a fence by which a block says that it is not the answer."""
LABEL = (
    r"(?:option|alternative|choice|version|response|answer|candidate|proposal|variante?|approach|ansatz|solution"
    r"|lösung|method|opci[oó]n|opção|opzione|вариант|方案|選択肢)[ #]{0,2}"
)
_HEADED = re.compile(rf"\b{LABEL}(?P<label>[0-9A-D]|[一二三])(?!\w)", re.IGNORECASE)
_ADVICE = (
    r"(?:(?<!not )(?<!n't )(?<!nicht )\b(?:go(?:ing)? with|recommend|suggest|prefer|choose|pick|use|run|start with|empfehle|nimm|nehmen"
    r"|recommande|recomiendo|recomendo|consiglio|рекомендую|советую|recommendation|verdict|my (?:choice|pick)|winner|empfehlung"
    r"|recommandation|recomendaci[oó]n|recomendação|raccomandazione)\b|推荐|建议)"
)
_CONDITIONAL = re.compile(r"\b(?:if|when|could|can|might|may|would|falls|wenn|si|se|если)\b", re.IGNORECASE)
_ADVISED = re.compile(
    rf"{_ADVICE}"
    rf"[^.\n]{{0,40}}?{LABEL}(?P<a>[0-9A-D]|[一二三])(?!\w)"
    rf"|\b{LABEL}(?P<b>[0-9A-D])\b[*_]{{0,2}} (?:(?:is|would be|seems) (?:(?:the|my) )?(?:better|best|recommended|preferred|safer)"
    r"|(?:fits|suits|matches|meets|works|performs)\b[^.\n]{0,40}\b(?:best|better))\b",
    re.IGNORECASE,
)
"""A sentence that names one of several blocks by its label as the one to take."""
_PLACES = {"first": 0, "former": 0, "second": 1, "third": 2, "last": -1, "latter": -1, "final": -1, "above": -1, "previous": -1}
_PIECE = r"(?:code )?(?:one|blocks?|versions?|programs?|code|class(?:es)?|strategy|snippets?|attempts?|listing)"
_TAKEN_BACK = re.compile(
    r"\b(?:ignore|disregard|discard|forget(?: about)?|drop|do not use|don't use)\b (?:that |the |this |my )?"
    rf"(?P<place>{'|'.join(_PLACES)})\b (?:above )?{_PIECE}\b",
    re.IGNORECASE,
)
_FINAL = re.compile(
    rf"(?<!not )\b(?:use|submit|take|run|go with|stay with|keep)\b (?:the )?(?P<a>first|former|second|third|last|latter) {_PIECE}"
    rf"|\bthe (?P<b>first|former|second|third|last|latter) {_PIECE} is (?:my|the) (?:final |real |actual )?"
    r"(?:answer|submission|solution|choice|one to (?:use|run))",
    re.IGNORECASE,
)
"""Sentences behind the blocks that take one back, or name one, by its place."""
_BENCHMARK = re.compile(r"buy_?(?:and|n|&)?_?hold|benchmark|baseline|dummy|minimal|smoke|sanity|^test|test$|demo|naive", re.IGNORECASE)
"""Names of classes that stand beside a program to try or to compare it."""
_AIM = re.compile(r"\W*(?:to|for|in order to|if)\b", re.IGNORECASE)
_SKETCH = 0.5
"""Share of a program's length below which a class of the same name, with fewer methods, only shows its shape."""


def is_announced_beside(lead: str, code: str, tag: str = "") -> bool:
    """True where the words before a block, behind its fence, or its first comment, say that it is not what is handed in."""
    return any((_VARIANT.search(last_words(lead)), _OLD_TAG.search(tag), _OLD_CODE.match(code.lstrip())))


def last_words(lead: str) -> str:
    """The last paragraph before a block."""
    return lead.strip().split("\n\n")[-1]


def takes_back(said: str) -> bool:
    """True for words by which an author corrects what stands before them."""
    return _CORRECTS.search(said) is not None


def puts_below(lead: str, code: str, program: str) -> bool:
    """True for a class that derives from the strategy of the program above it, unless it is for another aim: `To make it trail, add:`."""
    tree, above = parse(code), parse(program)
    if tree is None or above is None or "addstrategy(" in program or _AIM.match(re.split(r"(?<=[.!?])\s+", last_words(lead))[-1]):
        return False
    names = {node.name for node in find_strategies(above)}
    made = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    return any(isinstance(kind, ast.Name) and kind.id in names for node in made for kind in node.bases)


def is_announced_choice(lead: str) -> bool:
    """True where the heading of a block says that it is the one to take of several."""
    return _CHOSEN.search(last_words(lead)) is not None


def find_advised(leads: Sequence[str], behind: str) -> int | None:
    """Place of the block that a sentence names by its label: `I would go with Option 1`; None where none or several are."""
    heads = [_HEADED.findall(last_words(lead))[-1:] for lead in leads]
    labels = [head[0].upper() if head else "" for head in heads]
    if len(set(labels) - {""}) < 2:
        return None
    named = {(found["a"] or found["b"]).upper() for text in (*leads, behind) for found in _ADVISED.finditer(text)}
    places = [place for place, label in enumerate(labels) if label in named]
    return places[0] if len(named) == len(places) == 1 else None


def find_placed(behind: str, count: int) -> tuple[set[int], int | None]:
    """Places, of so many programs, that the words behind them take back, and the one that they name as the answer."""
    gone = {_PLACES[found["place"].lower()] % count for found in _TAKEN_BACK.finditer(behind)} if count > 1 else set()
    named = {_PLACES[(found["a"] or found["b"]).lower()] % count for found in _FINAL.finditer(behind)} if count > 1 else set()
    return gone, next(iter(named - gone)) if len(named - gone) == 1 else None


def leave_out_rivals(code: str, words: str, base: str) -> tuple[str, str]:
    """Leave out the last of several strategies of one program where another is meant: the rest, and what went.

    That is so where the words advise to run the other one, and where the last is that of `base`, the program that was to be changed, or
    a comment above it says that it is old. Nothing goes where the program says which one is run, or another part of it reads the last one.
    """
    tree = parse(code)
    strategies = find_strategies(tree) if tree is not None else []
    if tree is None or len(strategies) < 2 or "addstrategy" in code:
        return code, ""
    last = strategies[-1]
    if last is not tree.body[-1]:
        return code, ""
    lines, first = code.split("\n"), min([last.lineno, *(mark.lineno for mark in last.decorator_list)])
    known = parse(base) if base.strip() else None
    before = find_strategies(known)[-1:] if known is not None else []
    same = bool(before) and before[0].name == last.name and ast.dump(before[0]) == ast.dump(last)
    head = next((line.strip() for line in reversed(lines[: first - 1]) if line.strip()), "")
    reads = {name.id for name in ast.walk(last) if isinstance(name, ast.Name)}
    if not reads & {node.name for node in strategies[:-1]} and (same or _OLD_CODE.match(head)):
        return "\n".join(lines[: first - 1]).rstrip() + "\n", f"the old {last.name}"
    used = {name.id for part in tree.body if part is not last for name in ast.walk(part) if isinstance(name, ast.Name)}
    rivals = [node.name for node in strategies if node.name not in used | {last.name}]
    sentences = [text for text in re.split(r"(?<=[.!?])\s+|\n", words) if not _CONDITIONAL.search(text)]
    advised = re.compile(rf"{_ADVICE}[^.;\n]{{0,30}}?\b({'|'.join((*rivals, last.name))})\b", re.IGNORECASE)
    named = {found for text in sentences for found in advised.findall(text)}
    if len(named) != 1 or last.name in named or last.name in used:
        return code, ""
    return "\n".join(lines[: first - 1]).rstrip() + "\n", last.name


def list_rivals(code: str, programs: Sequence[str]) -> list[str]:
    """List the programs that are other ones than `code`, and no part of it, each once."""
    found: list[str] = []
    for other in programs:
        if other.strip() not in code and code.strip() not in other and not any(repeats(other, known) for known in (code, *found)):
            found.append(other)
    return found


def repeats(code: str, base: str) -> bool:
    """True where code is the program that was to be changed, compared as a syntax tree."""
    tree, known = parse(code), parse(base) if base.strip() else None
    return tree is not None and known is not None and is_same_tree(tree, known)


def find_beside(codes: Sequence[str], base: str) -> set[int]:
    """Places of the programs that repeat `base`, the one that was to be changed, or only sketch or accompany one that stands before them.

    What is much shorter, with fewer methods, sketches a class of its own name, and accompanies one that has the name of `base`, or that it
    was named to be compared with.
    """
    known = _methods_of(parse(base) if base.strip() else None)
    trees = [parse(code) for code in codes]
    beside = {place for place, code in enumerate(codes) if repeats(code, base)}
    methods = [_methods_of(tree) for tree in trees]
    for place, own in enumerate(methods):
        for earlier in range(place):
            whole = methods[earlier]
            shorter = len(codes[place]) < _SKETCH * len(codes[earlier])
            if not (own and whole and shorter and own[1] < whole[1]):
                continue
            if own[0] == whole[0] or _BENCHMARK.search(own[0]) or (known and known[0] == whole[0] != own[0]):
                beside.add(place)
    return beside


def _methods_of(tree: ast.Module | None) -> tuple[str, frozenset[str]] | None:
    """Name of the last strategy and of its methods."""
    strategies = find_strategies(tree) if tree is not None else []
    if not strategies:
        return None
    return strategies[-1].name, frozenset(node.name for node in strategies[-1].body if isinstance(node, ast.FunctionDef))
