"""A bucket in memory, for tests: the part of Google Cloud Storage's JSON API that Orbax needs.

Writes and deletions may have the condition that an object is still of a generation, which is how
several writers keep a checkpoint whole. The emulators
that a test could start have no such conditions.

Source: cloud.google.com/storage/docs/json_api/v1
"""

import itertools
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple
from urllib.parse import parse_qs, unquote

import uvicorn

Headers = dict[str, str]


class Object(NamedTuple):
    content: bytes
    generation: int


class Answer(NamedTuple):
    status: int
    content: bytes = b""
    headers: Headers = {}  # noqa: RUF012  (never changed)


class Bucket:
    """Answers the requests of clients, as an ASGI application."""

    def __init__(self) -> None:
        self.objects: dict[str, Object] = {}
        self._generations = itertools.count(1)
        self._begun: dict[str, dict[str, str]] = {}  # resumable uploads: their arguments

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """One request."""
        body = b""
        while (message := await receive()).get("more_body"):
            body += message["body"]
        body += message.get("body", b"")
        status, content, headers = self.answer(
            scope["method"],
            scope["raw_path"].decode(),
            {k: v[0] for k, v in parse_qs(scope["query_string"].decode()).items()},
            {k.decode(): v.decode() for k, v in scope["headers"]},
            body,
        )
        headers = {"content-length": str(len(content)), **headers}
        pairs = [(k.encode(), v.encode()) for k, v in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": pairs})
        await send({"type": "http.response.body", "body": content})

    def answer(
        self, method: str, path: str, arguments: Headers, headers: Headers, body: bytes
    ) -> Answer:
        """The answer to a request."""
        parts = path.removeprefix("/download").strip("/").split("/")
        if parts[0] == "upload":
            return self._upload(parts[4], arguments, headers, body)
        name = unquote(parts[5]) if len(parts) > 5 else None
        if len(parts) == 4:
            return _json({"name": parts[3], "location": "US", "locationType": "region"})
        if name is None:
            return self._list(arguments)
        return self._of_object(method, name, arguments, headers)

    def _of_object(self, method: str, name: str, arguments: Headers, headers: Headers) -> Answer:
        found = self.objects.get(name)
        if (refusal := self._refusal(found, arguments)) is not None:
            return refusal
        if found is None:
            return _json({"error": {"code": 404, "message": f"no object {name}"}}, 404)
        if method == "DELETE":
            del self.objects[name]
            return Answer(204)
        if arguments.get("alt") != "media":
            return _json(_resource(name, found))
        tags = {"x-goog-generation": str(found.generation)}
        if "range" not in headers:
            return Answer(200, found.content, tags)
        first, _, last = headers["range"].removeprefix("bytes=").partition("-")
        size = len(found.content)
        start = int(first) if first else size - int(last)
        end = min(int(last), size - 1) if first and last else size - 1
        if start >= size:
            return Answer(416, b"", tags)
        tags["content-range"] = f"bytes {start}-{end}/{size}"
        return Answer(206, found.content[start : end + 1], tags)

    def _upload(self, bucket: str, arguments: Headers, headers: Headers, body: bytes) -> Answer:
        if "upload_id" in arguments:
            arguments = self._begun[arguments["upload_id"]]
        elif arguments["uploadType"] == "resumable":
            number = str(len(self._begun))
            self._begun[number] = arguments
            place = f"http://{headers['host']}/upload/storage/v1/b/{bucket}/o?upload_id={number}"
            return Answer(200, b"", {"location": place})
        name = arguments.get("name", "")
        if (refusal := self._refusal(self.objects.get(name), arguments)) is not None:
            return refusal
        return _json(self._write(name, body))

    def _write(self, name: str, content: bytes) -> dict[str, Any]:
        self.objects[name] = Object(content, next(self._generations))
        return _resource(name, self.objects[name])

    def _refusal(self, found: Object | None, arguments: Headers) -> Answer | None:
        """The answer if the object is not of the generation that the request is for."""
        generation = found.generation if found else 0
        wanted, unwanted = (arguments.get(f"ifGeneration{s}Match") for s in ("", "Not"))
        if wanted is not None and int(wanted) != generation:
            return Answer(412)
        if unwanted is not None and int(unwanted) == generation:
            return Answer(304)
        return None

    def _list(self, arguments: Headers) -> Answer:
        prefix, delimiter = arguments.get("prefix", ""), arguments.get("delimiter")
        start, end = arguments.get("startOffset", ""), arguments.get("endOffset")
        items, prefixes = [], set()
        for name, found in sorted(self.objects.items()):
            if not name.startswith(prefix) or name < start or (end is not None and name >= end):
                continue
            rest = name.removeprefix(prefix)
            if delimiter and delimiter in rest:
                prefixes.add(prefix + rest.split(delimiter)[0] + delimiter)
            else:
                items.append(_resource(name, found))
        return _json({"kind": "storage#objects", "items": items, "prefixes": sorted(prefixes)})


def _resource(name: str, found: Object) -> dict[str, Any]:
    return {
        "kind": "storage#object",
        "name": name,
        "bucket": "bucket",
        "size": str(len(found.content)),
        "generation": str(found.generation),
        "metageneration": "1",
        "updated": "2026-01-01T00:00:00.000Z",
        "timeCreated": "2026-01-01T00:00:00.000Z",
    }


def _json(document: Any, status: int = 200) -> Answer:
    return Answer(status, json.dumps(document).encode(), {"content-type": "application/json"})


@contextmanager
def served(bucket: Bucket) -> Iterator[str]:
    """The address of a server of the bucket, in a thread."""
    config = uvicorn.Config(bucket, port=0, log_level="warning", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.01)
        _, port = server.servers[0].sockets[0].getsockname()
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join()


def environment(address: str) -> dict[str, str]:
    """What leads Google's clients to the server of a bucket."""
    return {
        "STORAGE_EMULATOR_HOST": address,
        "TENSORSTORE_GCS_HTTP_URL": address,
        "GOOGLE_AUTH_TOKEN_FOR_TESTING": "any",
        "GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT": "false",  # would ask Google which kind it is
    }
