"""A real Prometheus (Debian's package) scrapes the daemon: the boards' and alerts' names are there and carry data."""
import json
import re
import shutil
import subprocess

import pytest
import requests

from rig.connectd import ROOT
from rig.process import Process, free_port
from rig.wait import until

DOCKER = ROOT / "docker"
METRIC = re.compile(r"\b((?:connectd|kafka|jvm|process|debezium)_\w+)")

# What the boards of Strimzi and Confluent query of a standalone worker, with what they filter by.
FOREIGN = """
kafka_connect_worker_connector_count
kafka_connect_worker_task_count
sum(kafka_connect_worker_connector_running_task_count) by (connector)
kafka_connect_worker_connector_failed_task_count{connector="lines"}
kafka_connect_connector_status{status="running"}
kafka_connect_connector_connector_class
kafka_connect_connector_task_status{connector="lines",task="0"}
kafka_connect_task_error_total_record_failures
kafka_producer_outgoing_byte_total
kafka_connect_app_info{job="kafka-connect",version!=""}
kafka_connect_connect_worker_metrics_connector_count{job="kafka-connect"}
kafka_connect_connect_worker_metrics_task_startup_success_total
kafka_connect_connector_metrics{connector="lines",connector_class!=""}
kafka_connect_connector_task_metrics_batch_size_avg
kafka_connect_source_task_metrics_source_record_poll_rate > 0
kafka_connect_source_task_metrics_source_record_write_rate > 0
kafka_connect_sink_task_metrics_sink_record_read_rate > 0
kafka_connect_sink_task_metrics_put_batch_avg_time_ms
kafka_connect_task_error_metrics_total_records_skipped
process_cpu_seconds_total
jvm_memory_used_bytes{area="heap"} > 0
jvm_memory_max_bytes
jvm_gc_collection_seconds_sum
""".strip().splitlines()


@pytest.fixture
def prometheus(folder):
    """Started with docker/prometheus.yml and docker/alerts.yml, scraping fast, aimed at the worker."""
    if shutil.which("prometheus") is None:
        pytest.skip("prometheus (Debian package) is not installed")
    made = []

    def start(worker):
        settings = (DOCKER / "prometheus.yml").read_text()
        assert "connectd:8083" in settings
        settings = settings.replace("connectd:8083", f"127.0.0.1:{worker.port}").replace("_interval: 10s", "_interval: 1s")
        (folder / "prometheus.yml").write_text(settings)
        shutil.copy(DOCKER / "alerts.yml", folder)
        port = free_port()
        made.append(Process(["prometheus", f"--config.file={folder}/prometheus.yml", f"--storage.tsdb.path={folder}/tsdb",
                             f"--web.listen-address=127.0.0.1:{port}"], folder / "prometheus.log"))
        url = f"http://127.0.0.1:{port}"
        until(lambda: requests.get(f"{url}/-/ready", timeout=5).status_code == 200, "a ready Prometheus")

        def query(expression):
            answer = requests.get(f"{url}/api/v1/query", params={"query": expression}, timeout=10).json()
            assert answer["status"] == "success", answer
            return answer["data"]["result"]

        return url, query

    yield start
    for process in made:
        process.end()


def expressions_of_board():
    board = json.loads((DOCKER / "grafana" / "boards" / "connectd.json").read_text())
    for panel in board["panels"]:
        for target in panel["targets"]:
            yield panel["title"], (target["expr"].replace("$connector", ".*").replace("$instance", ".*")
                                   .replace("$__rate_interval", "30s"))


def test_boards_and_alerts_find_their_data(kafka, topics, workers, folder, prometheus):
    topics.create("watched", 2)
    (folder / "in.txt").write_text("".join(f"line {i}\n" for i in range(5000)))
    worker = workers(kafka.bootstrap).start(
        {"name": "lines", "connector.class": "FileStreamSource", "file": str(folder / "in.txt"), "topic": "watched"},
        {"name": "copy", "connector.class": "FileStreamSink", "file": str(folder / "out.txt"), "topics": "watched"})
    url, query = prometheus(worker)
    until(lambda: query('up{job="kafka-connect"} == 1'), "a scrape")
    until(lambda: query('connectd_task_records_total{connector="copy"} == 5000'), "all records counted")
    until(lambda: query('connectd_sink_lag_records{topic="watched"}'), "the lag a partition")

    def growing():
        with (folder / "in.txt").open("a") as file:
            file.write("another line\n")
        return query('rate(connectd_task_records_total{connector="copy"}[30s]) > 0')

    until(growing, "a rate")
    assert [e for e in FOREIGN if not query(e)] == []

    names = {name for result in query('{job="kafka-connect"}') for name in [result["metric"].get("__name__")]}
    for title, expression in expressions_of_board():
        unknown = [m for m in METRIC.findall(expression) if m not in names]
        assert unknown == [], f"panel {title!r} asks for {unknown}"
        assert query(expression) != [], f"panel {title!r} is empty: {expression}"

    rules = requests.get(f"{url}/api/v1/rules", timeout=10).json()["data"]["groups"][0]["rules"]
    assert len(rules) == 10
    for rule in rules:
        unknown = [m for m in METRIC.findall(rule["query"]) if m not in names]
        assert unknown == [], f"alert {rule['name']} asks for {unknown}"
    until(lambda: all(rule["health"] == "ok" for rule in
                      requests.get(f"{url}/api/v1/rules", timeout=10).json()["data"]["groups"][0]["rules"]), "evaluated alerts")


def test_a_failed_task_raises_the_alarms(kafka, topics, workers, folder, prometheus):
    topics.create("alarming")
    (folder / "in.txt").write_text("no number\n")
    worker = workers(kafka.bootstrap).start({
        "name": "broken", "connector.class": "FileStreamSource", "file": str(folder / "in.txt"), "topic": "alarming",
        "transforms": "c", "transforms.c.type": "org.apache.kafka.connect.transforms.Cast$Value", "transforms.c.spec": "int32"})
    worker.wait_failed("broken")
    url, query = prometheus(worker)
    until(lambda: query('ALERTS{alertname="ConnectdTaskFailed",connector="broken"}'), "our alarm")
    assert query('kafka_connect_connect_worker_metrics_connector_failed_task_count > 0')  # Confluent's alert
    assert query('kafka_connect_worker_connector_failed_task_count > 0')  # Strimzi's


def test_promtool_accepts_what_is_installed():
    if shutil.which("promtool") is None:
        pytest.skip("promtool (Debian package prometheus) is not installed")
    done = subprocess.run(["promtool", "check", "config", DOCKER / "prometheus.yml"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
