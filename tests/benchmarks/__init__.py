"""Benchmarks of idlink beside other clients of Graph: `make bench`. They print figures and assert no speed."""
