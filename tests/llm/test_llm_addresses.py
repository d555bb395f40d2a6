"""An address that cannot work is told before anything is sent."""

import threading

import pytest

from core.domain.errors import Severity
from core.llm import find_address_problem
from core.llm.errors import classify
from core.llm.quirks import Quirk, Quirks


@pytest.mark.parametrize(
    ("model", "base", "severity", "remedy"),
    [
        ("openai/x", "127.0.0.1:8000/v1", Severity.ERROR, "Write http://127.0.0.1:8000/v1."),
        ("openai/x", "localhost:1234", Severity.ERROR, "Write http://localhost:1234."),
        ("openai/x", "localhost:1234/v1/chat/completions/", Severity.ERROR, "Write http://localhost:1234/v1."),
        ("openai/x", "ftp://box/v1", Severity.ERROR, "Write http://box/v1."),
        ("openai/x", "http://host/v1/chat/completions", Severity.ERROR, "Write http://host/v1."),
        ("ollama/x", "http://127.0.0.1:11434/api/chat", Severity.ERROR, "Write http://127.0.0.1:11434."),
        ("openai/x", "http://127.0.0.1:8000", Severity.WARNING, "asked at http://127.0.0.1:8000/v1."),
        ("openai/x", "http://proxy.example.com/v1", Severity.WARNING, "Write https://proxy.example.com/v1 if the server speaks it."),
        ("ollama/x", "http://8.8.8.8:11434", Severity.WARNING, "Write https://8.8.8.8:11434 if the server speaks it."),
        ("lm_studio/x", "http://127.0.0.1:1234/", Severity.WARNING, "asked at http://127.0.0.1:1234/v1."),
    ],
)
def test_a_wrong_address_is_told_with_the_right_one(model: str, base: str, severity: Severity, remedy: str) -> None:
    problem = find_address_problem(model, base)
    assert problem is not None
    assert (problem.severity, problem.remedy.endswith(remedy)) == (severity, True)


@pytest.mark.parametrize(
    ("model", "base"),
    [
        ("openai/x", ""),
        ("openai/x", "https://proxy.example/v1"),
        ("ollama/x", "http://127.0.0.1:11434"),
        ("built-in", "nonsense"),
        ("openai/x", "http://gpu:8000/v1"),
        ("openai/x", "http://192.168.1.20:8000/v1"),
        ("openai/x", "http://box.local:8000/v1"),
    ],
)
def test_a_usual_address_is_fine(model: str, base: str) -> None:
    assert find_address_problem(model, base) is None


@pytest.mark.parametrize(
    ("error", "package"),
    [
        (ModuleNotFoundError("No module named 'mcp'", name="mcp"), "mcp"),
        (ModuleNotFoundError("No module named 'google.auth'", name="google.auth"), "google-auth"),
        (RuntimeError("APIConnectionError: No module named 'google'"), "google-auth"),
    ],
)
def test_a_missing_package_is_never_a_provider_out_of_reach(error: Exception, package: str) -> None:
    outer = RuntimeError("litellm.APIConnectionError: something")
    outer.__cause__ = error
    failure = classify(outer if isinstance(error, ImportError) else error)
    assert (failure.name, failure.rule.reason.value) == ("MissingPackage", "not_installed")
    assert f"pip install {package}" in failure.rule.hint


def test_quirks_are_kept_by_model_and_address_and_told_to_who_remembers() -> None:
    kept: list[tuple[str, str]] = []
    quirks = Quirks({"openai/a@http://h/v1": frozenset({"seed"})}, lambda name, quirk: kept.append((name, quirk)))
    quirks.add("openai/b", "", Quirk.TEMPERATURE)
    assert quirks.find("openai/a", "http://h/v1") == {"seed"}
    assert quirks.find("openai/a", "") == frozenset()
    assert (quirks.find("openai/b", ""), kept) == ({"temperature"}, [("openai/b", "temperature")])


def test_two_quirks_that_are_learned_at_once_are_both_remembered() -> None:
    kept, others = dict[str, str](), list[threading.Thread]()

    def remember(name: str, quirk: str) -> None:
        before = dict(kept)
        if not others:
            others.append(threading.Thread(target=quirks.add, args=("b", "", Quirk.SEED)))
            others[0].start()
            others[0].join(0.2)  # long enough for one that nothing keeps waiting
        kept.clear()
        kept.update({**before, name: quirk})

    quirks = Quirks(remember=remember)
    quirks.add("a", "", Quirk.TEMPERATURE)
    others[0].join()

    assert kept == {"a": "temperature", "b": "seed"}
