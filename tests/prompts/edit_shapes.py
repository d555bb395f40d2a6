"""Answers that change parts of a program: a method, lines by their numbers, search and replace, patches; with the program they make."""

import json
import textwrap

from tests.prompts.answer_shapes import CHANGED, CODE, DIFF, NEXT, SEARCH, fenced

NEXT_ABOVE = NEXT.replace("> self.fast[0]", ">= self.fast[0]")
PARTS = {
    "a method alone": (fenced(NEXT_ABOVE), CODE.replace(NEXT, NEXT_ABOVE)),
    "a method alone, at the margin": (fenced(textwrap.dedent(NEXT_ABOVE)), CODE.replace(NEXT, NEXT_ABOVE)),
    "this, and a block that it is changed to": (
        f"Change this:\n{fenced('    params = dict(fast=10)' + chr(10))}to this:\n{fenced('    params = dict(fast=25)' + chr(10))}",
        CHANGED,
    ),
    "the parameters alone": (fenced("params = dict(fast=25)\n"), CHANGED),
    "a line by its number, in words": (
        f"Replace line {CODE[: CODE.index('    params')].count(chr(10)) + 1} with:\n\n{fenced('    params = dict(fast=25)' + chr(10))}",
        CHANGED,
    ),
    "lines by their numbers": (
        json.dumps({"edits": [{"start_line": CODE[: CODE.index("    params")].count("\n") + 1, "content": "    params = dict(fast=25)"}]}),
        CHANGED,
    ),
}

PAIR = {"path": "s.py", "old_str": "    params = dict(fast=10)", "new_str": "    params = dict(fast=25)"}
EDITED: dict[str, tuple[str, str]] = {
    "one SEARCH/REPLACE": (SEARCH, CHANGED),
    "a SEARCH/REPLACE in a fence": (fenced(SEARCH), CHANGED),
    "two of them": (
        SEARCH + "<<<<<<< SEARCH\n            self.buy()\n=======\n            self.buy(size=2)\n>>>>>>> REPLACE\n",
        CHANGED.replace("self.buy()", "self.buy(size=2)"),
    ),
    "a unified diff": (fenced(DIFF, "```diff"), CHANGED),
    "a diff without a fence": (DIFF, CHANGED),
    "a diff without a place": (fenced("-    params = dict(fast=10)\n+    params = dict(fast=25)\n", "```diff"), CHANGED),
    "a patch of another tool": (
        fenced(
            "*** Begin Patch\n*** Update File: s.py\n@@\n-    params = dict(fast=10)\n+    params = dict(fast=25)\n*** End Patch\n", "```"
        ),
        CHANGED,
    ),
    "a pair of tags": ("<search>\n    params = dict(fast=10)\n</search>\n<replace>\n    params = dict(fast=25)\n</replace>\n", CHANGED),
    "a SEARCH/REPLACE that lost its indentation": (SEARCH.replace("    params", "params"), CHANGED),
    "a SEARCH/REPLACE with the file behind its mark": (SEARCH.replace("SEARCH", "SEARCH strategy.py"), CHANGED),
    "marks of another tool": (SEARCH.replace("<<<<<<<", "-------").replace(">>>>>>>", "+++++++"), CHANGED),
    "the line where it begins": (SEARCH.replace("SEARCH", "SEARCH\n:start_line:5\n-------"), CHANGED),
    "the marks of a merge, with what both come from": (
        SEARCH.replace("SEARCH", "ours").replace("REPLACE", "theirs").replace("=======", "||||||| base\n    params = {}\n======="),
        CHANGED,
    ),
    "a diff whose lines around lost their blank": (
        fenced(
            "--- a/s.py\n+++ b/s.py\n@@ -4,4 +4,4 @@\nclass Cross(bt.Strategy):\n-    params = dict(fast=10)\n"
            "+    params = dict(fast=25)\n\n    def __init__(self):\n",
            "```diff",
        ),
        CHANGED,
    ),
    "a patch as the argument of a tool": (
        json.dumps(
            {
                "name": "patch",
                "arguments": {
                    "input": "*** Begin Patch\n*** Update File: s.py\n@@\n-    params = dict(fast=10)\n"
                    "+    params = dict(fast=25)\n*** End Patch"
                },
            }
        ),
        CHANGED,
    ),
    "a diff with words behind it": (f"{DIFF}\nThis makes it slower.\n", CHANGED),
    "arguments of a tool in tags": (
        '<invoke name="edit">\n<parameter name="old_str">    params = dict(fast=10)</parameter>\n'
        '<parameter name="new_str">    params = dict(fast=25)</parameter>\n</invoke>',
        CHANGED,
    ),
    "a pattern that is a plain text": (json.dumps({"updates": [{"pattern": r"dict\(fast=10\)", "replacement": "dict(fast=25)"}]}), CHANGED),
    "lines marked by signs, without a place": (
        fenced(" class Cross(bt.Strategy):\n-    params = dict(fast=10)\n+    params = dict(fast=25)\n \n"),
        CHANGED,
    ),
    "a pair of JSON keys": (json.dumps({"edits": [{"old_string": "dict(fast=10)", "new_string": "dict(fast=25)"}]}), CHANGED),
    "the call of a tool that edits": (json.dumps({"name": "edit", "arguments": json.dumps(PAIR)}), CHANGED),
}
"""Answers that change the program they were asked about."""
