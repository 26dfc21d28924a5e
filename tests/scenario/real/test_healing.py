"""connectd.healing=on: what the environment broke mends itself, without a storm and without losing a record."""
import os
import re

import pytest

from rig.wait import for_seconds, until

TASKS = 20
OUTAGE_SECONDS = float(os.environ.get("OUTAGE_SECONDS", "5"))


def sink(folder, topic, **extra):
    return {"name": "healed", "connector.class": "test.FaultySinkConnector", "topics": topic, "tasks.max": str(TASKS),
            "out": str(folder / "out"), "calls": str(folder / "calls"), "control": str(folder / "control"), "system": "world",
            "consumer.override.auto.offset.reset": "earliest", **extra}


def calls(folder, what):
    """(time, task, answer) of the plugin's calls."""
    lines = [line.split() for line in (folder / "calls").read_text().splitlines()]
    return [(int(ms), int(task), answer) for ms, task, call, _, answer in lines if call == what]


def order(folder, text):
    path = folder / "control.new"
    path.write_text(text)
    path.rename(folder / "control")


def outcome(folder):
    return [line.split(" ", 3)[3] for line in (folder / "out").read_text().splitlines()]


def metric(worker, name):
    """Value by task."""
    found = re.findall(rf'^{name}{{[^}}]*task="(\d+)"[^}}]*}} (\S+)$', worker.get("/metrics").text, re.M)
    return {int(task): float(value) for task, value in found}


@pytest.fixture
def healing(kafka, workers, faulty_plugins):
    worker = workers(kafka.bootstrap, settings={
        "plugin.path": str(faulty_plugins), "connectd.healing": "on", "offset.flush.interval.ms": "500",
        "connectd.restart.backoff.ms": "200", "connectd.restart.max": "3"}).start()
    yield worker
    worker.stop()


KINDS = ["remote", "remote-retriable", "timeout"] if "OUTAGE_SECONDS" in os.environ else ["remote"]


@pytest.mark.parametrize("kind", KINDS)
def test_twenty_tasks_share_one_probe_and_all_recover(healing, topics, folder, kind):
    topic = topics.create(f"{folder.name}-many", TASKS)
    healing.create(sink(folder, topic, **{"down.kind": kind}))
    healing.wait_state("healed", "RUNNING", TASKS)
    expected = [f"before-{i}" for i in range(TASKS)]
    for p in range(TASKS):
        topics.produce(topic, [{"partition": p, "value": f"before-{p}"}])
    until(lambda: (folder / "out").exists() and sorted(outcome(folder)) == sorted(expected), "every partition read")

    order(folder, "down")
    for p in range(TASKS):
        topics.produce(topic, [{"partition": p, "value": f"meanwhile-{p}"}])
    expected += [f"meanwhile-{i}" for i in range(TASKS)]
    until(lambda: len({task for _, task, answer in calls(folder, "put") if answer == "failed"}) >= 2, "tasks that noticed")
    status = until(lambda: (s := healing.status("healed")) and any("Degraded since" in t.get("trace", "") for t in s["tasks"]) and s,
                   "a degraded task that says so")
    assert {task["state"] for task in status["tasks"]} == {"RUNNING"}
    trace = next(task["trace"] for task in status["tasks"] if "trace" in task)
    assert re.match(r"Degraded since \d{4}-\d\d-\d\dT[\d:.]+Z, next try at \d{4}-\d\d-\d\dT[\d:.]+Z, because of: org\.apache\.kafka\.", trace)
    assert "refused 'all: the world is down'" in trace and "ECONNREFUSED" in trace or kind == "timeout"
    for_seconds(OUTAGE_SECONDS)
    waiting = metric(healing, "connectd_task_degraded_seconds")
    assert len(waiting) == TASKS and max(waiting.values()) >= OUTAGE_SECONDS - 1
    order(folder, "up")

    until(lambda: sorted(outcome(folder)) == sorted(expected), "every record, once", 90)
    until(lambda: not any("trace" in task for task in healing.status("healed")["tasks"]), "nobody degraded any more")
    assert not any(metric(healing, "connectd_task_degraded_seconds").values())
    assert sum(metric(healing, "connectd_task_healed_total").values()) >= 2
    failed = [(ms, task) for ms, task, answer in calls(folder, "put") if answer == "failed"]
    probes = max(0, len(failed) - TASKS)  # each task notices once at most before it asks the breaker
    steps, at, delay = 0, 0.0, 500  # the shortest possible waits: half of 1, 2, 4, ... seconds
    while at < (OUTAGE_SECONDS + 10) * 1000:
        at, delay, steps = at + delay, min(delay * 2, 30000), steps + 1
    assert probes <= steps, f"{probes} probes in {OUTAGE_SECONDS} s"


def test_failed_tasks_are_restarted_until_the_limit(healing, topics, folder):
    topic = topics.create(f"{folder.name}-in")
    order(folder, "down")
    healing.create(sink(folder, topic, **{"tasks.max": "1", "down.kind": "bug"}))
    topics.produce(topic, ["one"])
    trace = healing.wait_failed("healed")
    assert re.search(r"Restart \d \(connectd.restart.max=3\) at \d{4}-\d\d-\d\dT", trace), trace
    until(lambda: len(calls(folder, "open")) == 4, "three restarts")
    trace = until(lambda: "Restart" not in (t := healing.wait_failed("healed")) and t, "no further restart")
    assert "refused 'all: the world is down'" in trace

    order(folder, "up")
    assert healing.post("/connectors/healed/tasks/0/restart").status_code in (200, 204)
    until(lambda: (folder / "out").exists() and outcome(folder) == ["one"], "the record, after a person's restart")
    healing.wait_state("healed", "RUNNING", 1)


def test_a_task_that_heals_in_time_is_restarted_by_itself(healing, topics, folder):
    topic = topics.create(f"{folder.name}-in")
    order(folder, "down")
    healing.create(sink(folder, topic, **{"tasks.max": "1", "down.kind": "bug"}))
    topics.produce(topic, ["one", "two"])
    healing.wait_failed("healed")
    order(folder, "up")
    until(lambda: (folder / "out").exists() and outcome(folder) == ["one", "two"], "the records")
    healing.wait_state("healed", "RUNNING", 1)


def test_without_healing_a_failed_task_stays_failed(kafka, workers, faulty_plugins, topics, folder):
    topic = topics.create(f"{folder.name}-in")
    order(folder, "down")
    worker = workers(kafka.bootstrap, settings={"plugin.path": str(faulty_plugins)}).start(
        sink(folder, topic, **{"tasks.max": "1", "down.kind": "remote"}))
    topics.produce(topic, ["one"])
    assert "Restart" not in worker.wait_failed("healed")
    for_seconds(1.5)
    assert len(calls(folder, "open")) == 1
    worker.stop()


@pytest.mark.parametrize("trouble, why", [("block 4000", "a call of the plugin does not return"), ("down", "neither flushed nor committed")])
def test_a_task_that_makes_no_progress_is_reported(kafka, workers, faulty_plugins, topics, folder, trouble, why):
    topic = topics.create(f"{folder.name}-in")
    order(folder, trouble)
    worker = workers(kafka.bootstrap, settings={"plugin.path": str(faulty_plugins), "connectd.task.stalled.ms": "1500", "metrics.sample.window.ms": "500",
                                                "offset.flush.interval.ms": "500"}).start(sink(folder, topic, **{"tasks.max": "1"}))
    topics.produce(topic, ["one"])
    line = until(lambda: [at for at in worker.log_text().splitlines() if "task stalled, it runs and makes no progress" in at], "a line in the log")[0]
    assert "connector=healed task=0" in line and why in line
    assert metric(worker, "connectd_task_stalled") == {0: 1.0}
    order(folder, "up")
    until(lambda: (folder / "out").exists() and outcome(folder) == ["one"], "the record")
    until(lambda: metric(worker, "connectd_task_stalled") == {0: 0.0}, "the task going on")
    worker.stop()


# ---- secrets that change ----

def secret_sink(folder, name, topic, file, **extra):
    """The secret goes into the name of the file that is written."""
    return {"name": name, "connector.class": "test.FaultySinkConnector", "topics": topic, "tasks.max": "2",
            "out": f"{folder}/{name}-${{file:{file}:password}}", "calls": str(folder / f"{name}.calls"),
            "consumer.override.auto.offset.reset": "earliest", **extra}


def opened(folder, name):
    return (folder / f"{name}.calls").read_text().count(" open ")


@pytest.mark.parametrize("mode", ["standalone", "distributed"])
def test_a_changed_secret_restarts_the_connectors_that_use_it(kafka, workers, faulty_plugins, topics, folder, mode):
    topic = topics.create(f"{folder.name}-in", 2)
    for name in ("mine", "other"):
        (folder / f"{name}.secret").write_text("password=first\n")
    worker = workers(kafka.bootstrap, mode, settings={
        "plugin.path": str(faulty_plugins), "connectd.secrets.check.ms": "200", "config.providers": "file",
        "config.providers.file.class": "org.apache.kafka.common.config.provider.FileConfigProvider"}).start()
    worker.create(secret_sink(folder, "uses", topic, folder / "mine.secret"))
    worker.create(secret_sink(folder, "keeps", topic, folder / "mine.secret", **{"config.action.reload": "none"}))
    worker.create(secret_sink(folder, "differs", topic, folder / "other.secret"))
    for name in ("uses", "keeps", "differs"):
        worker.wait_state(name, "RUNNING", 2)
    topics.produce(topic, ["before"])
    until(lambda: "before" in (folder / "uses-first").read_text(), "the record before")

    (folder / "mine.secret").unlink()
    until(lambda: "external values of the configuration cannot be read now" in worker.log_text(), "a line about the missing file")
    assert worker.status("uses")["tasks"][0]["state"] == "RUNNING"
    (folder / "mine.secret").write_text("password=second\n")
    until(lambda: opened(folder, "uses") == 4, "both tasks restarted")
    worker.wait_state("uses", "RUNNING", 2)
    topics.produce(topic, ["after"])
    until(lambda: "after" in (folder / "uses-second").read_text(), "the record after, by the new secret")
    until(lambda: "after" in (folder / "keeps-first").read_text(), "the old secret where reloading is off")
    assert opened(folder, "uses") == 4 and opened(folder, "keeps") == opened(folder, "differs") == 2
    assert "second" not in worker.log_text()
    assert worker.get("/connectors/uses/config").json()["out"].endswith("${file:" + str(folder / "mine.secret") + ":password}")
    worker.stop()
