"""What we own: businesses, apps, Pages, tokens and secrets; and who may see and do what.

May call nothing of `lookups` or `idlink`. Begin reading with `models` (`business`, `asset`, `access_token`), then
`access` (which role may do what) and `credentials` (which token and secret a question needs, or why there is none).
`reasons` and `secrets` stand below the models and know none of them. `apps` hooks up `checks` at start and `isolation`
around migrations.

Others may use `models`, `access`, `credentials`, `reasons` and `secrets`; pages also what `admin` names in its
docstring, and backups `checks.SEALED_COLUMNS`.
"""
