"""The broker of files: what can be seen of a message or a list of queues is the whole of it."""

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty
from threading import Barrier

import pytest
from kombu import Connection
from kombu.asynchronous import Hub
from kombu.asynchronous.timer import Timer
from kombu.exceptions import ChannelError

from idlink.celery import app
from idlink.file_broker import FolderChannel

BINDERS = 4


@pytest.fixture
def channel(tmp_path) -> FolderChannel:
    return opened(tmp_path)


def opened(folder: Path) -> FolderChannel:
    queue, control = folder / "queue", folder / "control"
    queue.mkdir(exist_ok=True)
    options = {"data_folder_in": str(queue), "data_folder_out": str(queue), "control_folder": str(control)}
    return Connection("filesystem://", transport_options=options).channel()


def test_celery_works_with_it():
    assert isinstance(app.connection("filesystem://").channel(), FolderChannel)


def test_a_message_is_not_there_before_it_is_written(channel, monkeypatch):
    rename, seen = Path.rename, []

    def look_and_rename(self, target):
        with pytest.raises(Empty):
            channel._get("staff")
        seen.append(self.stat().st_size > 0)
        return rename(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", look_and_rename)
        channel._put("staff", {"n": 1})

    assert seen == [True]
    assert channel._size("staff") == 1
    assert channel._get("staff") == {"n": 1}
    assert os.listdir(channel.data_folder_in) == []


def test_each_message_is_taken_once_by_many(tmp_path, channel):
    for number in range(200):
        channel._put("staff", number)

    def take_all() -> list[int]:
        took, mine = [], opened(tmp_path)
        while mine._size("staff"):
            try:
                took.append(mine._get("staff"))
            except Empty:
                break
        return took

    with ThreadPoolExecutor(BINDERS) as pool:
        taken = list(pool.map(lambda _: take_all(), range(BINDERS)))

    assert sorted(number for some in taken for number in some) == list(range(200))


def test_messages_come_in_the_order_in_which_they_were_sent(channel, monkeypatch):
    for number in range(3):
        monkeypatch.setattr("idlink.file_broker.monotonic", lambda number=number: 1000 + number)
        channel._put("staff", number)

    assert [channel._get("staff") for _ in range(3)] == [0, 1, 2]


def test_all_who_bind_at_the_same_moment_are_bound(tmp_path):
    for number in range(20):
        bind_together(tmp_path / str(number))


def bind_together(folder: Path) -> None:
    folder.mkdir()
    barrier = Barrier(BINDERS)

    def bind(number: int) -> None:
        channel = opened(folder)
        barrier.wait()
        channel._queue_bind("staff", "staff", "", f"queue{number}")

    with ThreadPoolExecutor(BINDERS) as pool:
        list(pool.map(bind, range(BINDERS)))
    assert {row.queue for row in opened(folder).get_table("staff")} == {f"queue{n}" for n in range(BINDERS)}


def test_what_can_not_be_written_is_an_error_of_the_broker_and_leaves_nothing(channel, monkeypatch):
    def full(self, text):
        self.touch()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)

    with pytest.raises(ChannelError, match="Cannot write"):
        channel._put("staff", {"n": 1})

    assert os.listdir(channel.data_folder_in) == []


def test_a_workers_event_loop_takes_all_messages(channel):
    transport, loop, taken = channel.connection, Hub(timer=Timer()), []
    channel.queue_declare("staff")
    channel.basic_consume("staff", True, lambda message: taken.append(message.decode()), "a consumer")
    for number in range(3):
        channel.basic_publish(channel.prepare_message(str(number)), "", "staff")
    transport.polling_interval = 0.01
    transport.register_with_event_loop(transport, loop)

    time.sleep(0.02)
    loop.fire_timers()

    assert sorted(taken) == ["0", "1", "2"]
