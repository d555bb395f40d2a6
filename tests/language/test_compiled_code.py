"""Compiled code stays as it is, byte by byte, until somebody means to change it."""

import pytest

from tests.language.compiled_code import describe_changes, digest_documents, read_table


def test_starters_and_reach_compile_to_the_same_bytes_as_before() -> None:
    changed = describe_changes(read_table(), digest_documents())

    if changed:
        pytest.fail(f"Compiled code changed. Where that is meant, renew the table with `make compiled-code`: {', '.join(changed)}")


def test_a_new_a_gone_and_another_document_are_named() -> None:
    assert describe_changes({"gone": "1", "same": "2", "other": "3"}, {"same": "2", "other": "4", "new": "5"}) == ["gone", "new", "other"]
