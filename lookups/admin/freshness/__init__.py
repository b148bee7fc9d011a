"""The pages about freshness: how many IDs are confirmed in time, and the schedules of periodic tasks.

Begin reading at `freshness_count`. The pages call `lookups.freshness`, and `lists.forecast` for the cost of a refresh;
`schedule` edits the rows of django-celery-beat.
"""
