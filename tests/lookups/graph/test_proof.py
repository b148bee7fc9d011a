"""The proof that goes with a token."""

import pytest

from lookups.graph.proof import appsecret_proof

SECRET = "app-secret-1"


@pytest.mark.guide("wire 2: test vectors")
@pytest.mark.parametrize(
    ("token", "proof"),
    [
        ("EAAB-page-token", "d30a58d83dd3d0d40c6331195509943b76d787bf147fc3ce9a6ff071e84269f3"),
        ("1419232575008550|app-secret-1", "e555424fbb7c30770ab201e8762f60ac704b372d31e45767d6b42066366d4c93"),
    ],
)
def test_proofs_are_those_of_the_contract(token, proof):
    assert appsecret_proof(token, SECRET) == proof
