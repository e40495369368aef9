"""The part of Prefect's API that one flow run needs: a flow, its run, their states, and the events of its tasks.

Prefect's own server takes more processor time to start than a page takes to read, for services that a run never asks.
So a run whose database is there already has this instead: what Prefect's client asks is answered as the server would
answer it, and written where the server would write it. Every state that is proposed is accepted: a flow of ours is
neither paused, scheduled nor limited, and the retries of its tasks are the client's own affair.
"""

from __future__ import annotations

import base64
import hmac
import importlib
import json
import logging
import uuid
from collections.abc import Awaitable, Callable, MutableMapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

from flows.engine.run_records import RunRecords, later_than, now, seconds_between

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]

OK, CREATED, UNAUTHORISED, NOT_FOUND, UNPROCESSABLE = 200, 201, 401, 404, 422
POLICY_VIOLATION = 1008
"""The code with which a WebSocket is closed that did not say the password."""
FINAL = frozenset({"COMPLETED", "FAILED", "CRASHED", "CANCELLED"})
TASK_RUN = "prefect.task-run."
"""What the names of events begin with that say that a task run entered a state."""
RUN_COLUMNS = ("flow_version", "parameters", "context", "parent_task_run_id", "empirical_policy", "tags")
"""What a flow run is created with and what is kept as it is."""
STATE_DETAILS: dict[str, Any] = {
    **{"flow_run_id": None, "task_run_id": None, "child_flow_run_id": None, "scheduled_time": None},
    **{"cache_key": None, "cache_expiration": None, "refresh_cache": None, "untrackable_result": False},
    **{"deferred": False, "pause_timeout": None, "pause_reschedule": False, "pause_key": None},
    **{"run_input_keyset": None, "retriable": None, "transition_id": None, "task_parameters_id": None},
    **{"traceparent": None, "deployment_concurrency_lease_id": None},
}
"""What Prefect's server adds to the details of a state that are left out."""

logger = logging.getLogger(__name__)


class Answer(NamedTuple):
    """An HTTP status, and what is said as JSON."""

    status: int
    body: Any


class FlowApi:
    """An ASGI application that answers the clients of one process, all of them in one thread."""

    def __init__(self, database: Path, password: str) -> None:
        self._records = RunRecords(database)
        self._password = password
        self._flows: dict[str, Any] = {}
        self._runs: dict[str, dict[str, Any]] = {}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or hear one client's events to their end."""
        if scope["type"] == "websocket":
            await self._hear_events(receive, send)
        elif scope["type"] == "http":
            body = await _body(receive)
            answer = self._answer(scope, body) if self._is_known(scope) else Answer(UNAUTHORISED, {})
            await _reply(answer, send)
        elif scope["type"] == "lifespan":
            await self._live(receive, send)

    def _is_known(self, scope: Message) -> bool:
        expected = b"Basic " + base64.b64encode(self._password.encode())
        return hmac.compare_digest(dict(scope["headers"]).get(b"authorization", b""), expected)

    def _answer(self, scope: Message, body: bytes) -> Answer:
        """What Prefect's server would say; "not found" to all that a flow run does not ask."""
        asked = scope["method"], *scope["path"].removeprefix("/api/").strip("/").split("/")
        answer: Answer | None = None
        match asked:
            case "GET", *what:
                answer = self._look_up(what)
            case "POST", "flows":
                answer = self._begin_flow(json.loads(body)["name"])
            case "POST", "flow_runs":
                answer = self._begin_run(json.loads(body))
            case "POST", "flow_runs", run_id, "set_state" if run_id in self._runs:
                answer = self._accept(run_id, json.loads(body)["state"])
        if answer is None:
            logger.debug("the flow engine was asked what it does not know: %s", " ".join(asked))
            return Answer(NOT_FOUND, {"detail": "not in the part of the API that a run needs"})
        return answer

    def _look_up(self, what: list[str]) -> Answer | None:
        match what:
            case ["admin", "version"]:
                return Answer(OK, version("prefect"))
            case ["admin", "storage"]:
                return Answer(OK, {"default_result_storage_block_id": None})
            case ["csrf-token"]:
                return Answer(UNPROCESSABLE, {"detail": "CSRF protection is disabled."})
            case ["flows", flow_id] if flow_id in self._flows:
                return Answer(OK, self._flows[flow_id])
            case ["flow_runs", run_id] if run_id in self._runs:
                return Answer(OK, self._runs[run_id])
        return None

    def _begin_flow(self, name: str) -> Answer:
        flow = dict(self._records.flow(name))
        self._flows[flow["id"]] = flow
        return Answer(CREATED, flow)

    def _begin_run(self, wanted: dict[str, Any]) -> Answer:
        """A flow run as it is created, with its first state."""
        names = importlib.import_module("prefect.utilities.names")
        created = now()
        run = {name: wanted[name] for name in RUN_COLUMNS if name in wanted} | {
            "id": str(uuid.uuid4()),
            "created": created,
            "updated": created,
            "name": wanted.get("name") or names.generate_slug(2),
            "flow_id": wanted["flow_id"],
            "labels": {"prefect.flow.id": wanted["flow_id"]},
            "run_count": 0,
            "total_run_time": 0.0,
            "expected_start_time": created,
        }
        self._runs[run["id"]] = run
        self._records.flow_run(run)
        if wanted.get("state"):
            self._enter(run, wanted["state"])
        return Answer(CREATED, run)

    def _accept(self, run_id: str, proposed: dict[str, Any]) -> Answer:
        state = self._enter(self._runs[run_id], proposed)
        return Answer(CREATED, {"state": state, "status": "ACCEPT", "details": {"type": "accept_details"}})

    def _enter(self, run: dict[str, Any], proposed: dict[str, Any]) -> dict[str, Any]:
        """Have a flow run in a state, with what follows from that for its times and counts."""
        before = run.get("state")
        timestamp = later_than(before and before["timestamp"], now())
        details = STATE_DETAILS | (proposed.get("state_details") or {}) | {"flow_run_id": run["id"]}
        state = {
            "id": str(uuid.uuid4()),
            "type": proposed["type"],
            "timestamp": timestamp,
            "name": proposed.get("name") or proposed["type"].capitalize(),
            "message": proposed.get("message"),
            "state_details": details,
            "data": proposed.get("data"),
        }
        if before and before["type"] == "RUNNING":
            run["total_run_time"] += seconds_between(before["timestamp"], timestamp)
        if state["type"] == "RUNNING":
            run["run_count"] += 1
        if state["type"] == "RUNNING" or state["type"] in FINAL:
            run.setdefault("start_time", timestamp)
        run["end_time"] = timestamp if state["type"] in FINAL else None
        run |= _summary(state) | {"updated": timestamp}
        self._records.flow_run_state(state | {"flow_run_id": run["id"]})
        self._records.flow_run({name: value for name, value in run.items() if name != "state"})
        run["state"] = state
        return state

    async def _hear_events(self, receive: Receive, send: Send) -> None:
        """Record what a client says of task runs, after it has said the password, until it goes."""
        is_known = False
        while (message := await receive())["type"] != "websocket.disconnect":
            if message["type"] == "websocket.connect":
                await send({"type": "websocket.accept", "subprotocol": "prefect"})
                continue
            said = json.loads(message.get("text") or message.get("bytes") or "{}")
            if is_known:
                self._record_event(said)
            elif said.get("type") == "auth" and hmac.compare_digest(said["token"], self._password):
                is_known = True
                await send({"type": "websocket.send", "text": json.dumps({"type": "auth_success"})})
            else:
                await send({"type": "websocket.close", "code": POLICY_VIOLATION})
                return

    def _record_event(self, event: dict[str, Any]) -> None:
        if not event["event"].startswith(TASK_RUN) or "task_run" not in event.get("payload", {}):
            return
        run_id = event["resource"]["prefect.resource.id"].removeprefix(TASK_RUN)
        flow_run_id = _related(event, "flow-run")
        entered = event["payload"]["validated_state"]
        ids = {"task_run_id": run_id, "flow_run_id": flow_run_id}
        state = entered | {"state_details": STATE_DETAILS | entered["state_details"] | ids}
        state |= {"id": event["id"], "timestamp": event["occurred"], "task_run_id": run_id}
        run = event["payload"]["task_run"] | {"id": run_id, "flow_run_id": flow_run_id} | _summary(state)
        self._records.task_run(run | {"created": event["occurred"], "updated": now()}, state)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Say that it has started and ended, as the server in which it runs asks."""
        while (asked := (await receive())["type"]) != "lifespan.shutdown":
            await send({"type": f"{asked}.complete"})
        self._records.close()
        await send({"type": "lifespan.shutdown.complete"})


def _summary(state: dict[str, Any]) -> dict[str, Any]:
    """What the row of a run repeats of its state."""
    kinds = {"state_id": "id", "state_type": "type", "state_name": "name", "state_timestamp": "timestamp"}
    return {column: state[name] for column, name in kinds.items()}


def _related(event: dict[str, Any], role: str) -> str | None:
    """The id of what is related to an event in a role."""
    for resource in event["related"]:
        if resource["prefect.resource.role"] == role:
            return str(resource["prefect.resource.id"]).rpartition(".")[2]
    return None


async def _body(receive: Receive) -> bytes:
    body, is_more = b"", True
    while is_more:
        message = await receive()
        body += message.get("body", b"")
        is_more = message.get("more_body", False)
    return body


async def _reply(answer: Answer, send: Send) -> None:
    body = json.dumps(answer.body).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
