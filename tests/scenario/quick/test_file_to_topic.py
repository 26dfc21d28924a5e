"""A file becomes a topic, a topic becomes a file, on the mock broker: seconds, no network."""
from rig.topics import Topics
from rig.wait import until


def source(path, topic, **extra):
    return {"name": "lines", "connector.class": "FileStreamSource", "file": str(path), "topic": topic, **extra}


def sink(path, topic, **extra):
    return {"name": "copy", "connector.class": "FileStreamSink", "file": str(path), "topics": topic, **extra}


def test_lines_of_a_file_arrive_in_a_topic_and_in_a_second_file(mock, workers, folder):
    mock.topic("lines", 1)
    lines = [f"line {i}" for i in range(1000)]
    (folder / "in.txt").write_text("".join(line + "\n" for line in lines))
    worker = workers(mock.bootstrap).start(source(folder / "in.txt", "lines"), sink(folder / "out.txt", "lines"))

    until(lambda: (folder / "out.txt").exists() and (folder / "out.txt").read_text().splitlines() == lines, "all lines copied")
    assert Topics(mock.bootstrap).values("lines") == lines
    worker.stop()


def test_a_file_that_grows_is_followed(mock, workers, folder):
    mock.topic("growing", 1)
    path = folder / "in.txt"
    path.write_text("one\n")
    topics = Topics(mock.bootstrap)
    worker = workers(mock.bootstrap).start(source(path, "growing"))
    until(lambda: topics.count("growing") == 1, "the first line")
    with path.open("a") as file:
        file.write("two\nhalf a li")
    until(lambda: topics.count("growing") == 2, "the second line")
    with path.open("a") as file:
        file.write("ne\n")
    until(lambda: topics.values("growing") == ["one", "two", "half a line"], "the whole third line")
    worker.stop()


def test_after_a_clean_stop_nothing_is_lost_and_nothing_repeated(mock, workers, folder):
    mock.topic("restarted", 1)
    path = folder / "in.txt"
    topics = Topics(mock.bootstrap)
    worker = workers(mock.bootstrap)
    expected = []
    for turn in range(3):
        new = [f"turn {turn} line {i}" for i in range(500)]
        expected += new
        with path.open("a") as file:
            file.writelines(line + "\n" for line in new)
        worker.start(source(path, "restarted"))
        until(lambda: topics.count("restarted") >= len(expected), "the lines of this turn")
        worker.stop()
    assert topics.values("restarted") == expected


def test_a_paused_source_reads_nothing_and_goes_on_where_it_was(mock, workers, folder):
    mock.topic("paused", 1)
    path = folder / "in.txt"
    path.write_text("before\n")
    topics = Topics(mock.bootstrap)
    worker = workers(mock.bootstrap).start(source(path, "paused"))
    until(lambda: topics.count("paused") == 1, "the line before")
    assert worker.put("/connectors/lines/pause").status_code == 202
    worker.wait_state("lines", "PAUSED", 1)
    with path.open("a") as file:
        file.write("meanwhile\n")
    assert worker.put("/connectors/lines/resume").status_code == 202
    worker.wait_state("lines", "RUNNING", 1)
    until(lambda: topics.values("paused") == ["before", "meanwhile"], "the line written meanwhile")
    worker.stop()
