"""The 115 cases of the REST contract, one table: number, what is true, how it is seen.

A case gets a harness.Worker. Cases that need a worker with settings of its own start one (w.launch); without a way to start
workers they are reported as skipped. `REASONS` lists where the JVM's worker and connectd are known to differ; the cases
accept both.
"""

import time
import urllib.parse

from harness import DEADLINE_S, Failed, Skipped, equal, free_port, matches, true

JSON = {"Content-Type": "application/json"}
SOURCE_FORMAT_500 = ("[]", '{"offsets":{}}', '{"offsets":[123]}', '{"key":[]}', '{"offsets":[{"key":"v"}]}')
INVALID = "Connector configuration is invalid and contains the following "
SEE_ALSO = (
    "\nYou can also find the above list of errors at the endpoint "
    "`/connector-plugins/{connectorType}/config/validate`"
)
MUST_STOP = (
    "Connectors must be in the STOPPED state before their offsets can be modified. This can be done for the "
    "specified connector by issuing a 'PUT' request to the '/connectors/%s/stop' endpoint"
)

# number: where connectd and the JVM's worker (4.1.1) differ, and why.
REASONS = {
    12: "the JVM's server answers with an HTML page; connectd always answers in JSON",
    30: "the JVM's server refuses %2F, so a connector a/b cannot be reached; connectd decodes it",
    40: "a body beyond the first value: both 500, texts agree",
    42: "an empty body is a null dereference in the JVM; connectd has a fixed text",
    78: "restarting a task that existed before a stop is a 409 in the JVM; connectd says 404",
    108: "an empty level is a 500 in the JVM, a 404 like any invalid level in connectd",
}


def worker_with(w, **properties):
    if w.launch is None:
        raise Skipped("needs --launch: a worker with settings of its own")
    return w.launch(properties)


# ---- root, health, routing ----


def root(w):
    body = w.want(200, "GET", "/").json
    equal(list(body), ["version", "commit", "kafka_cluster_id"], "members")
    true(all(isinstance(value, str) for value in body.values()), f"all are texts: {body}")
    matches(r"^\d+\.\d+", body["version"])


def healthy(w):
    equal(
        w.want(200, "GET", "/health").json,
        {"status": "healthy", "message": "Worker has completed startup and is ready to handle requests."},
    )


def starting(w):
    raise Skipped("a blocked start is shown with a fake backend: tests/unit/api/test_server.c")


def unhealthy(w):
    raise Skipped("a blocked main loop is shown with a fake backend: tests/unit/api/test_server.c")


def unrouted(w):
    w.refused(404, "HTTP 404 Not Found", "GET", "/nope")


def wrong_method(w):
    w.refused(405, "HTTP 405 Method Not Allowed", "PUT", "/connectors", {})


def no_get_on_commands(w):
    w.refused(405, "HTTP 405 Method Not Allowed", "GET", "/connectors/x/pause")
    w.refused(405, "HTTP 405 Method Not Allowed", "GET", "/connectors/x/restart")


def head(w):
    equal(w.want(200, "HEAD", "/connectors").body, b"")
    w.want(405, "HEAD", "/connectors/x/restart")


def options(w):
    reply = w.want(200, "OPTIONS", "/connectors")
    equal(set(reply.headers["Allow"].replace(" ", "").split(",")), {"GET", "POST", "HEAD", "OPTIONS"}, "Allow")
    equal(reply.text, ", ".join(reply.headers["Allow"].replace(" ", "").split(",")), "body")
    matches("^text/plain", reply.headers["Content-Type"])


def options_unrouted(w):
    w.refused(404, "HTTP 404 Not Found", "OPTIONS", "/connector-plugins/X/validate")


def trailing_slash(w):
    equal(w.want(200, "GET", "/connectors/").json, w.want(200, "GET", "/connectors").json)
    name = w.name("slash")
    w.made.append(name)
    w.want(201, "POST", "/connectors/", {"name": name, "config": w.sink()})


def empty_segment(w):
    w.want((400, 404), "GET", "/connectors//config")


def accept_html(w):
    w.refused(406, "HTTP 406 Not Acceptable", "GET", "/connectors", headers={"Accept": "text/html"})


def post_text(w):
    w.refused(
        415, "HTTP 415 Unsupported Media Type", "POST", "/connectors", raw="{}", headers={"Content-Type": "text/plain"}
    )


def post_untyped(w):
    w.refused(415, "HTTP 415 Unsupported Media Type", "POST", "/connectors", raw="{}", headers={"Content-Type": None})


def typed_empty_body(w):
    name = w.create("x")
    equal(w.want(202, "PUT", f"/connectors/{name}/pause", headers=JSON).body, b"")


# ---- list ----


def list_names(w):
    before = w.want(200, "GET", "/connectors").json
    true(isinstance(before, list), "an array")
    names = {w.create("a"), w.create("b")}
    w.until("both to be listed", lambda: set(w.want(200, "GET", "/connectors").json) == names | set(before))


def expand_status(w):
    name = w.running("a")
    entry = w.want(200, "GET", "/connectors?expand=status").json[name]
    equal(list(entry), ["status"])
    equal(entry["status"], w.status(name))


def expand_info(w):
    name = w.running("a")
    entry = w.want(200, "GET", "/connectors?expand=info").json[name]
    equal(list(entry), ["info"])
    equal(entry["info"], w.want(200, "GET", f"/connectors/{name}").json)


def expand_both(w):
    name = w.running("a")
    entry = w.want(200, "GET", "/connectors?expand=info&expand=status").json[name]
    equal(set(entry), {"info", "status"})


def expand_unknown(w):
    name = w.running("a")
    equal(w.want(200, "GET", "/connectors?expand=bogus").json[name], {})
    equal(w.want(200, "GET", "/connectors?expand=info,status").json[name], {})


def expand_none(w):
    listed = w.want(200, "GET", "/connectors").json
    entries = w.want(200, "GET", "/connectors?expand=status").json
    true(isinstance(entries, dict), "an object")
    if not listed:
        equal(entries, {})


# ---- create ----


def create(w):
    name = w.name("a")
    w.made.append(name)
    reply = w.want(201, "POST", "/connectors", {"name": name, "config": w.sink()})
    body = reply.json
    equal(list(body), ["name", "config", "tasks", "type"], "members")
    equal(body["name"], name)
    equal(body["config"], {**w.sink(), "name": name})
    true(isinstance(body["tasks"], list), "tasks is an array")
    equal(body["type"], "sink")
    true(reply.headers["Location"].endswith(f"/connectors/{name}"), reply.headers["Location"])
    equal(reply.headers["Content-Type"], "application/json")


def create_again(w):
    name = w.create("a")
    w.refused(409, f"Connector {name} already exists", "POST", "/connectors", {"name": name, "config": w.sink()})


def create_trims(w):
    name = w.name("a2")
    w.made.append(name)
    body = w.want(201, "POST", "/connectors", {"name": f"  {name}  ", "config": w.sink()}).json
    equal(body["name"], name)


def create_other_name(w):
    w.refused(
        400,
        "Connector name configuration (c) doesn't match connector name in the URL (b)",
        "POST",
        "/connectors",
        {"name": "b", "config": w.sink(name="c")},
    )


def create_inner_name_only(w):
    w.refused(400, "in the URL ()", "POST", "/connectors", {"config": w.sink(name="c")}, how="ends")


def create_nameless(w):
    w.refused(
        400,
        "Invalid value  for configuration name: String may not be empty",
        "POST",
        "/connectors",
        {"config": w.sink()},
        how="has",
    )


def create_control_name(w):
    reply = w.refused(
        400, "control sequences", "POST", "/connectors", {"name": "x\u0001y", "config": w.sink()}, how="has"
    )
    true(": 1" in reply.message, reply.message)


def create_slash_name(w):
    name = "a/" + w.name("b")
    w.made.append(name)
    path = "/connectors/" + urllib.parse.quote(name, safe="")
    w.want(201, "POST", "/connectors", {"name": name, "config": w.sink()})
    reply = w.want((200, 400), "GET", path)
    if reply.status == 400:
        return  # the JVM
    equal(reply.json["name"], name)
    w.want(204, "DELETE", path)


def create_unicode_name(w):
    name = w.name("grün und schön ☃")
    w.made.append(name)
    w.want(201, "POST", "/connectors", {"name": name, "config": w.sink()})
    path = "/connectors/" + urllib.parse.quote(name, safe="")
    w.until("it", lambda: w.want(200, "GET", path).json["name"] == name)


def create_classless(w):
    config = w.sink(**{"connector.class": ...})
    reply = w.refused(
        400, "Connector config {", "POST", "/connectors", {"name": w.name("a"), "config": config}, how="starts"
    )
    true(reply.message.endswith("contains no connector type"), reply.message)


def unknown_class(w):
    config = w.sink(**{"connector.class": "org.example.Nothing"})
    text = "Failed to find any class that implements Connector and which name matches"
    name = w.name("a")
    w.refused(400, text, "POST", "/connectors", {"name": name, "config": config}, how="has")
    reply = w.refused(400, text, "PUT", f"/connectors/{name}/config", config, how="has")
    true("org.example.Nothing" in reply.message, reply.message)


def tasks_max_zero(w):
    reply = w.refused(
        400,
        INVALID + "1 error(s):\n",
        "POST",
        "/connectors",
        {"name": w.name("a"), "config": w.sink(**{"tasks.max": "0"})},
        how="starts",
    )
    true("Value must be at least 1" in reply.message, reply.message)
    true(reply.message.endswith(SEE_ALSO), reply.message)


def tasks_max_word(w):
    body = {"name": w.name("a"), "config": w.sink(**{"tasks.max": "abc"})}
    w.refused(400, INVALID + "2 error(s):\n", "POST", "/connectors", body, how="starts")


def sink_without_topics(w):
    body = {"name": w.name("a"), "config": w.sink(topics=...)}
    reply = w.refused(400, INVALID + "2 error(s):\n", "POST", "/connectors", body, how="starts")
    equal(reply.message.count("Must configure one of topics or topics.regex"), 2)


def scalars_become_texts(w):
    name = w.name("a")
    w.made.append(name)
    config = w.sink(**{"tasks.max": 1, "some.flag": True})
    raw = '{"name":"%s","config":%s}' % (name, __import__("json").dumps(config)[:-1] + ',"x.number":1.50}')
    w.want(201, "POST", "/connectors", raw=raw)
    w.until("it", lambda: w.call("GET", f"/connectors/{name}").status == 200)
    stored = w.config(name)
    equal((stored["tasks.max"], stored["some.flag"], stored["x.number"]), ("1", "true", "1.50"))


def nested_value(w):
    body = {"name": "a", "config": w.sink(x={"y": 1})}
    w.refused(500, "Cannot deserialize value", "POST", "/connectors", body, how="starts")


def null_value(w):
    body = {"name": w.name("a"), "config": w.sink(**{"no.such.key": None})}
    w.refused(400, "Null value can not be supplied as the configuration value.", "POST", "/connectors", body, how="has")


def malformed(w):
    reply = w.refused(500, "Unexpected character ('b' (code 98))", "POST", "/connectors", raw="{bad}", how="starts")
    matches("line: 1, column: 2", reply.message)
    w.refused(500, "Unrecognized token 'x'", "POST", "/connectors", raw='{"name":"x"}x', how="starts")
    w.refused(500, "Trailing token (of type START_OBJECT)", "POST", "/connectors", raw='{"name":"x"}{}', how="starts")


def extra_field(w):
    w.refused(500, 'Unrecognized field "foo"', "POST", "/connectors", {"foo": 1}, how="starts")


def empty_body(w):
    reply = w.want((400, 500), "POST", "/connectors", headers=JSON)
    true(reply.message, "a message")
    w.refused(500, "Cannot deserialize value of type", "POST", "/connectors", [], how="starts")


def create_stopped(w):
    name = w.name("a")
    w.made.append(name)
    body = w.want(201, "POST", "/connectors", {"name": name, "config": w.sink(), "initial_state": "STOPPED"}).json
    equal(body["tasks"], [])
    w.until_states(name, "STOPPED", [])
    w.want(202, "PUT", f"/connectors/{name}/resume")
    w.until_states(name, "RUNNING", ["RUNNING"])


def create_paused(w):
    name = w.create("a", initial_state="paused")
    w.until_states(name, "PAUSED", [])
    w.want(202, "PUT", f"/connectors/{name}/resume")
    w.until_states(name, "RUNNING", ["RUNNING"])


def create_bogus_state(w):
    body = {"name": w.name("a"), "config": w.sink(), "initial_state": "bogus"}
    w.refused(500, "Cannot construct instance of", "POST", "/connectors", body, how="starts")


def invalid_before_exists(w):
    name = w.create("a")
    w.refused(400, INVALID, "POST", "/connectors", {"name": name, "config": w.sink(topics=...)}, how="starts")


def forward_accepted(w):
    name = w.name("a")
    w.made.append(name)
    w.want(201, "POST", "/connectors?forward=false", {"name": name, "config": w.sink()})


# ---- read ----


def read(w):
    name = w.create("a")
    equal(w.want(200, "GET", f"/connectors/{name}").json["config"], {**w.sink(), "name": name})
    equal(w.config(name), {**w.sink(), "name": name})


def read_verbatim(w):
    odd = {"x.spaces": "  a  ", "x.empty": "", "x.variable": "${env:HOME}"}
    name = w.create("a", w.sink(**odd))
    stored = w.config(name)
    equal({key: stored[key] for key in odd}, odd)


def read_unknown(w):
    for path in ("", "/config", "/tasks", "/offsets"):
        w.refused(404, "Connector none not found", "GET", f"/connectors/none{path}")


def read_tasks(w):
    name = w.running("a")
    tasks = w.want(200, "GET", f"/connectors/{name}/tasks").json
    equal([task["id"] for task in tasks], [{"connector": name, "task": 0}])
    true("task.class" in tasks[0]["config"], f"task.class in {tasks}")


def unknown_status(w):
    w.refused(404, "No status found for connector none", "GET", "/connectors/none/status")


def unknown_task_status(w):
    name = w.running("a")
    w.refused(404, f"No status found for task {name}-99", "GET", f"/connectors/{name}/tasks/99/status")


def task_that_is_no_number(w):
    w.refused(404, "HTTP 404 Not Found", "GET", "/connectors/a/tasks/xyz/status")


def status_members(w):
    name = w.running("a")
    status = w.status(name)
    equal(list(status), ["name", "connector", "tasks", "type"], "members")
    equal(list(status["connector"]), ["state", "worker_id", "version"], "of the connector")
    equal(list(status["tasks"][0]), ["id", "state", "worker_id", "version"], "of a task")
    equal(w.want(200, "GET", f"/connectors/{name}/tasks/0/status").json, status["tasks"][0])
    w.refused(404, "HTTP 404 Not Found", "GET", f"/connectors/{name}/tasks-config")


# ---- update, patch, delete ----


def put(w):
    name = w.name("n")
    w.made.append(name)
    reply = w.want(201, "PUT", f"/connectors/{name}/config", w.sink())
    true(reply.headers["Location"].endswith(f"/connectors/{name}"), "Location")
    w.until("it", lambda: w.call("GET", f"/connectors/{name}").status == 200)
    reply = w.want(200, "PUT", f"/connectors/{name}/config", w.sink())
    equal(reply.headers["Location"], None)


def put_other_name(w):
    name = w.create("n")
    w.refused(
        400,
        f"Connector name configuration (c) doesn't match connector name in the URL ({name})",
        "PUT",
        f"/connectors/{name}/config",
        w.sink(name="c"),
    )
    w.want(200, "PUT", f"/connectors/{name}/config", w.sink(name=None))
    equal(w.config(name)["name"], name)


def put_replaces(w):
    name = w.create("n", w.sink(extra="1"))
    w.want(200, "PUT", f"/connectors/{name}/config", w.sink())
    w.until("the key to be gone", lambda: w.config(name) == {**w.sink(), "name": name})


def put_keeps_target(w):
    name = w.running("n")
    w.want(202, "PUT", f"/connectors/{name}/pause")
    w.until_states(name, "PAUSED", ["PAUSED"])
    w.want(200, "PUT", f"/connectors/{name}/config", w.sink(extra="1"))
    w.until_states(name, "PAUSED", ["PAUSED"])
    w.want(204, "PUT", f"/connectors/{name}/stop")
    w.until_states(name, "STOPPED", [])
    w.want(200, "PUT", f"/connectors/{name}/config", w.sink(extra="2"))
    w.until_states(name, "STOPPED", [])


def put_task_count(w):
    name = w.running("n")
    for count in (5, 3):
        w.want(200, "PUT", f"/connectors/{name}/config", w.sink(**{"tasks.max": str(count)}))
        w.until_states(name, "RUNNING", ["RUNNING"] * count)


def patch(w):
    name = w.create("n", w.sink(keep="1", change="1", remove="1"))
    reply = w.want(200, "PATCH", f"/connectors/{name}/config", {"change": "2", "add": "3", "remove": None})
    equal(list(reply.json), ["name", "config", "tasks", "type"], "members")
    wanted = {**w.sink(), "name": name, "keep": "1", "change": "2", "add": "3"}
    w.until("the merge", lambda: w.config(name) == wanted)


def patch_edges(w):
    w.refused(404, "Connector none not found", "PATCH", "/connectors/none/config", {"a": "b"})
    name = w.create("n")
    before = w.config(name)
    w.want(200, "PATCH", f"/connectors/{name}/config", {})
    equal(w.config(name), before)


def patch_invalid(w):
    name = w.create("n")
    before = w.config(name)
    w.refused(400, INVALID, "PATCH", f"/connectors/{name}/config", {"tasks.max": "0"}, how="starts")
    equal(w.config(name), before)


def delete(w):
    name = w.running("n")
    w.want(204, "DELETE", f"/connectors/{name}")
    w.until("it to be gone", lambda: w.call("GET", f"/connectors/{name}").status == 404)
    true(name not in w.want(200, "GET", "/connectors").json, "not listed")
    w.until(
        "no topics",
        lambda: w.want(200, "GET", f"/connectors/{name}/topics").json == {name: {"topics": []}},
    )
    w.refused(404, f"Connector {name} not found", "DELETE", f"/connectors/{name}")


def recreate_continues(w):
    path = w.file("in", "one\ntwo\n")
    name = w.running("n", w.source())
    w.until("offsets", lambda: w.offsets(name))
    offsets = w.offsets(name)
    equal(offsets, [{"partition": {"filename": path}, "offset": {"position": 8}}])
    w.want(204, "DELETE", f"/connectors/{name}")
    w.until("it to be gone", lambda: w.call("GET", f"/connectors/{name}").status == 404)
    w.create("n", w.source(), initial_state="STOPPED")
    equal(w.offsets(name), offsets)


# ---- lifecycle ----


def pause(w):
    name = w.running("a")
    for _ in range(2):
        equal(w.want(202, "PUT", f"/connectors/{name}/pause").body, b"")
        w.until_states(name, "PAUSED", ["PAUSED"])


def resume(w):
    name = w.running("a")
    w.want(202, "PUT", f"/connectors/{name}/pause")
    w.until_states(name, "PAUSED", ["PAUSED"])
    for _ in range(2):
        equal(w.want(202, "PUT", f"/connectors/{name}/resume").body, b"")
        w.until_states(name, "RUNNING", ["RUNNING"])


def stop(w):
    name = w.running("a")
    for _ in range(2):
        equal(w.want(204, "PUT", f"/connectors/{name}/stop").body, b"")
        w.until_states(name, "STOPPED", [])
    equal(w.want(200, "GET", f"/connectors/{name}/tasks").json, [])
    equal(w.want(200, "GET", f"/connectors/{name}").json["tasks"], [])


def stop_pause_resume(w):
    name = w.running("a")
    w.want(204, "PUT", f"/connectors/{name}/stop")
    w.until_states(name, "STOPPED", [])
    w.want(202, "PUT", f"/connectors/{name}/pause")
    w.until_states(name, "PAUSED", [])
    w.want(202, "PUT", f"/connectors/{name}/resume")
    w.until_states(name, "RUNNING", ["RUNNING"])


def unknown_lifecycle(w):
    for command in ("pause", "resume", "stop"):
        w.refused(404, "Unknown connector none", "PUT", f"/connectors/none/{command}")


def failed_then_fixed(w):
    name = w.create("a", w.sink(file="/nonexistent/folder/out"))
    w.until_states(name, "RUNNING", ["FAILED"])
    w.want(204, "PUT", f"/connectors/{name}/stop")
    w.until_states(name, "STOPPED", [])
    w.want(200, "PUT", f"/connectors/{name}/config", w.sink())
    w.want(202, "PUT", f"/connectors/{name}/resume")
    w.until_states(name, "RUNNING", ["RUNNING"])


def restart_plain(w):
    name = w.running("a")
    for query in ("", "?includeTasks=false&onlyFailed=false"):
        equal(w.want(204, "POST", f"/connectors/{name}/restart{query}").body, b"")
        w.until_states(name, "RUNNING", ["RUNNING"])


def restart_all(w):
    name = w.running("a")
    body = w.want(202, "POST", f"/connectors/{name}/restart?includeTasks=true").json
    equal(body["connector"]["state"], "RESTARTING")
    equal([task["state"] for task in body["tasks"]], ["RESTARTING"])
    w.until_states(name, "RUNNING", ["RUNNING"])


def restart_failed_only(w):
    name = w.running("a")
    query = "?includeTasks=true&onlyFailed=true"
    body = w.want(202, "POST", f"/connectors/{name}/restart{query}").json
    equal((body["connector"]["state"], [t["state"] for t in body["tasks"]]), ("RUNNING", ["RUNNING"]))
    name = w.create("b", w.sink(file="/nonexistent/folder/out"))
    w.until_states(name, "RUNNING", ["FAILED"])
    body = w.want(202, "POST", f"/connectors/{name}/restart{query}").json
    equal((body["connector"]["state"], [t["state"] for t in body["tasks"]]), ("RUNNING", ["RESTARTING"]))


def restart_failed_connector_only(w):
    name = w.create("a", w.sink(file="/nonexistent/folder/out"))
    w.until_states(name, "RUNNING", ["FAILED"])
    body = w.want(202, "POST", f"/connectors/{name}/restart?onlyFailed=true").json
    equal((body["connector"]["state"], [t["state"] for t in body["tasks"]]), ("RUNNING", ["FAILED"]))


def restart_unknown(w):
    for tasks in ("true", "false"):
        for failed in ("true", "false"):
            query = f"?includeTasks={tasks}&onlyFailed={failed}"
            w.refused(404, "Unknown connector: none", "POST", f"/connectors/none/restart{query}")


def restart_odd_flag(w):
    name = w.running("a")
    w.want(204, "POST", f"/connectors/{name}/restart?includeTasks=yes")


def restart_task(w):
    name = w.running("a")
    equal(w.want(204, "POST", f"/connectors/{name}/tasks/0/restart").body, b"")
    w.until_states(name, "RUNNING", ["RUNNING"])
    w.refused(404, f"Unknown task: {name}-99", "POST", f"/connectors/{name}/tasks/99/restart")
    w.refused(404, "Unknown connector: none", "POST", "/connectors/none/tasks/0/restart")


def trace_of_failed_task(w):
    import os

    folder = w.file("folder")
    name = w.create("a", w.sink(file=f"{folder}/out"))
    w.until_states(name, "RUNNING", ["FAILED"])
    task = w.status(name)["tasks"][0]
    true(isinstance(task["trace"], str) and task["trace"], f"a trace in {task}")
    os.mkdir(folder)
    w.want(204, "POST", f"/connectors/{name}/tasks/0/restart")
    w.until_states(name, "RUNNING", ["RUNNING"])
    true("trace" not in w.status(name)["tasks"][0], "no trace")


def too_many_tasks(w):
    raise Skipped("no connector of either worker makes more tasks than it was asked for; shown by the daemon's tests")


# ---- topics ----


def topics(w):
    equal(w.want(200, "GET", "/connectors/none/topics").json, {"none": {"topics": []}})
    w.file("in", "one\n")
    name = w.running("a", w.source())
    wanted = {name: {"topics": [w.name("topic")]}}
    w.until("the topic", lambda: w.want(200, "GET", f"/connectors/{name}/topics").json == wanted)


def topics_reset(w):
    w.file("in", "one\n")
    name = w.running("a", w.source())
    path = f"/connectors/{name}/topics"
    w.until("the topic", lambda: w.want(200, "GET", path).json[name]["topics"])
    equal(w.want(202, "PUT", f"{path}/reset").body, b"")
    w.until("no topic", lambda: w.want(200, "GET", path).json == {name: {"topics": []}})
    w.file("in", "two\n")
    w.until("the topic again", lambda: w.want(200, "GET", path).json[name]["topics"])


def topics_disabled(w):
    with worker_with(w, **{"topic.tracking.enable": "false"}) as own:
        own.refused(403, "Topic tracking is disabled.", "GET", "/connectors/x/topics")
        own.refused(403, "Topic tracking is disabled.", "PUT", "/connectors/x/topics/reset")
    with worker_with(w, **{"topic.tracking.allow.reset": "false"}) as own:
        own.refused(403, "Topic tracking reset is disabled.", "PUT", "/connectors/x/topics/reset")
        own.want(200, "GET", "/connectors/x/topics")


# ---- offsets ----


def fill_topic(w, lines=3):
    """A topic with records, made by a source that is gone again."""
    w.file("in", "".join(f"line {i}\n" for i in range(lines)))
    name = w.running("fill", w.source())
    w.until("offsets", lambda: w.offsets(name))
    w.want(204, "DELETE", f"/connectors/{name}")
    return w.name("topic")


def sink_partition(w, partition=0):
    return {"kafka_topic": w.name("topic"), "kafka_partition": partition}


def sink_offsets(w):
    name = w.create("none", initial_state="STOPPED")
    equal(w.want(200, "GET", f"/connectors/{name}/offsets").json, {"offsets": []})
    fill_topic(w)
    name = w.running("a")
    wanted = [{"partition": sink_partition(w), "offset": {"kafka_offset": 3}}]
    w.until("the committed offset", lambda: w.offsets(name) == wanted, 90)


def alter_while_running(w):
    name = w.running("a")
    entry = {"offsets": [{"partition": sink_partition(w), "offset": {"kafka_offset": 0}}]}
    for command in (None, "pause"):
        if command:
            w.want(202, "PUT", f"/connectors/{name}/{command}")
            w.until_states(name, "PAUSED", ["PAUSED"])
        w.refused(400, MUST_STOP % name, "PATCH", f"/connectors/{name}/offsets", entry)
        w.refused(400, MUST_STOP % name, "DELETE", f"/connectors/{name}/offsets")


def alter_nothing(w):
    text = "Partitions / offsets need to be provided for an alter offsets request"
    for body in ({}, {"offsets": []}):
        w.refused(400, text, "PATCH", "/connectors/none/offsets", body)


def alter_unknown(w):
    entry = {"offsets": [{"partition": {"a": "b"}, "offset": None}]}
    w.refused(404, "Connector none not found", "PATCH", "/connectors/none/offsets", entry)


ODD_SINK_OFFSETS = (
    ({"offset": {"kafka_offset": 1}}, "The partition for a sink connector offset cannot be null or missing"),
    (
        {"partition": None, "offset": {"kafka_offset": 1}},
        "The partition for a sink connector offset cannot be null or missing",
    ),
    (
        {"partition": {"kafka_topic": "t"}, "offset": {"kafka_offset": 1}},
        "The partition for a sink connector offset must contain the keys 'kafka_topic' and 'kafka_partition'",
    ),
    (
        {"partition": {"kafka_topic": None, "kafka_partition": 0}, "offset": {"kafka_offset": 1}},
        "Kafka topic names must be valid strings and may not be null",
    ),
    (
        {"partition": {"kafka_topic": "t", "kafka_partition": None}, "offset": {"kafka_offset": 1}},
        "Kafka partitions must be valid numbers and may not be null",
    ),
    (
        {"partition": {"kafka_topic": "t", "kafka_partition": "x"}, "offset": {"kafka_offset": 1}},
        "Failed to parse the following Kafka partition value in the provided offsets: 'x'. "
        "Partition values for sink connectors need to be integers.",
    ),
    (
        {"partition": {"kafka_topic": "t", "kafka_partition": 0}, "offset": {"other": 1}},
        "The offset for a sink connector should either be null or contain the key 'kafka_offset'",
    ),
    (
        {"partition": {"kafka_topic": "t", "kafka_partition": 0}, "offset": {"kafka_offset": " 5 "}},
        "Failed to parse the following Kafka offset value in the provided offsets: ' 5 '. "
        "Offset values for sink connectors need to be integers.",
    ),
    (
        {"partition": {"kafka_topic": "t", "kafka_partition": [1, "a"]}, "offset": {"kafka_offset": 1}},
        "Failed to parse the following Kafka partition value in the provided offsets: '[1, a]'. "
        "Partition values for sink connectors need to be integers.",
    ),
)


def alter_sink_badly(w):
    name = w.stopped("a")
    for entry, text in ODD_SINK_OFFSETS:
        w.refused(400, text, "PATCH", f"/connectors/{name}/offsets", {"offsets": [entry]})


def when_group_is_empty(w, *call):
    """Tasks that have just stopped may still be in the consumer group."""

    def attempt():
        reply = w.call(*call)
        if reply.status == 500 and "zombie sink task" in reply.text:
            return None
        equal(reply.status, 200, reply.text)
        return reply

    return w.until("the group to be empty", attempt)


def alter_sink(w):
    fill_topic(w)
    name = w.running("a")
    w.until("the committed offset", lambda: w.offsets(name), 90)
    w.want(204, "PUT", f"/connectors/{name}/stop")
    w.until_states(name, "STOPPED", [])
    path = f"/connectors/{name}/offsets"
    body = {"offsets": [{"partition": sink_partition(w, "0"), "offset": {"kafka_offset": "2"}}]}
    reply = when_group_is_empty(w, "PATCH", path, body)
    equal(list(reply.json), ["message"])
    equal(w.offsets(name), [{"partition": sink_partition(w), "offset": {"kafka_offset": 2}}])
    when_group_is_empty(w, "PATCH", path, {"offsets": [{"partition": sink_partition(w), "offset": None}]})
    equal(w.offsets(name), [])
    when_group_is_empty(w, "PATCH", path, body)
    with open(w.file("out"), encoding="utf-8") as out:
        before = out.read()
    w.want(202, "PUT", f"/connectors/{name}/resume")

    def delivered():
        with open(w.file("out"), encoding="utf-8") as out:
            return out.read() == before + "line 2\n"

    w.until("the record after the offset", delivered)


def reset_offsets(w):
    fill_topic(w)
    name = w.running("a")
    w.until("the committed offset", lambda: w.offsets(name), 90)
    w.want(204, "PUT", f"/connectors/{name}/stop")
    w.until_states(name, "STOPPED", [])
    when_group_is_empty(w, "DELETE", f"/connectors/{name}/offsets")
    equal(w.want(200, "GET", f"/connectors/{name}/offsets").json, {"offsets": []})
    when_group_is_empty(w, "DELETE", f"/connectors/{name}/offsets")


def alter_source_badly(w):
    name = w.stopped("a", w.source())
    for body in SOURCE_FORMAT_500:
        true(w.want(500, "PATCH", f"/connectors/{name}/offsets", raw=body).message, body)


# ---- plugins and validation ----


def plugins(w):
    found = w.want(200, "GET", "/connector-plugins").json
    types = [plugin["type"] for plugin in found]
    true(set(types) == {"sink", "source"}, f"sinks and sources: {types}")
    equal(types, sorted(types, key=["sink", "source"].index), "order")
    for plugin in found:
        true(list(plugin) in (["class", "type", "version"], ["class", "type"]), f"members of {plugin}")


def all_plugins(w):
    connectors = w.want(200, "GET", "/connector-plugins").json
    found = w.want(200, "GET", "/connector-plugins?connectorsOnly=false").json
    true(all(plugin in found for plugin in connectors), "a superset")
    order = ["sink", "source", "transformation", "predicate", "converter", "header_converter"]
    types = [plugin["type"] for plugin in found]
    true({"converter", "transformation"} <= set(types) <= set(order), f"types: {set(types)}")
    equal(types, sorted(types, key=order.index), "order")


def plugin_config(w):
    for plugin in (w.classes["sink"], "FileStreamSink", "FileStreamSinkConnector"):
        definitions = w.want(200, "GET", f"/connector-plugins/{plugin}/config").json
        names = [definition["name"] for definition in definitions]
        true({"name", "connector.class", "tasks.max", "file"} <= set(names), f"keys: {names}")
        true(names.index("file") < names.index("name"), "own keys first")
    members = "name type required default_value importance documentation group width display_name dependents order"
    equal(list(definitions[0]), members.split(), "members")
    w.refused(404, "Unknown plugin Nothing.", "GET", "/connector-plugins/Nothing/config")


def validate(w, config, plugin="FileStreamSink", status=200):
    return w.want(status, "PUT", f"/connector-plugins/{plugin}/config/validate", config)


def entry_of(report, key):
    found = [entry for entry in report["configs"] if entry["value"]["name"] == key]
    true(len(found) == 1, f"one entry for {key}: {found}")
    return found[0]


def errors_of(report, key):
    return entry_of(report, key)["value"]["errors"]


def validate_valid(w):
    report = validate(w, w.sink(name="x")).json
    equal(list(report), ["name", "error_count", "groups", "configs"], "members")
    equal((report["name"], report["error_count"]), (w.classes["sink"], 0))
    equal(report["groups"][0], "Common")
    equal(list(report["configs"][0]), ["definition", "value"], "members of an entry")
    equal(list(report["configs"][0]["value"]), ["name", "value", "recommended_values", "errors", "visible"])


def validate_nameless(w):
    report = validate(w, w.sink()).json
    equal(report["error_count"], 1)
    equal(errors_of(report, "name"), ['Missing required configuration "name" which has no default value.'])


def validate_class(w):
    path = "/connector-plugins/FileStreamSink/config/validate"
    w.refused(500, "contains no connector type", "PUT", path, {"name": "x"}, how="has")
    config = w.sink(**{"connector.class": "org.example.FileStreamSink"})
    w.refused(500, "Failed to find any class", "PUT", path, config, how="has")
    w.refused(
        400,
        f"Included connector type {w.classes['source']} does not match request type FileStreamSink",
        "PUT",
        path,
        w.source(),
    )


def validate_paths(w):
    for plugin in (w.classes["sink"], "FileStreamSinkConnector", "FileStreamSink"):
        validate(w, w.sink(name="x"), plugin)
    validate(w, w.sink(name="x", **{"connector.class": "FileStreamSink"}), w.classes["sink"], status=400)


def validate_secret(w):
    secret = "s3cr3t-of-mine"
    name = w.name("x")
    config = w.sink(
        name=name,
        **{"transforms": "", "consumer.override.sasl.jaas.config": secret, "consumer.override.ssl.key.password": secret},
    )
    reply = validate(w, config)
    for key in ("consumer.override.ssl.key.password", "consumer.override.sasl.jaas.config"):
        values = [e["value"]["value"] for e in reply.json["configs"] if e["value"]["name"] == key]
        true(all(value == "[hidden]" for value in values), f"{key} is hidden: {values}")
    true(secret not in reply.text, "the secret is nowhere")


COMMON_KEYS = {
    "name": ("STRING", None, "Common", 1, "MEDIUM", "Connector name"),
    "connector.class": ("STRING", None, "Common", 2, "LONG", "Connector class"),
    "tasks.max": ("INT", "1", "Common", 4, "SHORT", "Tasks max"),
    "tasks.max.enforce": ("BOOLEAN", "true", "Common", 5, "SHORT", "Enforce tasks max"),
    "transforms": ("LIST", "", "Transforms", 12, "LONG", "Transforms"),
    "predicates": ("LIST", "", "Predicates", 13, "LONG", "Predicates"),
    "config.action.reload": ("STRING", "restart", "Common", 14, "MEDIUM", "Reload Action"),
    "errors.retry.timeout": ("LONG", "0", "Error Handling", 1, "MEDIUM", "Retry Timeout for Errors"),
    "errors.retry.delay.max.ms": (
        "LONG",
        "60000",
        "Error Handling",
        2,
        "MEDIUM",
        "Maximum Delay Between Retries for Errors",
    ),
    "errors.tolerance": ("STRING", "none", "Error Handling", 3, "SHORT", "Error Tolerance"),
    "errors.log.enable": ("BOOLEAN", "false", "Error Handling", 4, "SHORT", "Log Errors"),
    "errors.log.include.messages": ("BOOLEAN", "false", "Error Handling", 5, "SHORT", "Log Error Details"),
}
SINK_KEYS = {
    "topics": ("LIST", "", "Common", 4, "LONG", "Topics"),
    "topics.regex": ("STRING", "", "Common", 4, "LONG", "Topics regex"),
    "errors.deadletterqueue.topic.name": (
        "STRING",
        "",
        "Error Handling",
        6,
        "MEDIUM",
        "Dead Letter Queue Topic Name",
    ),
    "errors.deadletterqueue.topic.replication.factor": (
        "SHORT",
        "3",
        "Error Handling",
        7,
        "MEDIUM",
        "Dead Letter Queue Topic Replication Factor",
    ),
    "errors.deadletterqueue.context.headers.enable": (
        "BOOLEAN",
        "false",
        "Error Handling",
        8,
        "MEDIUM",
        "Enable Error Context Headers",
    ),
}
SOURCE_KEYS = {
    "topic.creation.groups": ("LIST", "", "Topic Creation", 1, "LONG", "Topic Creation Groups"),
    "exactly.once.support": ("STRING", "requested", "Exactly Once Support", 2, "SHORT", "Exactly once support"),
    "transaction.boundary": ("STRING", "poll", "Exactly Once Support", 3, "SHORT", "Transaction Boundary"),
    "transaction.boundary.interval.ms": (
        "LONG",
        None,
        "Exactly Once Support",
        4,
        "SHORT",
        "Transaction boundary interval",
    ),
    "offsets.storage.topic": ("STRING", None, "offsets.topic", 1, "LONG", "Offsets topic"),
}
VERSION_ORDER = {
    "connector.plugin.version": 3,
    "key.converter": 6,
    "key.converter.plugin.version": 7,
    "value.converter": 8,
    "value.converter.plugin.version": 9,
    "header.converter": 10,
    "header.converter.plugin.version": 11,
}


def check_definitions(report, table):
    for key, wanted in table.items():
        d = entry_of(report, key)["definition"]
        got = (d["type"], d["default_value"], d["group"], d["order"], d["width"], d["display_name"])
        equal(got, wanted, key)


def validate_definitions(w):
    sink = validate(w, w.sink(name="x")).json
    source = validate(w, w.source(name="x"), "FileStreamSource").json
    for report, own in ((sink, SINK_KEYS), (source, SOURCE_KEYS)):
        check_definitions(report, {**COMMON_KEYS, **own})
        for key, order in VERSION_ORDER.items():
            equal(entry_of(report, key)["definition"]["order"], order, key)
    equal(sink["groups"], ["Common", "Transforms", "Predicates", "Error Handling"], "groups")


def validate_transforms(w):
    router = "org.apache.kafka.connect.transforms.RegexRouter"
    config = w.sink(name="x", transforms="a", **{"transforms.a.type": router})
    config.update({"transforms.a.regex": "x", "transforms.a.replacement": "y"})
    report = validate(w, config).json
    equal(report["error_count"], 0)
    kind = entry_of(report, "transforms.a.type")
    true(kind["definition"]["required"], "required")
    equal(kind["definition"]["group"], "Transforms: a")
    true(router in kind["value"]["recommended_values"], "recommended values")
    report = validate(w, {**config, "transforms": "a,a"}).json
    true(any("Duplicate alias provided." in e for e in errors_of(report, "transforms")), "duplicate alias")
    report = validate(w, {**config, "transforms.a.type": "org.example.Nothing"}).json
    equal(report["error_count"], 1)


def validate_topics(w):
    equal(validate(w, w.sink(name="x", **{"topics.regex": "a.*"})).json["error_count"], 2)
    dlq = {"errors.deadletterqueue.topic.name": w.name("topic")}
    equal(validate(w, w.sink(name="x", **dlq)).json["error_count"], 1)


def validate_unknown_keys(w):
    report = validate(w, w.sink(name="x", **{"no.such.key": "1"})).json
    equal(report["error_count"], 0)
    true(all(e["value"]["name"] != "no.such.key" for e in report["configs"]), "not listed")
    report = validate(w, w.sink(name="x", **{"no.such.key": None})).json
    equal(report["error_count"], 1)
    entry = entry_of(report, "no.such.key")
    equal(entry["definition"], None)
    equal(len(entry["value"]["errors"]), 1)


def validate_override_policy(w):
    with worker_with(w, **{"connector.client.config.override.policy": "None"}) as own:
        key = "consumer.override.max.poll.records"
        report = validate(own, own.sink(name="x", **{key: "5"})).json
        errors = [e for entry in report["configs"] if entry["value"]["name"] == key for e in entry["value"]["errors"]]
        text = "The 'None' policy does not allow 'max.poll.records' to be overridden in the connector configuration."
        equal(errors, [text])


# ---- loggers ----


def loggers(w):
    found = w.want(200, "GET", "/admin/loggers").json
    true("root" in found, "root")
    for entry in found.values():
        equal(list(entry), ["level", "last_modified"], "members")
    equal(list(found), sorted(found), "sorted")


def set_level(w):
    parent = f"conformance.p{time.time_ns()}"
    child = parent + ".child"
    path = f"/admin/loggers/{parent}"
    before = int(time.time() * 1000)
    equal(w.want(200, "PUT", f"/admin/loggers/{child}", {"level": "WARN"}).json, [child])
    equal(w.want(200, "PUT", path, {"level": "debug"}).json, [parent, child])
    entry = w.want(200, "GET", path).json
    equal(entry["level"], "DEBUG")
    true(entry["last_modified"] >= before, f"last_modified: {entry}")
    equal(w.want(200, "PUT", path, {"level": "DEBUG"}).json, [])
    equal(w.want(200, "GET", path).json, entry)


def logger_scope(w):
    path = f"/admin/loggers/conformance.s{time.time_ns()}"
    equal(w.want(204, "PUT", path + "?scope=cluster", {"level": "WARN"}).body, b"")
    true(isinstance(w.want(200, "PUT", path + "?scope=weird", {"level": "ERROR"}).json, list), "an array")


def logger_errors(w):
    text = "Desired 'level' parameter was not specified in request."
    w.refused(400, text, "PUT", "/admin/loggers/x.y", {})
    w.refused(404, "invalid log level 'HIGH'.", "PUT", "/admin/loggers/x.y", {"level": "HIGH"})
    w.refused(404, "Logger no.such.logger not found.", "GET", "/admin/loggers/no.such.logger")


def admin_listeners(w):
    with worker_with(w, **{"admin.listeners": ""}) as own:
        own.want(404, "GET", "/admin/loggers")
    port = free_port()
    with worker_with(w, **{"admin.listeners": f"http://127.0.0.1:{port}"}) as own:
        own.want(404, "GET", "/admin/loggers")
        own.want(200, "GET", "/admin/loggers", port=port)
        own.want(404, "GET", "/connectors", port=port)


# ---- the server ----

ORIGIN = {"Origin": "http://bar.com"}
PREFLIGHT = {**ORIGIN, "Access-Control-Request-Method": "PUT"}


def cors(w):
    equal(w.want(200, "GET", "/connectors", headers=ORIGIN).headers["Access-Control-Allow-Origin"], None)
    with worker_with(w, **{"access.control.allow.origin": "*"}) as own:
        headers = own.want(200, "GET", "/connectors", headers=ORIGIN).headers
        equal(headers["Access-Control-Allow-Origin"], "http://bar.com")
        equal(headers["Vary"], "Origin")
        equal(headers["Access-Control-Allow-Credentials"], None)
    with worker_with(w, **{"access.control.allow.origin": "http://foo.com"}) as own:
        equal(own.want(200, "GET", "/connectors", headers=ORIGIN).headers["Access-Control-Allow-Origin"], None)


def preflight(w):
    settings = {"access.control.allow.origin": "http://bar.com", "access.control.allow.methods": "PUT"}
    with worker_with(w, **settings) as own:
        for method in ("PUT", "DELETE"):
            asked = {**PREFLIGHT, "Access-Control-Request-Method": method}
            headers = own.want(200, "OPTIONS", "/connectors", headers=asked).headers
            equal(headers["Access-Control-Allow-Methods"], "PUT")
            equal(headers["Access-Control-Allow-Headers"], "Content-Type")
            equal(headers["Access-Control-Max-Age"], "60")
        headers = own.want(200, "OPTIONS", "/connectors", headers={**PREFLIGHT, "Origin": "http://x.com"}).headers
        equal((headers["Access-Control-Allow-Origin"], headers["Vary"]), (None, "Origin"))


def response_headers(w):
    rules = 'add X-XSS-Protection: 1; mode=block, "add Cache-Control: no-cache, no-store, must-revalidate"'
    with worker_with(w, **{"response.http.headers.config": rules}) as own:
        for path, status in (("/", 200), ("/nope", 404)):
            headers = own.want(status, "GET", path).headers
            equal(headers["X-XSS-Protection"], "1; mode=block")
            equal(headers["Cache-Control"], "no-cache, no-store, must-revalidate")


EXTENSION = "org.apache.kafka.connect.rest.basic.auth.extension.BasicAuthSecurityRestExtension"
LOGIN_MODULE = "org.apache.kafka.connect.rest.basic.auth.extension.PropertyFileLoginModule"


def basic_auth(w):
    import base64

    users = w.file("users", "ann=secret\n")
    jaas = w.file("jaas", f'KafkaConnect {{ {LOGIN_MODULE} required file="{users}"; }};\n')
    if w.launch is None:
        raise Skipped("needs --launch: a worker with settings of its own")
    with w.launch({"rest.extension.classes": EXTENSION}, jaas=jaas) as own:
        for credentials in (None, "ann:wrong", "bob:secret"):
            headers = {}
            if credentials:
                headers["Authorization"] = "Basic " + base64.b64encode(credentials.encode()).decode()
            equal(own.want(401, "GET", "/", headers=headers).text, "User cannot access the resource.")
        right = {"Authorization": "Basic " + base64.b64encode(b"ann:secret").decode()}
        own.want(200, "GET", "/", headers=right)
        reply = own.call("POST", "/connectors/x/tasks", [])
        true(reply.status != 401, f"not 401: {reply}")


def request_log(w):
    if w.launch is None:
        raise Skipped("needs --launch: a worker whose log can be read")
    with w.launch({}) as own:
        own.want(200, "GET", "/")
        own.until("the line", lambda: '"GET / HTTP/1.1" 200' in own.log())


def survives_restart(w):
    with worker_with(w) as own:
        name = own.name("durable")
        own.want(201, "POST", "/connectors", {"name": name, "config": own.sink(), "initial_state": "STOPPED"})
        own.until_states(name, "STOPPED", [])
        own.want(200, "PUT", "/admin/loggers/root", {"level": "WARN"})
        own.restart()
        own.until("the connector", lambda: own.call("GET", f"/connectors/{name}").status == 200)
        equal(own.config(name), {**own.sink(), "name": name})
        own.until_states(name, "STOPPED", [])
        equal(own.want(200, "GET", "/admin/loggers/root").json["level"], "INFO")
        own.want(204, "DELETE", f"/connectors/{name}")


CASES = (
    (1, "the root names version, commit and cluster", root),
    (2, "a ready worker is healthy", healthy),
    (3, "a worker that starts says so", starting),
    (4, "a worker that is stuck says so", unhealthy),
    (5, "an unknown path is a 404", unrouted),
    (6, "a wrong method is a 405", wrong_method),
    (7, "commands cannot be got", no_get_on_commands),
    (8, "HEAD works where GET does", head),
    (9, "OPTIONS lists the methods", options),
    (10, "OPTIONS of an unknown path is a 404", options_unrouted),
    (11, "a trailing slash means the same", trailing_slash),
    (12, "an empty segment is refused", empty_segment),
    (13, "who wants no JSON gets a 406", accept_html),
    (14, "a body that is no JSON is a 415", post_text),
    (15, "a body without a type is a 415", post_untyped),
    (16, "a type without a body is fine", typed_empty_body),
    (17, "the list has all names", list_names),
    (18, "expand=status", expand_status),
    (19, "expand=info", expand_info),
    (20, "both expansions", expand_both),
    (21, "unknown expansions leave empty objects", expand_unknown),
    (22, "an expanded list is an object", expand_none),
    (23, "create", create),
    (24, "create again is a 409", create_again),
    (25, "create trims the name", create_trims),
    (26, "two names must agree", create_other_name),
    (27, "a name in the configuration only", create_inner_name_only),
    (28, "no name at all", create_nameless),
    (29, "control characters in a name", create_control_name),
    (30, "a slash in a name", create_slash_name),
    (31, "unicode in a name", create_unicode_name),
    (32, "no class", create_classless),
    (33, "an unknown class", unknown_class),
    (34, "tasks.max 0", tasks_max_zero),
    (35, "tasks.max abc: two errors", tasks_max_word),
    (36, "a sink without topics", sink_without_topics),
    (37, "numbers and booleans become texts", scalars_become_texts),
    (38, "an object as a value is a 500", nested_value),
    (39, "null for an unknown key", null_value),
    (40, "malformed JSON is a 500 with its position", malformed),
    (41, "an unknown member is a 500", extra_field),
    (42, "no body", empty_body),
    (43, "created stopped", create_stopped),
    (44, "created paused", create_paused),
    (45, "an unknown initial state", create_bogus_state),
    (46, "invalid goes before already existing", invalid_before_exists),
    (47, "forward is accepted", forward_accepted),
    (48, "a configuration is what was submitted", read),
    (49, "values come back verbatim", read_verbatim),
    (50, "unknown connectors", read_unknown),
    (51, "tasks have their class", read_tasks),
    (52, "no status of an unknown connector", unknown_status),
    (53, "no status of an unknown task", unknown_task_status),
    (54, "a task that is no number", task_that_is_no_number),
    (55, "the members of a status", status_members),
    (56, "PUT creates, then replaces", put),
    (57, "PUT and names", put_other_name),
    (58, "PUT drops keys", put_replaces),
    (59, "PUT keeps the target state", put_keeps_target),
    (60, "PUT changes the number of tasks", put_task_count),
    (61, "PATCH sets, adds, removes", patch),
    (62, "PATCH of nothing", patch_edges),
    (63, "an invalid PATCH changes nothing", patch_invalid),
    (64, "DELETE", delete),
    (65, "a new connector of an old name continues", recreate_continues),
    (66, "pause", pause),
    (67, "resume", resume),
    (68, "stop", stop),
    (69, "stopped, paused, resumed", stop_pause_resume),
    (70, "commands for an unknown connector", unknown_lifecycle),
    (71, "failed, stopped, mended, resumed", failed_then_fixed),
    (72, "restart of the connector alone", restart_plain),
    (73, "restart of everything", restart_all),
    (74, "restart of what failed", restart_failed_only),
    (75, "restart of a failed connector only", restart_failed_connector_only),
    (76, "restart of an unknown connector", restart_unknown),
    (77, "a flag that is not true is false", restart_odd_flag),
    (78, "restart of a task", restart_task),
    (79, "a failed task has a trace, a mended one none", trace_of_failed_task),
    (80, "more tasks than tasks.max", too_many_tasks),
    (81, "active topics", topics),
    (82, "active topics are reset", topics_reset),
    (83, "topic tracking may be disabled", topics_disabled),
    (84, "offsets of a sink", sink_offsets),
    (85, "offsets change only when stopped", alter_while_running),
    (86, "an alter request needs offsets", alter_nothing),
    (87, "offsets of an unknown connector", alter_unknown),
    (88, "what is wrong with a sink's offsets", alter_sink_badly),
    (89, "a sink's offsets are altered", alter_sink),
    (90, "a sink's offsets are reset", reset_offsets),
    (91, "offsets of the wrong shape", alter_source_badly),
    (92, "plugins: connectors", plugins),
    (93, "plugins: all", all_plugins),
    (94, "definitions of a plugin", plugin_config),
    (95, "a valid configuration", validate_valid),
    (96, "a configuration without a name", validate_nameless),
    (97, "validate and the class", validate_class),
    (98, "validate and the path", validate_paths),
    (99, "secrets stay hidden", validate_secret),
    (100, "the common definitions", validate_definitions),
    (101, "transforms are inlined", validate_transforms),
    (102, "topics against each other", validate_topics),
    (103, "unknown keys", validate_unknown_keys),
    (104, "the override policy", validate_override_policy),
    (105, "loggers", loggers),
    (106, "a level holds for children", set_level),
    (107, "the scope of a level", logger_scope),
    (108, "wrong levels and loggers", logger_errors),
    (109, "admin.listeners", admin_listeners),
    (110, "CORS", cors),
    (111, "CORS preflight", preflight),
    (112, "response.http.headers.config", response_headers),
    (113, "basic authentication", basic_auth),
    (114, "the request log", request_log),
    (115, "what survives a restart", survives_restart),
)
