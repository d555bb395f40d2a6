"""Shapes of answers, each with the program that has to come out of it, or the reason why none can."""

import html
import json
import textwrap

CODE = """\
import backtrader as bt


class Cross(bt.Strategy):
    params = dict(fast=10)

    def __init__(self):
        self.fast = bt.ind.SMA(self.data.close, period=int(self.p.fast))

    def next(self):
        if not self.position and self.data.close[0] > self.fast[0]:
            self.buy()
        elif self.position and self.data.close[0] < self.fast[0]:
            self.close()
"""
OTHER = CODE.replace("Cross", "Other").replace("10", "99")
IMPORTS, CLASS = CODE.split("\n\n\n")
INDICATOR = "class Mid(bt.Indicator):\n    lines = ('mid',)\n\n    def next(self):\n        self.lines.mid[0] = self.data.close[0]\n"
USES_MID = CODE.replace("bt.ind.SMA(self.data.close, period=int(self.p.fast))", "Mid(self.data)")
HEAD, NEXT = CODE[: CODE.index("    def next")], CODE[CODE.index("    def next") :]
HELPER = "def helper():\n    return 1\n"
SCRIPT = "cerebro = bt.Cerebro()\ncerebro.addstrategy(Cross)\ncerebro.run()\n"
CUT = CODE[: CODE.index("self.fast[0]:") + 6]
BROKEN = CODE.replace("def next(self):", "def next(self)")
ELIDED = HEAD + "    # ... rest unchanged\n\n    def next(self):\n        self.buy()\n"
ABOVE = CODE.replace("> self.fast[0]", ">= self.fast[0]")
WITH_CONFIG = CODE.replace("bt\n", "bt\nimport config\n", 1).replace("=10", "=config.FAST")
DOCSTRING = CODE.replace("    def __init__", '    """Example:\n    ```python\n    x = 1\n    ```\n    """\n\n    def __init__')
SKETCH = "class Cross(bt.Strategy):\n    def next(self):\n        self.buy()\n"
DIFF = "--- a/strategy.py\n+++ b/strategy.py\n@@ -4,3 +4,3 @@\n"
DIFF += " class Cross(bt.Strategy):\n-    params = dict(fast=10)\n+    params = dict(fast=25)\n \n"
CHANGED = CODE.replace("10", "25")
SEARCH = "<<<<<<< SEARCH\n    params = dict(fast=10)\n=======\n    params = dict(fast=25)\n>>>>>>> REPLACE\n"


def fenced(code: str, opening: str = "```python", closing: str = "```") -> str:
    """Code between fences."""
    return f"{opening}\n{code}{closing}\n"


def indented(text: str, by: int = 3) -> str:
    """Text with every line indented."""
    return textwrap.indent(text, " " * by, lambda _: True)


def console(code: str) -> str:
    """Code as it was typed into a console."""
    return "".join(f"{'...' if not line or line.startswith(' ') else '>>>'} {line}\n" for line in code.splitlines())


def numbered(code: str, form: str) -> str:
    """Code with line numbers."""
    return "".join(f"{form.format(number)}{line}\n" for number, line in enumerate(code.splitlines(), 1))


def curly(code: str) -> str:
    """Code whose quotes a word processor has bent."""
    return code.replace("dict(fast=10)", "dict(fast=10, note='slow')").replace("'slow'", "‘slow’")


WITH_NOTE = CODE.replace("dict(fast=10)", "dict(fast=10, note='slow')")
TOOL_CALL = json.dumps({"name": "write", "arguments": json.dumps({"code": CODE})})
NOTEBOOK = json.dumps({"cells": [{"cell_type": "code", "source": CODE.splitlines(keepends=True)}]})

FOUND: dict[str, tuple[str, str]] = {
    # one block
    "one block with a language tag": (fenced(CODE), CODE),
    "an artifact, and a plot between fences": (
        f'<antArtifact type="application/code" title="S">\n{CODE}</antArtifact>\n{fenced("import matplotlib.pyplot as plt")}',
        CODE,
    ),
    "no language tag": (fenced(CODE, "```"), CODE),
    "another language tag": (fenced(CODE, "```py3 title=strategy.py"), CODE),
    "tildes": (fenced(CODE, "~~~python", "~~~"), CODE),
    "a byte order mark before the first line": (f"\ufeff{CODE}", CODE),
    "tags of HTML around it, on its own lines": (f'<pre><code class="language-python">{html.escape(CODE)}</code></pre>', CODE),
    "a tag with character data": (f"<code><![CDATA[\n{CODE}]]></code>", CODE),
    "an environment of LaTeX": (f"\\begin{{lstlisting}}[language=Python]\n{CODE}\\end{{lstlisting}}", CODE),
    "one backtick": (f"`python\n{CODE}`", CODE),
    "the end of a sentence on the fence": (f"```python\n{CODE.rstrip()}```", CODE),
    "a longer fence": (fenced(CODE, "````python", "````"), CODE),
    "a longer fence around a whole text": (f"Here:\n\n````md\n## Cross\n\n{fenced(CODE)}\nGood luck.\n````\n", CODE),
    "prose on both sides": (f"Here it is:\n\n{fenced(CODE)}\nGood luck!", CODE),
    "windows line ends": (fenced(CODE).replace("\n", "\r\n"), CODE),
    "old Macintosh line ends": (fenced(CODE).replace("\n", "\r"), CODE),
    "a block indented in a list": (f"1. The code:\n{indented(fenced(CODE))}", CODE),
    "a fence right behind a list's mark": (f"1. ```python\n{indented(CODE)}   ```\n", CODE),
    "an indented opening and a closing at the margin": (f"  ```python\n{CODE}```\n\n```text\nend\n```", CODE),
    "a quoted block": ("".join(f"> {row}\n" for row in fenced(CODE).splitlines()), CODE),
    "a fence inside a docstring": (fenced(DOCSTRING), DOCSTRING),
    "a fence glued to the prose before it": (f"Here is the code:```python\n{CODE}```\n", CODE),
    "a fence glued to the last line": (f"```python\n{CODE.rstrip()}```\nDone.", CODE),
    "code on the line of the fence": (f"```python {CODE}```", CODE),
    "an unclosed fence around whole code": (f"```python\n{CODE}", CODE),
    "the fence opened again after a break": (f"```python\n{CUT}\n```python\n{CODE}```\n", CODE),
    "quotes in place of fences": (f"'''python\n{CODE}'''\n", CODE),
    "a tag in place of fences": (f"<code>\n{CODE}</code>\n", CODE),
    "brackets in place of fences": (f"[PYTHON]\n{CODE}[/PYTHON]\n", CODE),
    # no fence
    "no fence at all": (f"Sure, this works:\n\n{CODE}\nThis strategy buys every bar, doesn't it?", CODE),
    "only the program": (CODE, CODE),
    "a program indented as Markdown does": (f"The program:\n\n{indented(CODE, 4)}\nThat is all.", CODE),
    # thoughts and control words
    "a closed think part with a wrong block inside": (f"<think>{fenced(OTHER)}</think>{fenced(CODE)}", CODE),
    "the end of a thought without its beginning": (f"Maybe {fenced(OTHER)}</think>\n{fenced(CODE)}", CODE),
    "an unclosed think part that holds the answer": (f"<think>First I look. The answer:\n{fenced(CODE)}", CODE),
    "another name for thoughts": (f"<reasoning>{fenced(OTHER)}</reasoning>{fenced(CODE)}", CODE),
    "a thought in square brackets, glued to the fence": (f"[THINK]Maybe\n{fenced(OTHER)}[/THINK]{fenced(CODE)}", CODE),
    "a thought between words of another model": (f"<|begin_of_thought|>{fenced(OTHER)}<|end_of_thought|>{fenced(CODE)}", CODE),
    "channels of a server that did not read them": (
        f"<|channel|>analysis<|message|>{fenced(OTHER)}<|end|><|start|>assistant<|channel|>final<|message|>{fenced(CODE)}<|return|>",
        CODE,
    ),
    "a message word in front": (f"<|message|>{fenced(CODE)}<|end|>", CODE),
    "a role in front": (f"<|im_start|>assistant\n{fenced(CODE)}<|im_end|>", CODE),
    "an end word glued to the fence": (f"{fenced(CODE).rstrip()}<|eot_id|>", CODE),
    "full-width control words": (f"{fenced(CODE)}<｜end▁of▁sentence｜>", CODE),
    # JSON
    "an object with the code": (json.dumps({"change": "slower", "code": CODE}), CODE),
    "an object in a fence": (fenced(json.dumps({"code": CODE}, indent=1) + "\n", "```json"), CODE),
    "an object with prose around it": (f"Result: {json.dumps({'strategy': CODE})} as asked.", CODE),
    "an object with a fenced block in it": (json.dumps({"answer": f"Change: x\n{fenced(CODE)}"}), CODE),
    "a comma behind the last entry": ('{"code": ' + json.dumps(CODE) + ', "change": "so",\n}', CODE),
    "an object whose line ends are written out": (json.dumps({"code": CODE.replace("\n", "\\n")}), CODE),
    "a call written in Python": (f"[submit(change='so', code={CODE!r})]", CODE),
    "a call written in Python, in a fence": (fenced(f"print(api.submit(code='''\n{CODE}'''))\n", "```tool_code"), CODE),
    "lines that are objects": (json.dumps({"lines": [{"n": at, "text": row} for at, row in enumerate(CODE.splitlines())]}), CODE),
    "code as a list of lines": (json.dumps({"code": CODE.splitlines()}), CODE),
    "arguments of a tool call": (TOOL_CALL, CODE),
    "a notebook": (NOTEBOOK, CODE),
    "raw line ends inside a JSON text": ('{"code": "' + CODE.replace('"', '\\"') + '"}', CODE),
    "a notebook whose words hold the old program": (
        json.dumps({"cells": [{"cell_type": "markdown", "source": fenced(OTHER)}, {"cell_type": "code", "source": CODE}]}),
        CODE,
    ),
    "a notebook of two cells": (
        json.dumps({"cells": [{"cell_type": "code", "source": part} for part in (IMPORTS, CLASS)]}),
        CODE,
    ),
    # several blocks
    "the name of the language on a line of its own": (fenced(f"python\n{CODE}", "```"), CODE),
    "marks of a wiki": (f"{{code:python}}\n{CODE}{{code}}\n", CODE),
    "a block of another markup": (f".. code-block:: python\n\n{indented(CODE)}\n", CODE),
    "breaks of a page": ("<code>" + html.escape(CODE).replace("\n", "<br>\n").replace("    ", "&nbsp;" * 4) + "</code>", CODE),
    "an unclosed fence with words behind the code": (f"```python\n{CODE}\n**Why:**\n- It buys late.\n", CODE),
    "commands of a notebook before the code": (fenced(f"!pip install backtrader -q\n%matplotlib inline\n{CODE}"), CODE),
    "prompts of a notebook": (fenced("In [1]: " + CODE.rstrip().replace("\n", "\n   ...: ") + "\n"), CODE),
    "a diff that makes the file": (
        fenced("--- /dev/null\n+++ b/s.py\n@@ -0,0 +1,9 @@\n" + "".join(f"+{row}\n" for row in CODE.splitlines()), "```diff"),
        CODE,
    ),
    "a text in quotes that is written to a file": (fenced(f"code = '''\n{CODE}'''\nopen('s.py', 'w').write(code)\n"), CODE),
    "a text in quotes of a configuration": (fenced(f"change = 'x'\ncode = '''\n{CODE}'''\n", "```toml"), CODE),
    "a whole answer of a server": (
        json.dumps({"choices": [{"message": {"tool_calls": [{"function": {"name": "w", "arguments": json.dumps({"code": CODE})}}]}}]}),
        CODE,
    ),
    "lines of JSON": (json.dumps({"text": "so"}) + "\n" + json.dumps({"code": CODE}), CODE),
    "a dictionary as Python prints it": (repr({"change": "slower", "code": CODE}), CODE),
    "an object that repeats the old program": (json.dumps({"original_code": OTHER + "# long\n" * 50, "code": CODE}), CODE),
    "a longer text beside the code": (json.dumps({"files": {"s.py": CODE, "README.md": "a class struggle " * 200}}), CODE),
    "tabs for eight blanks beside blanks": (fenced(CODE.replace("        ", "\t")), CODE),
    "a first line that lost its indentation": (fenced(CODE.partition("\n")[0] + "\n" + indented(CODE.partition("\n")[2], 4)), CODE),
    "line numbers with arrows": (fenced(numbered(CODE, "{:>6}→")), CODE),
    "the shape of the class once more": (f"{fenced(CODE)}\nIts shape:\n{fenced(SKETCH)}", CODE),
    "a block that says itself that it is old": (f"{fenced(CODE)}\n{fenced('# OLD VERSION' + chr(10) + OTHER)}", CODE),
    "several blocks, the strategy is not the last": (f"{fenced(CODE)}{fenced(HELPER)}", CODE),
    "two strategies, the later one counts": (f"{fenced(OTHER)}\nBetter:\n{fenced(CODE)}", CODE),
    "the first of two, which is recommended": (f"**Option A** (recommended)\n{fenced(CODE)}\n**Option B**\n{fenced(OTHER)}", CODE),
    "the second of two, the first of which is not recommended": (f"A (not recommended):\n{fenced(OTHER)}\nB:\n{fenced(CODE)}", CODE),
    "an indicator in a file of its own": (
        f"mine.py\n{fenced(IMPORTS + chr(10) + INDICATOR)}\ns.py\n{fenced('from mine import Mid' + chr(10) + USES_MID)}",
        f"{IMPORTS}\n{INDICATOR}\n{USES_MID}",
    ),
    "a variant after the strategy": (f"{fenced(CODE)}\nAlternatively, a slower one:\n{fenced(OTHER)}", CODE),
    "an optional version after the strategy": (f"{fenced(CODE)}\nOptional, if you prefer fewer trades:\n{fenced(OTHER)}", CODE),
    "the original for reference": (f"{fenced(CODE)}\nFor reference, the original:\n{fenced(OTHER)}", CODE),
    "the later strategy does not parse": (f"{fenced(CODE)}{fenced(CUT)}", CODE),
    "the later strategy is elided": (f"{fenced(CODE)}\nIn short:\n{fenced(ELIDED)}", CODE),
    "a script that runs it": (f"{fenced(CODE)}\nRun it:\n{fenced(SCRIPT)}", CODE),
    "a shell command before it": (f"{fenced('pip install backtrader' + chr(10), '```bash')}{fenced(CODE)}", CODE),
    "imports in a block of their own": (f"{fenced(IMPORTS + chr(10))}\nThe class:\n{fenced(CLASS)}", CODE),
    "imports taken for granted": (fenced(CLASS), CODE),
    "an indicator in a block of its own": (
        f"First the indicator:\n{fenced(IMPORTS + chr(10) + INDICATOR)}\nThen:\n{fenced(USES_MID)}",
        f"{IMPORTS}\n{INDICATOR}\n{USES_MID}",
    ),
    "the methods of a class in two blocks": (f"{fenced(HEAD)}\nand then\n{fenced(NEXT)}", CODE),
    "a block that goes on where the other ended": (f"{fenced(HEAD.rstrip() + chr(10))}\ncontinued:\n{fenced(textwrap.dedent(NEXT))}", CODE),
    "the first of two, which a sentence behind them names": (
        f"**Option 1**\n{fenced(CODE)}\n**Option 2**\n{fenced(OTHER)}\nI'd go with Option 1, for its trades.",
        CODE,
    ),
    "the first of two, which a recommendation names": (
        f"Option A\n{fenced(CODE)}\nOption B\n{fenced(OTHER)}\n**Recommendation:** Option A.",
        CODE,
    ),
    "the second of two, the first of which a sentence speaks against": (
        f"**Option 1**\n{fenced(OTHER)}\n**Option 2**\n{fenced(CODE)}\nI do not recommend Option 1.",
        CODE,
    ),
    "the first of two, the second of which is taken back": (
        f"{fenced(CODE)}\nOr:\n{fenced(OTHER)}\nActually, ignore that second block.",
        CODE,
    ),
    "the first of two, which is the final answer": (f"{fenced(CODE)}\nOr:\n{fenced(OTHER)}\nThe first version is my final answer.", CODE),
    "a correction behind the program": (
        f"{fenced(CODE)}\nOne correction: in `next`, change `> self.fast[0]` to `>= self.fast[0]`.",
        ABOVE,
    ),
    "a report of what was changed": (f"{fenced(CODE)}\nThe bug is gone: I changed `10` to `12`, and back.", CODE),
    "a method that corrects the program before it": (
        f"{fenced(CODE)}\nOops, one fix:\n{fenced(ABOVE[ABOVE.index('    def next') :])}",
        ABOVE,
    ),
    "an edit behind the program": (fenced(CODE) + "Better:\n" + SEARCH, CHANGED),
    "an edit that was made already": (fenced(CHANGED) + "That is:\n" + SEARCH, CHANGED),
    "a diff that shows what was made already": (f"{fenced(CHANGED)}\nAgainst the old one:\n{fenced(DIFF, '```diff')}", CHANGED),
    "a fence that says old": (f"{fenced(CODE, '```python new')}{fenced(OTHER, '```python old')}", CODE),
    "the final version in the middle": (
        f"### Final version\n{fenced(CODE)}\n### How it came to be\n{fenced(OTHER)}",
        CODE,
    ),
    "files in a list, one of them old": (
        json.dumps([{"path": "old_strategy.py", "content": OTHER + "# long\n"}, {"path": "strategy.py", "content": CODE}]),
        CODE,
    ),
    "a part of JSON that is a thought": (
        json.dumps({"output": [{"type": "reasoning", "text": OTHER + "# long\n"}, {"type": "message", "text": CODE}]}),
        CODE,
    ),
    "a further turn that was made up": (f"{fenced(CODE)}\nUser: faster\n\nAssistant: so\n{fenced(OTHER)}", CODE),
    "a method more behind the program": (
        f"{fenced(CODE)}\nAlso add this method:\n{fenced('    def stop(self):' + chr(10) + '        print(1)' + chr(10))}",
        CODE + "\n    def stop(self):\n        print(1)\n",
    ),
    "an indicator behind the strategy, without its import": (
        f"{fenced(USES_MID)}\nwhere\n{fenced(INDICATOR)}",
        f"{IMPORTS}\n\n\n{INDICATOR}\n\n{USES_MID[len(IMPORTS) :].lstrip()}",
    ),
    "figures in JSON behind the program": (
        f"{fenced(CODE)}\n{fenced(json.dumps({'old': 'sharpe 0.4', 'new': 'sharpe 0.6'}), '```json')}",
        CODE,
    ),
    "an excerpt behind the program": (f"{fenced(CODE)}\nThe heart of it:\n{fenced('self.buy(size=1)' + chr(10))}", CODE),
    "signs of a list inside a text": (
        fenced(CODE.replace("    def __init__", '    """Pros:\n\n- late\n+ calm\n    """\n\n    def __init__')),
        CODE.replace("    def __init__", '    """Pros:\n\n- late\n+ calm\n    """\n\n    def __init__'),
    ),
    "a pass that waits": (
        fenced(CODE.replace("self.buy()", "pass  # wait for the previous high to break")),
        CODE.replace("self.buy()", "pass"),
    ),
    "an offer behind the program": (
        f"{fenced(CODE)}\nThe bug is fixed. You could change `10` to `30` for fewer trades.",
        CODE,
    ),
    "the class again with the other half of its methods": (
        f"Part A\n{fenced(HEAD)}\nPart B\n{fenced('class Cross(bt.Strategy):' + chr(10) + NEXT)}",
        CODE,
    ),
    "thoughts behind the answer": (f"{fenced(CODE)}\n<thoughts>\n{fenced(OTHER)}</thoughts>", CODE),
    "an arrow, and a hyphen that does not break": (
        fenced(CODE.replace("def next(self):", "def next(self) → None:").replace("close[0] <", "close[‑1] <")),
        CODE.replace("def next(self):", "def next(self) -> None:").replace("close[0] <", "close[-1] <"),
    ),
    "a block that goes on as far in as it stands": (
        f"{fenced(CODE[: CODE.index('        elif')])}\n(continued)\n{fenced(CODE[CODE.index('        elif') :])}",
        CODE,
    ),
    "a block that repeats the last line and goes on": (
        f"{fenced(CODE[: CODE.index('        elif')])}\n(cont.)\n{fenced(CODE[CODE.index('            self.buy()') :])}",
        CODE,
    ),
    "a block that completes the last line and goes on": (f"{fenced(CUT + chr(10))}\n{fenced(CODE[CODE.index('        if not') :])}", CODE),
    "a short class to compare with stands last": (f"{fenced(CODE)}\nTo see it:\n{fenced(SKETCH.replace('Cross', 'BuyAndHold'))}", CODE),
    "a program in a second thought, within tags": (f"<output>{fenced(CODE)}<reflection>Or\n{fenced(OTHER)}</reflection></output>", CODE),
    "the events of a stream": (
        "".join(
            "data: " + json.dumps({"choices": [{"delta": {"content": row}}]}) + "\n\n" for row in fenced(CODE).splitlines(keepends=True)
        )
        + "data: [DONE]\n",
        CODE,
    ),
    "a table with a line in each row": (
        "| 1 | Code |\n|---|---|\n" + "".join(f"| {at} | `{row}` |\n" for at, row in enumerate(CODE.splitlines())),
        CODE,
    ),
    "a list with a line in each entry": (
        "So:\n\n" + "".join(f"{at}. `{row or ' '}`\n" for at, row in enumerate(CODE.splitlines(), 1)),
        CODE,
    ),
    "values in a file of their own": (
        f"config.py\n{fenced('FAST = 10' + chr(10))}\ns.py\n{fenced(WITH_CONFIG)}",
        "FAST = 10\n" + WITH_CONFIG,
    ),
    # damage
    "signs of mathematics": (fenced(ABOVE.replace(">=", "≥")), ABOVE),
    "a Windows path": (fenced(CODE + 'PATH = "C:\\Users\\x.csv"\n'), CODE + 'PATH = r"C:\\Users\\x.csv"\n'),
    "no-break spaces": (fenced(CODE.replace("    ", "\u00a0\u00a0\u00a0\u00a0")), CODE),
    "invisible characters": (fenced(CODE.replace("class", "\u200bclass")), CODE),
    "curly quotes": (fenced(curly(CODE)), WITH_NOTE),
    "HTML entities": (fenced(html.escape(CODE)), CODE),
    "words that a page colors": (
        "<pre><code>" + html.escape(CODE).replace("import", '<span class="k">import</span>') + "</code></pre>",
        CODE,
    ),
    "names that Markdown made bold": (CODE.replace("__init__", "**init**"), CODE),
    "a terminal's colors": (fenced(CODE.replace("class", "\x1b[34mclass\x1b[0m")), CODE),
    "a line that names the file, which is no Python": (fenced("// filepath: src/s.py\n" + CODE), CODE),
    "the address of the file in a tag": (fenced("<uri>file:///home/x/s.py</uri>\n" + CODE), CODE),
    "HTML entities, written by two pages": (fenced(html.escape(html.escape(CODE))), CODE),
    "line numbers with bars": (fenced(numbered(CODE, "{} | ")), CODE),
    "line numbers with colons": (fenced(numbered(CODE, "{:>3}: ")), CODE),
    "prompts of a console without a fence": (f"Try this:\n\n{console(CODE)}\nIt buys above the average.", CODE),
    "a command of the shell": (fenced(f"cat > strategy.py <<'EOF'\n{CODE}EOF\npython strategy.py\n", "```bash"), CODE),
    "a command of the shell without a fence": (f"cat <<PY > strategy.py\n{CODE}PY\npython strategy.py\n", CODE),
    "YAML in a fence": (fenced(f"strategy:\n  name: cross\n  code: |-\n{indented(CODE, 4)}  notes: none\n", "```yaml"), CODE),
    "YAML without a fence": (f"change: slower average\ncode: |\n{indented(CODE, 2)}", CODE),
    "prompts of a console": (fenced("".join(f">>> {line}\n" for line in CODE.splitlines())), CODE),
    "a diff from nothing": (fenced("".join(f"+{line}\n" for line in CODE.splitlines()), "```diff"), CODE),
    "line ends written out": (fenced(CODE.replace("\n", "\\n") + "\n"), CODE),
    "Markdown escapes": (fenced(CODE.replace("__init__", "\\_\\_init\\_\\_")), CODE),
    # other ways to write a strategy
    "a base class under another name": (
        fenced(
            CODE.replace("import backtrader as bt", "import backtrader as bt\nfrom backtrader import Strategy as S").replace(
                "bt.Strategy", "S"
            )
        ),
        CODE.replace("import backtrader as bt", "import backtrader as bt\nfrom backtrader import Strategy as S").replace(
            "bt.Strategy", "S"
        ),
    ),
    "a base class of its own": (
        fenced(CODE + "\n\nclass Final(Cross):\n    params = dict(fast=12)\n"),
        CODE + "\n\nclass Final(Cross):\n    params = dict(fast=12)\n",
    ),
    "a comment that only sounds like a gap": (
        fenced(CODE.replace("        if not", "        # r1: enter as before the close\n        if not")),
        CODE.replace("        if not", "        # r1: enter as before the close\n        if not"),
    ),
    "a remark behind a line that is there": (
        fenced(CODE.replace("self.buy()", "self.buy()  # unchanged")),
        CODE.replace("self.buy()", "self.buy()  # unchanged"),
    ),
}
"""Answers with a whole program."""
