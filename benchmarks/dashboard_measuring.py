"""Servers as processes, timed from outside: start, requests, a browser, many clients at once."""

import contextlib
import http.client
import math
import shutil
import socket
import statistics
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import psutil

_STARTED = 120.0  # seconds that a server may take to answer


@dataclass(frozen=True)
class Answer:
    """One answer.

    Attributes:
        status: of HTTP.
        size: bytes of the body on the wire.
        wall: seconds until the last byte.
        processor: seconds of the server's processor time.
    """

    status: int
    size: int
    wall: float
    processor: float


class Server:
    """A server that was started for this."""

    def __init__(self, process: subprocess.Popen[bytes], port: int) -> None:
        self.port = port
        self._process = psutil.Process(process.pid)

    def processor(self) -> float:
        """Seconds of processor time so far."""
        times = self._process.cpu_times()
        return float(times.user + times.system)

    def megabytes(self) -> float:
        """Resident memory."""
        return float(self._process.memory_info().rss) / 1e6

    def get(self, path: str) -> Answer:
        """One request of a client that takes gzip."""
        before, begin = self.processor(), time.perf_counter()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_STARTED)
        try:
            connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            size = len(answer.read())
        finally:
            connection.close()
        wall = time.perf_counter() - begin
        return Answer(answer.status, size, wall, self.processor() - before)

    def median(self, path: str, count: int) -> Answer:
        """Medians over so many requests."""
        answers = [self.get(path) for _ in range(count)]
        middle = statistics.median
        return Answer(
            answers[0].status,
            answers[0].size,
            middle(answer.wall for answer in answers),
            middle(answer.processor for answer in answers),
        )


@dataclass(frozen=True)
class Start:
    """Seconds from the start of a process to its first answer with status 200."""

    wall: float
    processor: float


@contextlib.contextmanager
def started(command: Sequence[str], first: str) -> Iterator[tuple[Server, Start]]:
    """A server that has answered `first`; `{port}` in the command becomes a free port."""
    port = free_port()
    begin = time.perf_counter()
    process = subprocess.Popen(
        [part.format(port=port) for part in command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        server = Server(process, port)
        while not _answers(server, first):
            if time.perf_counter() - begin > _STARTED or process.poll() is not None:
                raise RuntimeError(f"{command[0]} does not answer")
            time.sleep(0.005)
        yield server, Start(time.perf_counter() - begin, server.processor())
    finally:
        process.terminate()
        process.wait()


def _answers(server: Server, path: str) -> bool:
    try:
        return server.get(path).status == 200
    except OSError:
        return False


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def drawn_in(url: str, selector: str) -> float:
    """Seconds until headless Chromium has painted a page with a mark; infinite after a minute."""
    from playwright.sync_api import TimeoutError as NotDrawn
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        begin = time.perf_counter()
        page.goto(url, wait_until="commit")
        try:
            page.wait_for_selector(selector, state="attached", timeout=60_000)
            page.evaluate("new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
            seconds = time.perf_counter() - begin
        except NotDrawn:
            seconds = math.inf
        browser.close()
    return seconds


def under_load(
    server: Server, paths: Sequence[str], *, clients: int, rate: float, seconds: float
) -> list[float]:
    """Seconds that requests took from when they were due, sent at a steady rate by clients."""
    waited: list[float] = []
    begin = time.perf_counter()

    def ask(client: int) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=_STARTED)
        for number in range(client, int(rate * seconds), clients):
            due = begin + number / rate
            time.sleep(max(0.0, due - time.perf_counter()))
            path = paths[number % len(paths)]
            connection.request("GET", path, headers={"Accept-Encoding": "gzip"})
            answer = connection.getresponse()
            answer.read()
            if answer.status != 200:
                raise RuntimeError(f"{path}: {answer.status}")
            waited.append(time.perf_counter() - due)
        connection.close()

    threads = [threading.Thread(target=ask, args=(client,)) for client in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return waited
