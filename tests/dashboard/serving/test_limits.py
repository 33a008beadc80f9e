"""Few large things at a time, and threads for everybody else."""

import threading
from typing import Any

import pytest
from werkzeug.test import Client

from dashboard.serving.limits import LARGE, Gate, few_large_at_a_time
from data.errors import GenrescopeError


def test_some_run_some_wait_others_hear_it_at_once() -> None:
    gate, inside, go = Gate(running=1, waiting=1), threading.Semaphore(0), threading.Event()
    done = []

    def enter(name: str) -> None:
        with gate.entered():
            inside.release()
            go.wait(30)
            done.append(name)

    threads = [threading.Thread(target=enter, args=[name]) for name in ("first", "second")]
    threads[0].start()
    inside.acquire()
    threads[1].start()
    while gate._places._value:
        go.wait(0.001)
    with pytest.raises(GenrescopeError, match="try again"), gate.entered():
        pass
    go.set()
    for thread in threads:
        thread.join()
    assert done == ["first", "second"]
    with gate.entered():
        pass


def test_large_requests_beyond_the_gate_are_told_to_come_again() -> None:
    inside, go = threading.Semaphore(0), threading.Event()

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        if environ["REQUEST_METHOD"] == "POST":
            inside.release()
            go.wait(30)
        start_response("200 OK", [])
        return [b"done"]

    client, answers = Client(few_large_at_a_time(application)), []
    large = bytes(LARGE)
    threads = [threading.Thread(target=lambda: answers.append(client.post("/", data=large))) for _ in range(6)]
    for thread in threads:
        thread.start()
    while len(answers) < 2:  # two are inside, two wait, two were turned away
        go.wait(0.001)
    assert client.get("/").status_code == 200
    go.set()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200] * 4 + [503] * 2
