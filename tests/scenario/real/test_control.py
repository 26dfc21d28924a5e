"""The control plane under many hands: whatever is asked for at once, what remains is consistent."""
import concurrent.futures
import random

from rig.wait import until


def counter(name, topic, **extra):
    return {"name": name, "connector.class": "connectd.counter.CounterSourceConnector", "topic": topic, "counter.limit": "10", **extra}


def consistent(worker):
    """Every connector that is there runs with its task; every view of it agrees."""
    names = set(worker.get("/connectors").json())
    expanded = worker.get("/connectors?expand=status&expand=info").json()
    if set(expanded) != names:
        return False
    for name, view in expanded.items():
        tasks = view["status"]["tasks"]
        if view["status"]["connector"]["state"] != "RUNNING" or [t["state"] for t in tasks] != ["RUNNING"]:
            return False
        if view["info"]["tasks"] != [{"connector": name, "task": 0}] or view["info"]["config"]["name"] != name:
            return False
    return True


def test_a_hundred_clients_at_once_end_in_a_consistent_state(kafka, topics, workers, folder):
    topic = topics.create(f"busy-{folder.name}")
    worker = workers(kafka.bootstrap, "distributed").start()
    allowed = {
        "create": {201, 409}, "put": {200, 201}, "delete": {204, 404}, "pause": {202, 404}, "resume": {202, 404},
        "restart": {202, 204, 404}, "get": {200, 404},
    }

    def client(number):
        chance = random.Random(number)
        for _ in range(10):
            name = f"c{chance.randrange(20)}"
            what = chance.choice(list(allowed))
            answer = {
                "create": lambda: worker.post("/connectors", json={"name": name, "config": counter(name, topic)}),
                "put": lambda: worker.put(f"/connectors/{name}/config", json=counter(name, topic, mark=str(number))),
                "delete": lambda: worker.delete(f"/connectors/{name}"),
                "pause": lambda: worker.put(f"/connectors/{name}/pause"),
                "resume": lambda: worker.put(f"/connectors/{name}/resume"),
                "restart": lambda: worker.post(f"/connectors/{name}/restart?includeTasks=true&onlyFailed=false"),
                "get": lambda: worker.get(f"/connectors/{name}"),
            }[what]()
            assert answer.status_code in allowed[what], f"{what} {name}: {answer.status_code} {answer.text}"

    with concurrent.futures.ThreadPoolExecutor(100) as pool:
        for done in [pool.submit(client, number) for number in range(100)]:
            done.result()
    for name in worker.get("/connectors").json():
        assert worker.put(f"/connectors/{name}/resume").status_code == 202
    until(lambda: consistent(worker), "everything that is left runs, and all views agree", 60)
    before = worker.get("/connectors?expand=info").json()
    worker.stop()
    worker.start()
    until(lambda: consistent(worker), "the same after a restart", 60)
    assert worker.get("/connectors?expand=info").json() == before
    worker.stop()


def test_a_worker_killed_at_any_moment_comes_back_with_before_or_after(kafka, topics, workers, folder):
    topic = topics.create(f"killed-{folder.name}")
    worker = workers(kafka.bootstrap, "distributed").start()
    chance = random.Random(4)
    config = counter("one", topic, generation="0")
    worker.create(config)
    for generation in range(1, 16):
        following = {**config, "generation": str(generation)}
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            asked = pool.submit(lambda: worker.put("/connectors/one/config", json=following))
            until(lambda: asked.running() or asked.done(), "the request is on its way", pause=0)
            until(lambda: chance.random() < 0.02, "a random moment", pause=0)
            worker.kill()
            try:
                answered = asked.result(30).status_code == 200
            except Exception:  # the connection went with the worker
                answered = False
        worker.start()
        until(lambda: consistent(worker), f"generation {generation} consistent", 30)
        now = worker.get("/connectors/one/config").json()
        assert now in (config, following), f"neither before nor after: {now}"
        assert now == following or not answered, "what was answered is lost"
        assert worker.get("/connectors/one/tasks").json()[0]["config"]["generation"] == now["generation"]
        config = now
    worker.stop()
