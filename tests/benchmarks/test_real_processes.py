"""What is started is what an installation starts, but for the number of processes."""

from lookups.management.lanes import worker_command
from lookups.models import Lane
from tests.benchmarks.environments import environment, new_keys
from tests.benchmarks.real_processes import bulk_command


def test_bulks_worker_has_as_many_processes_as_are_measured():
    usual = worker_command(Lane.BULK)

    for processes in (1, 2):
        command = bulk_command(processes)
        changed = [place for place, (one, other) in enumerate(zip(command, usual, strict=True)) if one != other]
        assert command[command.index("-c") + 1] == str(processes)
        assert changed in ([], [usual.index("-c") + 1])


def test_an_installation_has_its_folders_and_keys_of_its_own(tmp_path):
    told = [environment(tmp_path, new_keys(), database="d", broker="b", graph="g") for _ in range(2)]

    assert told[0]["SECRET_KEY"] != told[1]["SECRET_KEY"]
    assert (tmp_path / "broker" / "queue").is_dir()
    assert (told[0]["DATABASE_URL"], told[0]["CELERY_BROKER_URL"], told[0]["IDLINK_GRAPH_URL"]) == ("d", "b", "g")
