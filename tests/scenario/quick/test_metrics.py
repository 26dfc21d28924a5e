"""GET /metrics while a file goes through a topic into another file."""
import re
import subprocess

import pytest

from rig.wait import until

SOURCE = {"name": "lines", "connector.class": "FileStreamSource", "topic": "lines"}
SINK = {"name": "copy", "connector.class": "FileStreamSink", "topics": "lines"}
SAMPLE = re.compile(r'^([a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?:[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\.)*",?)*\})? (\S+)$')

# What the boards of each dialect query, as far as a standalone worker knows it.
DIALECT_A = """worker_connector_count worker_task_count worker_connector_running_task_count worker_connector_paused_task_count
    worker_connector_failed_task_count worker_connector_unassigned_task_count worker_connector_destroyed_task_count connector_status
    connector_connector_class connector_connector_type connector_connector_version connector_task_status
    task_error_total_record_failures""".split()
DIALECT_B = """app_info connect_metrics_connection_count connect_worker_metrics_connector_count connect_worker_metrics_task_count
    connect_worker_metrics_connector_startup_success_total connect_worker_metrics_connector_startup_failure_total
    connect_worker_metrics_task_startup_success_total connect_worker_metrics_task_startup_failure_total
    connect_worker_metrics_connector_total_task_count connect_worker_metrics_connector_running_task_count
    connect_worker_metrics_connector_paused_task_count connect_worker_metrics_connector_failed_task_count
    connect_worker_metrics_connector_unassigned_task_count connect_worker_metrics_connector_destroyed_task_count connector_metrics
    connector_task_metrics_batch_size_avg connector_task_metrics_batch_size_max connector_task_metrics_offset_commit_avg_time_ms
    connector_task_metrics_offset_commit_success_percentage connector_task_metrics_running_ratio connector_task_metrics_pause_ratio
    source_task_metrics_source_record_poll_rate source_task_metrics_source_record_write_rate
    source_task_metrics_poll_batch_avg_time_ms source_task_metrics_poll_batch_max_time_ms
    source_task_metrics_source_record_active_count_avg source_task_metrics_source_record_active_count_max
    sink_task_metrics_sink_record_read_rate sink_task_metrics_sink_record_send_rate sink_task_metrics_put_batch_avg_time_ms
    sink_task_metrics_put_batch_max_time_ms sink_task_metrics_sink_record_active_count_avg
    sink_task_metrics_sink_record_active_count_max sink_task_metrics_partition_count
    sink_task_metrics_offset_commit_completion_rate sink_task_metrics_offset_commit_skip_rate
    task_error_metrics_total_record_errors task_error_metrics_total_record_failures task_error_metrics_total_records_skipped
    task_error_metrics_total_retries task_error_metrics_total_errors_logged task_error_metrics_deadletterqueue_produce_requests
    task_error_metrics_deadletterqueue_produce_failures""".split()
DIALECT_C = """connector_metrics_status_info connector_metrics_connector_class_info connector_metrics_connector_type_info
    connector_metrics_connector_version_info connector_task_metrics_status_info task_error_metrics_total_record_failures""".split()
DIALECT_D = "Connected MilliSecondsSinceLastEvent TotalNumberOfEventsSeen QueueTotalCapacity QueueRemainingCapacity".split()
CLIENTS = """kafka_producer_connection_count kafka_producer_outgoing_byte_total kafka_consumer_connection_count
    kafka_consumer_incoming_byte_total kafka_admin_client_connection_count""".split()
PROCESS = """process_cpu_seconds_total process_resident_memory_bytes jvm_memory_used_bytes jvm_memory_bytes_used jvm_memory_max_bytes
    jvm_memory_bytes_max jvm_gc_collection_seconds_sum jvm_threads_current jvm_threads_peak jvm_threads_started_total""".split()


class Metrics:
    def __init__(self, worker):
        answer = worker.get("/metrics")
        assert answer.status_code == 200
        assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        self.text = answer.text
        self.samples = {}
        for line in self.text.splitlines():
            if line.startswith("#"):
                continue
            match = SAMPLE.match(line)
            assert match, line
            self.samples[match[1] + (match[2] or "")] = float(match[3])
        self.names = {key.split("{")[0] for key in self.samples}

    def __getitem__(self, key):
        return self.samples[key]


def of(name, connector, task=0):
    return f'{name}{{connector="{connector}",task="{task}"}}'


def start(mock, workers, folder, **settings):
    mock.topic("lines", 2)
    (folder / "in.txt").write_text("".join(f"line {i}\n" for i in range(1000)))
    worker = workers(mock.bootstrap, settings=settings).start(
        {**SOURCE, "file": str(folder / "in.txt")}, {**SINK, "file": str(folder / "out.txt")})
    until(lambda: (folder / "out.txt").exists() and len((folder / "out.txt").read_text().splitlines()) == 1000, "all lines copied")
    until(lambda: Metrics(worker)[of("connectd_task_records_total", "copy")] == 1000, "all lines counted")
    return worker


def test_the_names_of_strimzi_and_confluent_are_there_by_default(mock, workers, folder):
    worker = start(mock, workers, folder)
    metrics = Metrics(worker)
    missing = [n for n in DIALECT_A + DIALECT_B if f"kafka_connect_{n}" not in metrics.names]
    missing += [n for n in PROCESS + CLIENTS if n not in metrics.names]
    assert missing == []
    assert not any(name.endswith("_info") for name in metrics.names if name.startswith("kafka_connect_connector_"))
    worker.stop()


def test_the_other_two_dialects_come_by_key(mock, workers, folder):
    worker = start(mock, workers, folder, **{"connectd.metrics.dialects": "strimzi-reporter, debezium"})
    metrics = Metrics(worker)
    missing = [n for n in DIALECT_C if f"kafka_connect_{n}" not in metrics.names]
    missing += [n for n in DIALECT_D if f"debezium_metrics_{n}" not in metrics.names]
    assert missing == []
    assert "kafka_connect_connector_status" not in metrics.names
    worker.stop()


def test_an_unknown_dialect_stops_the_start(mock, workers):
    worker = workers(mock.bootstrap, settings={"connectd.metrics.dialects": "strimsi"}).start(wait=False)
    assert worker.process.wait() == 2
    assert "connectd.metrics.dialects" in worker.log_text() and "strimzi-reporter" in worker.log_text()


def test_the_numbers_say_what_happened(mock, workers, folder):
    worker = start(mock, workers, folder)
    metrics = Metrics(worker)
    assert metrics[of("kafka_connect_source_task_source_record_poll_total", "lines")] == 1000
    assert metrics[of("kafka_connect_source_task_source_record_write_total", "lines")] == 1000
    assert metrics[of("kafka_connect_sink_task_sink_record_read_total", "copy")] == 1000
    assert metrics[of("kafka_connect_sink_task_sink_record_send_total", "copy")] == 1000
    assert metrics[of("kafka_connect_sink_task_partition_count", "copy")] == 2
    assert metrics[of("connectd_record_latency_seconds_count", "lines")] == 1000
    assert metrics[of("connectd_record_latency_seconds_count", "copy")] == 1000
    assert metrics["kafka_connect_worker_connector_count"] == 2
    for name in ("kafka_producer_outgoing_byte_total", "kafka_consumer_incoming_byte_total", "kafka_consumer_connection_count"):
        assert metrics[f'{name}{{clientId="connect-1"}}'] > 0, name
    assert metrics["kafka_connect_worker_task_startup_success_total"] == 2
    assert metrics[of("kafka_connect_source_task_source_record_poll_rate", "lines")] > 0
    assert metrics['kafka_connect_worker_connector_running_task_count{connector="copy"}'] == 1
    assert metrics['connectd_connector_state{connector="copy",type="sink",state="running"}'] == 1
    # Of a partition nothing was read from nothing is known, and the producer may have chosen one for all.
    until(lambda: 'connectd_sink_lag_records{connector="copy",task="0",topic="lines",partition=' in Metrics(worker).text, "the lag")
    worker.stop()


def test_a_failed_task_is_counted_and_keeps_its_numbers(mock, workers, folder):
    mock.topic("lines", 1)
    (folder / "in.txt").write_text("not a number\n")
    worker = workers(mock.bootstrap).start({**SOURCE, "file": str(folder / "in.txt"), "transforms": "c",
                                            "transforms.c.type": "org.apache.kafka.connect.transforms.Cast$Value",
                                            "transforms.c.spec": "int32"})
    worker.wait_failed("lines")
    metrics = Metrics(worker)
    assert metrics['kafka_connect_worker_connector_failed_task_count{connector="lines"}'] == 1
    assert metrics['kafka_connect_connect_worker_metrics_connector_failed_task_count{connector="lines"}'] == 1
    assert metrics['kafka_connect_connector_task_status{connector="lines",task="0",status="failed"}'] == 1
    assert metrics[of("kafka_connect_source_task_source_record_poll_total", "lines")] == 1
    assert metrics[of("kafka_connect_task_error_total_record_failures", "lines")] >= 1
    assert worker.delete("/connectors/lines").status_code == 204
    until(lambda: "connector=\"lines\"" not in Metrics(worker).text, "no trace of a deleted connector")
    worker.stop()


def test_a_source_that_gets_no_acknowledgement_is_called_stalled(mock, workers, folder):
    mock.topic("lines", 1)
    path = folder / "in.txt"
    path.write_text("one\n")
    worker = workers(mock.bootstrap, settings={"connectd.task.stalled.ms": "1000", "metrics.sample.window.ms": "500"})
    worker.start({**SOURCE, "file": str(path)})
    until(lambda: Metrics(worker)[of("connectd_task_records_total", "lines")] == 1, "the first line")
    mock.command("down 1")
    with path.open("a") as file:
        file.write("two\n")
    until(lambda: Metrics(worker)[of("connectd_task_stalled", "lines")] == 1, "a stalled task")
    assert "lines-0 makes no progress" in worker.get("/readyz").json()["trouble"][0]
    assert "trouble" not in worker.get("/health").json()
    assert "task stalled" in worker.log_text() and "Kafka does not acknowledge" in worker.log_text()
    mock.command("up 1")
    until(lambda: Metrics(worker)[of("connectd_task_stalled", "lines")] == 0, "the task going on")
    assert "trouble" not in worker.get("/readyz").json()
    worker.stop()


def test_promtool_accepts_the_text(mock, workers, folder):
    """Of names that are prescribed it may only say that they are not Prometheus' style; ours are."""
    promtool = pytest.importorskip("shutil").which("promtool")
    if promtool is None:
        pytest.skip("promtool (Debian package prometheus) is not installed")
    worker = start(mock, workers, folder, **{"connectd.metrics.dialects": "strimzi,confluent,strimzi-reporter,debezium"})
    done = subprocess.run([promtool, "check", "metrics"], input=Metrics(worker).text, capture_output=True, text=True, timeout=60)
    complaints = [line for line in (done.stdout + done.stderr).splitlines() if line]
    assert [c for c in complaints if not c.startswith(("kafka_", "debezium_", "jvm_"))] == []
    assert {c.split(" ", 1)[1] for c in complaints} <= {
        "metric names should not contain abbreviated units", "label names should be written in 'snake_case' not 'camelCase'",
        "metric names should be written in 'snake_case' not 'camelCase'", "use base unit \"seconds\" instead of \"milliseconds\""}
    worker.stop()

    own = workers(mock.bootstrap, settings={"connectd.metrics.dialects": ""}).start({**SOURCE, "file": str(folder / "in.txt")})
    assert subprocess.run([promtool, "check", "metrics"], input=Metrics(own).text, text=True, timeout=60).returncode == 0
    own.stop()
