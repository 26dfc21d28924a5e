"""Where offsets are kept is full, or does not answer: no offset is lost, no record either."""
import subprocess

import pytest

from rig.topics import Topics
from rig.wait import for_seconds, until


def source(path, topic):
    return {"name": "lines", "connector.class": "FileStreamSource", "file": str(path), "topic": topic}


def append(path, first, last):
    with path.open("a") as file:
        file.writelines(f"{i:06d}\n" for i in range(first, last))


@pytest.fixture
def small_disk(folder):
    """A file system of 64 KB; the scenario needs root, as CI has it."""
    path = folder / "disk"
    path.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", path], check=True)
    yield path
    subprocess.run(["umount", path], check=True)


def test_a_full_disk_keeps_the_old_offsets_and_is_said(mock, workers, folder, small_disk):
    mock.topic("full", 1)
    topics = Topics(mock.bootstrap)
    worker = workers(mock.bootstrap, settings={"offset.storage.file.filename": str(small_disk / "offsets")})
    append(folder / "in.txt", 0, 100)
    worker.start(source(folder / "in.txt", "full"))
    until(lambda: (small_disk / "offsets").exists(), "the first offsets on disk")
    before = (small_disk / "offsets").read_bytes()
    (small_disk / "filler").write_bytes(b"x" * 60 * 1024)  # the rest of the disk but less than a page
    append(folder / "in.txt", 100, 200)
    until(lambda: topics.count("full") == 200, "records flow on")
    until(lambda: "No space left on device" in worker.log_text(), "the log says that the disk is full")
    assert (small_disk / "offsets").read_bytes() == before, "the old file is whole"
    worker.wait_state("lines", "RUNNING", 1)

    (small_disk / "filler").unlink()
    until(lambda: (small_disk / "offsets").read_bytes() != before, "offsets are written again")
    worker.stop()
    append(folder / "in.txt", 200, 300)
    worker.start(source(folder / "in.txt", "full"))
    until(lambda: topics.values("full") == [f"{i:06d}" for i in range(300)], "every line once")
    worker.stop()


def test_an_offset_topic_that_does_not_answer_holds_nothing_up_for_ever(own_kafka, workers, folder):
    topics = Topics(own_kafka.bootstrap)
    topics.create("away", 1)
    worker = workers(own_kafka.bootstrap, "distributed", {"offset.flush.timeout.ms": "2000"}).start()
    append(folder / "in.txt", 0, 1000)
    worker.create(source(folder / "in.txt", "away"))
    until(lambda: topics.count("away") == 1000, "the first records")
    own_kafka.kill()
    append(folder / "in.txt", 1000, 2000)
    for_seconds(8)  # some commits fail meanwhile
    own_kafka.start()
    until(lambda: topics.count("away") >= 2000, "the records of the outage", 60)
    append(folder / "in.txt", 2000, 3000)
    until(lambda: topics.count("away") >= 3000, "later ones", 60)
    worker.wait_state("lines", "RUNNING", 1)
    worker.stop(60)
    seen = topics.values("away")
    assert sorted(set(seen)) == [f"{i:06d}" for i in range(3000)], "lost"
    worker.start()
    append(folder / "in.txt", 3000, 3100)
    until(lambda: topics.count("away") >= len(seen) + 100, "the last lines")
    worker.stop(60)
    assert topics.count("away") == len(seen) + 100, "a clean stop and start repeats nothing"
