"""Faults on demand: which requests go wrong, in which way, and how an answer is spoilt.

Begin reading in `rules`, whose docstring is the language of rules; then `actions`, `spoiling` and `answer`.
May call: `api`, `world`. It breaks no connection itself: `wire.breaking` does, by the fault that an answer carries.
Others may use: `rules.Faults`, `Strike` and `NOTHING`, `question.question_asked`, `actions.demanded_error`, `is_number`
and `is_whole`, `spoiling.spoil_body`, `answer.Answer`.
"""
