"""A token opens one run for one use, for a while; nothing else does."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pages.live.tokens import SECRET_FILE, Tokens, TokenScope, load_tokens

TOKENS = Tokens(b"only for this test")


def test_a_token_opens_its_own_run_and_use_only() -> None:
    token = TOKENS.mint("abc12345", TokenScope.EVENTS)
    assert TOKENS.allows(token, "abc12345", TokenScope.EVENTS)
    assert not TOKENS.allows(token, "abc12346", TokenScope.EVENTS)
    assert not TOKENS.allows(token, "abc12345", TokenScope.CURVES)
    assert not Tokens(b"another server").allows(token, "abc12345", TokenScope.EVENTS)


def test_a_token_ages() -> None:
    token = TOKENS.mint("abc12345", TokenScope.EVENTS)
    assert not Tokens(b"only for this test", seconds=-1).allows(token, "abc12345", TokenScope.EVENTS)


@given(st.text())
def test_no_other_text_is_a_token(text: str) -> None:
    assert not TOKENS.allows(text, "abc12345", TokenScope.EVENTS)


@given(st.integers(min_value=0), st.characters())
def test_a_changed_token_is_none(place: int, letter: str) -> None:
    token = TOKENS.mint("abc12345", TokenScope.EVENTS)
    place %= len(token) - 1  # the last sign of base64 carries bits that do not count
    changed = token[:place] + letter + token[place + 1 :]
    assert TOKENS.allows(changed, "abc12345", TokenScope.EVENTS) is (changed == token)


def test_a_restarted_server_knows_its_tokens_again(tmp_path: Path) -> None:
    token = load_tokens(tmp_path / "home").mint("abc12345", TokenScope.EVENTS)
    load_tokens.cache_clear()
    assert load_tokens(tmp_path / "home").allows(token, "abc12345", TokenScope.EVENTS)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permissions")
def test_only_the_owner_reads_the_secret(tmp_path: Path) -> None:
    load_tokens(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [SECRET_FILE]
    assert (tmp_path / SECRET_FILE).stat().st_mode & 0o777 == 0o600


def test_where_nothing_can_be_kept_a_secret_lasts_as_long_as_the_process(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    home = tmp_path / "file" / "home"
    token = load_tokens(home).mint("abc12345", TokenScope.EVENTS)
    assert load_tokens(home).allows(token, "abc12345", TokenScope.EVENTS)
