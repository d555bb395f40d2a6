"""Comments of compiled code: the sentences of the rows, with the numbers that run instead of the analyst's own."""

import re
from collections.abc import Mapping, Sequence

from core.domain.workflow import Parameter


def show_running_numbers(sentences: Mapping[str, str], parameters: Sequence[Parameter], values: Mapping[str, float]) -> dict[str, str]:
    """Put the numbers that run into the sentences of the rows; where a number cannot be found for sure, it stands behind the sentence."""
    shown = dict(sentences)
    for parameter in parameters:
        value = values[parameter.name]
        if value == parameter.default:
            continue
        place = re.compile(rf"(?<![\w.]){re.escape(f'{parameter.default:g}')}(?=(\D\S*(?:\s+[a-z]+)?)?)(?![\d]|\.\d)")
        own = place.findall(sentences.get(parameter.row, ""))
        if len(own) != 1:
            shown[parameter.row] = f"{shown.get(parameter.row, '')} ({parameter.name} is {value:g} here)".strip()
            continue
        phrase, new = f"{parameter.default:g}{own[0]}", f"{value:g}{own[0]}"
        for row, sentence in shown.items():
            if row == parameter.row or len(own[0]) > 3:  # another row that speaks of the same thing in the same words
                shown[row] = re.sub(rf"(?<![\w.]){re.escape(phrase)}", new, sentence)
    return shown
