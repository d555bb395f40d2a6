"""Answers out of which no program comes, each with the reason, and words that tell of a program which is not the answer."""

import json

from core.domain.model_calls import AnswerProblem
from tests.prompts.answer_shapes import BROKEN, CODE, CUT, DIFF, ELIDED, HEAD, HELPER, NEXT, OTHER, SEARCH, fenced

GAPS = (
    "# restlicher Code bleibt unverändert",
    "# le reste du code est inchangé",
    "# el resto del código queda igual",
    "# остальной код без изменений",
    "# 其余代码保持不变",
    "# 残りのコードは同じ",
    "# notify_order() same as before",
    "# keep the exits as they were",
    "# params and __init__ stay the same",
    "# existing trailing logic",
    "# (notify_order: see previous version)",
    "# reszta kodu bez zmian",
    "# rest van de code ongewijzigd",
    "# kodun geri kalanı aynı",
    "# restante do código sem alterações",
    "# il resto rimane invariato",
    "# решта коду без змін",
    "# zbytek kódu beze změny",
    "# resten av koden oförändrad",
    "# resten af koden er uændret",
    "# resten av koden er uendret",
    "# sisa kode tetap sama",
    "# phần còn lại giữ nguyên",
    "# 나머지 코드는 동일",
)
"""Comments that stand for code where none follows them."""

LEADS = (
    "Zum Vergleich der alte Code:",
    "Zur Erinnerung, die bisherige Version:",
    "Pour référence, l'ancienne version :",
    "En option, une variante plus agressive :",
    "Para referencia, el código anterior:",
    "Opcional: si prefieres menos operaciones:",
    "Versione precedente per confronto:",
    "Для сравнения, старая версия:",
    "可选的变体:",
    "参考までに、元のコード:",
    "以下は修正前のコードです:",
    "### Old code",
    "As a next step you might try:",
    "**Bonus: a version for both sides**",
)
"""Words before a program that is not handed in."""

REFUSED: dict[str, tuple[str, str, AnswerProblem]] = {
    "a line by a number where another stands": (
        f"Replace line 2 with:\n{fenced('            self.sell()' + chr(10))}",
        "stop",
        AnswerProblem.NO_CODE,
    ),
    "a block that goes on, and does not fit": (
        f"{fenced(CODE)}\n(continued)\n{fenced('            elif x:' + chr(10))}",
        "stop",
        AnswerProblem.CUT_OFF,
    ),
    "nothing": ("", "stop", AnswerProblem.EMPTY),
    "only words": ("I cannot help with trading.", "stop", AnswerProblem.NO_CODE),
    "an unclosed thought without an answer": (f"<think>Perhaps {CUT}", "stop", AnswerProblem.EMPTY),
    "a thought cut off at its length": (f"<think>{fenced(CODE)} or rather", "length", AnswerProblem.CUT_OFF),
    "an empty block": ("```python\n```", "stop", AnswerProblem.NO_CODE),
    "a block of other code": (fenced(HELPER), "stop", AnswerProblem.NO_CODE),
    "an unclosed fence that does not parse": (f"```python\n{CUT}", "stop", AnswerProblem.CUT_OFF),
    "cut off by length although it parses": (f"```python\n{CODE}", "length", AnswerProblem.CUT_OFF),
    "cut off by length without a fence": (CUT, "length", AnswerProblem.CUT_OFF),
    "cut off before any code": ("Change: more", "length", AnswerProblem.CUT_OFF),
    "a closed block that ends in the middle": (fenced(CUT + "\n"), "stop", AnswerProblem.CUT_OFF),
    "a syntax error": (fenced(BROKEN), "stop", AnswerProblem.UNPARSABLE),
    "a syntax error without a fence": (BROKEN, "stop", AnswerProblem.UNPARSABLE),
    "the rest unchanged": (fenced(ELIDED), "stop", AnswerProblem.ELIDED),
    "dots in place of a body": (fenced(HEAD + "    def next(self):\n        ...\n"), "stop", AnswerProblem.ELIDED),
    "parameters of which the program reads more": (fenced("params = dict(size=2)\n"), "stop", AnswerProblem.NO_CODE),
    "a copy of the program beside an edit that does not fit": (
        fenced(CODE) + SEARCH.replace("fast=10", "fast=11", 1),
        "stop",
        AnswerProblem.EDIT_REFUSED,
    ),
    "existing code in place of a body": (
        fenced(HEAD + "    def next(self):\n        # existing code\n        self.buy()\n"),
        "stop",
        AnswerProblem.ELIDED,
    ),
    "same as before in place of a body": (
        fenced(HEAD.replace("        self.fast =", "        # same as before\n        self.fast =") + NEXT),
        "stop",
        AnswerProblem.ELIDED,
    ),
    "a place to fill in": (
        fenced(HEAD + "    def next(self):\n        # your exit logic here\n        pass\n"),
        "stop",
        AnswerProblem.ELIDED,
    ),
    "dots in place of the parameters": (fenced(CODE.replace("fast=10", "...")), "stop", AnswerProblem.ELIDED),
    "a part of a name in a pair of JSON keys": (json.dumps({"old": "x", "new": "y"}), "stop", AnswerProblem.EDIT_REFUSED),
    "an empty next": (fenced(f"{HEAD}    def next(self):\n        pass\n"), "stop", AnswerProblem.NO_NEXT),
    "a pass in place of what stood there": (
        fenced(CODE.replace("self.buy()", "pass  # TODO: the original entry")),
        "stop",
        AnswerProblem.ELIDED,
    ),
    "an empty next that says why": (fenced(f"{HEAD}    def next(self):\n        pass  # as before\n"), "stop", AnswerProblem.ELIDED),
    "a text in place of a body": (fenced(f'{HEAD}    def stop(self):\n        """Unchanged."""\n\n{NEXT}'), "stop", AnswerProblem.ELIDED),
    "a method of which a part is left out": (
        fenced("    def next(self):\n        if len(self) < 9:\n            return\n        # (rest of the method stays as it is)\n"),
        "stop",
        AnswerProblem.ELIDED,
    ),
    "a method beside a line without a place": (
        f"Add\n{fenced('self.slow = 1' + chr(10))}\nand\n{fenced(NEXT)}",
        "stop",
        AnswerProblem.NO_CODE,
    ),
    "JSON whose quotes are not escaped": ('{"code": "' + CODE.replace("bt.Strategy", 'bt."Strategy"'), "stop", AnswerProblem.NO_CODE),
    "lines marked by signs of another program": (
        fenced(CODE.replace("    params = dict(fast=10)", "-    params = dict(fast=11)\n+    params = dict(fast=12)")),
        "stop",
        AnswerProblem.EDIT_REFUSED,
    ),
    "a correction that fits twice": (
        f"{fenced(OTHER)}\nOne correction: change `self.fast` to `self.slow`.\n",
        "stop",
        AnswerProblem.EDIT_REFUSED,
    ),
    "a correction without a place": (
        f"{fenced(OTHER)}\nCorrection:\n{fenced('self.buy(size=2)' + chr(10))}",
        "stop",
        AnswerProblem.EDIT_REFUSED,
    ),
    "a snipped next": (fenced(f"{HEAD}    def next(self):\n        # [snip]\n        self.buy()\n"), "stop", AnswerProblem.ELIDED),
    "no next": (fenced(HEAD), "stop", AnswerProblem.NO_NEXT),
    "an edit that fits nowhere": (SEARCH.replace("fast=10", "fast=11", 1), "stop", AnswerProblem.EDIT_REFUSED),
    "an edit that fits twice": (SEARCH.replace("    params = dict(fast=10)", "", 1), "stop", AnswerProblem.EDIT_REFUSED),
    "an edit that does not end": (SEARCH.rpartition(">>>>")[0], "stop", AnswerProblem.EDIT_REFUSED),
    "a diff against another program": (fenced(DIFF.replace("fast=10", "slow=10"), "```diff"), "stop", AnswerProblem.EDIT_REFUSED),
}
"""Answers without a program that could run."""
