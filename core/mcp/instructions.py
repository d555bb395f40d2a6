"""Words that teach an agent the protocol of a session: instructions of the server, a prompt, and the same as a skill."""

INSTRUCTIONS = (
    "Stratloop backtests trading strategies in a sandbox and keeps the last part of the bars, the hold-out, from everybody until the end. "
    "1. find_instruments, then write a workflow (list_catalogue, check_workflow). 2. start_session: iteration 0 is the workflow itself, "
    "compiled; it has to be beaten. 3. Read list_findings, pick the one weakness that costs most, change one thing, say why it should "
    "help, submit_iteration. Go on from the best, mend what failed. 4. Every try makes luck more likely: get_evidence says how likely. "
    "Stop after a few tries without a gain, or when no reason for a change is left. 5. finish_session once: it names a recommendation, "
    "then looks at the hold-out. Report its words as they are. Another session on the same bars inherits the count of tries and looks."
)

PROMPT_NAME = "improve_strategy"
PROMPT_TITLE = "Improve a strategy honestly"


def render_prompt(idea: str, asset: str) -> str:
    """The request that the prompt stands for."""
    subject = f" on {asset}" if asset else ""
    return (
        f"Turn this into a Stratloop workflow and improve it{subject}: {idea or 'a simple trend rule'}.\n\n{INSTRUCTIONS}\n\n"
        "At the end tell me the verdict, the recommendation, the number of tries and looks, and what nobody can know."
    )


SKILL = f"""---
name: stratloop
description: Use when a trading strategy is to be backtested, improved or judged with the Stratloop tools.
---

# Working with Stratloop

{INSTRUCTIONS}

## Writing code

* One file, one class that inherits from `bt.Strategy`, numbers in `params`. Start from `export_strategy(iteration=0)`.
* Read the current bar `[0]` and earlier ones `[-1]`. Code that reads later bars is found out and has no score.
* Give every submission an id of its own. After a time-out ask get_status, or submit the same id again: it is the same submission.

## Judging

* A higher training figure is no evidence. Quote `get_evidence`: chance of luck, what the winner is worth, the decision.
* "Keep the workflow" is a result. So is "used up": then these bars decide nothing any more.
* Never look for the held-out days elsewhere, in files, on the web or from memory: it would only fool the person you work for.
"""
