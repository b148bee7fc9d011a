"""What idlink is compared with: a script around python-facebook-api that a competent engineer writes in a day.

It asks in threads, fifty persons a call, and stores every person, ID, link, when each was seen, and the raw answers in
PostgreSQL, a transaction a call. `models` has its tables, `grouping` finds who is one person, `storing` is the road of
a batch, written by the ORM in `orm` and by psycopg2's `execute_values` in `values`. `script` runs it.
"""
