"""Doing what is asked of an engine: evaluating quarantined documents again, discarding, releasing.

A request is done at a transaction boundary. Its answer is committed with what it published, so a
request that has an answer is never done again, whatever dies in between; one that was done in parts
and interrupted begins anew, and what it has published does not differ any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from streammesh.deployments.progress import Answer, ProductProgress
from streammesh.deployments.requests import Request
from streammesh.engine.ledger import Ledger
from streammesh.engine.product import Blocking, Cause, ProductRun
from streammesh.engine.publishing import Publisher
from streammesh.engine.rows import Key
from streammesh.engine.shard import PART_DOCUMENTS


class Answering:
    """Does the requests of one source's products."""

    def __init__(self, ledger: Ledger, publisher: Publisher) -> None:
        """Work with what publishes."""
        self._ledger = ledger
        self._publisher = publisher

    def answer(self, requests: Sequence[Request]) -> None:
        """Do what was not done yet; forget the answers to requests that are gone.

        Args:
            requests: those that stand, in the order of their writing.
        """
        progress = self._ledger.progress
        if progress is None or not (requests or progress.answers):
            return
        if progress.inputs and self._ledger.input.parts is not None:
            return  # within a transaction that goes in parts
        standing = {one.id for one in requests}
        if progress.answers.keys() - standing:
            answers = {k: v for k, v in progress.answers.items() if k in standing}
            # carried to Kafka by the next commit; until then it does no harm there
            self._ledger.progress = replace(progress, answers=answers)
        for one in requests:
            if one.id not in self._ledger.truth.answers:
                self._do(one)

    def _do(self, request: Request) -> None:
        run = self._publisher.shard.products.get(request.topic)
        entry = self._ledger.truth.deployments.get(request.topic)
        if run is None or entry is None or entry.status == "publishing":
            return  # it is asked again when the product runs
        refused = _refusal(request, run, entry)
        if refused:
            self._acknowledge(request, self._answer(refused=refused))
        elif request.action == "discard":
            self._discard(request, run)
        elif entry.status == "blocked":
            self._release(request, run, entry)
        else:
            self._replay(request, run)

    def _answer(self, refused: str = "") -> Answer:
        return Answer(self._ledger.input.position, refused=refused)

    def _with(self, request: Request, answer: Answer) -> Mapping[str, Answer]:
        return {**self._ledger.truth.answers, request.id: answer}

    def _acknowledge(self, request: Request, answer: Answer) -> None:
        state = self._publisher.state
        state.begin()
        progress = replace(self._ledger.truth, answers=self._with(request, answer))
        self._ledger.commit(state, [], progress)

    def _discard(self, request: Request, run: ProductRun) -> None:
        state, source = self._publisher.state, self._ledger.input
        state.begin()
        events = run.discard(request, Cause(source.position, source.time_ms, part=1, parts=1))
        answers = self._with(request, replace(self._answer(), discarded=len(events)))
        self._ledger.commit(state, events, replace(self._ledger.truth, answers=answers))

    def _release(self, request: Request, run: ProductRun, entry: ProductProgress) -> None:
        """Let a blocked product be published again: all its documents at the present position."""
        skipped = 0 if entry.block is None else entry.block.skipped
        publisher, progress = self._publisher, self._ledger.truth
        released = publisher.released(run.deployment)
        answers = self._with(request, replace(self._answer(), skipped=skipped))
        self._ledger.progress = replace(progress, answers=answers)
        publisher.state.begin()
        publisher.commit_entries({**progress.deployments, run.topic: released})
        publisher.publish_all()

    def _replay(self, request: Request, run: ProductRun) -> None:
        keys = run.quarantine.keys() if request.keys is None else list(request.keys)
        parts = [keys[i : i + PART_DOCUMENTS] for i in range(0, len(keys), PART_DOCUMENTS)] or [[]]
        done = self._answer()
        for number, part in enumerate(parts):
            try:
                done = self._replay_part(request, run, part, (number, len(parts)), done)
            except Blocking as found:
                self._publisher.state.rollback()
                self._publisher.forget_counts()
                self._publisher.block(found)
                refused = f"a document still violates the contract: {found.reason}"
                self._acknowledge(request, self._answer(refused=refused))
                return

    def _replay_part(
        self,
        request: Request,
        run: ProductRun,
        keys: Sequence[Key],
        place: tuple[int, int],
        before: Answer,
    ) -> Answer:
        state, source = self._publisher.state, self._ledger.input
        number, parts = place
        state.begin()
        documents = run.evaluate(keys)
        found = run.difference(documents)
        cause = Cause(source.position, source.time_ms, part=number + 1, parts=parts)
        events = run.events(found, dict.fromkeys(keys, cause))
        answer = replace(
            before,
            evaluated=before.evaluated + len(keys),
            published=before.published + len(found.events),
            quarantined=before.quarantined + documents.violations,
        )
        progress = self._ledger.truth
        if number == parts - 1:
            progress = replace(progress, answers=self._with(request, answer))
        self._ledger.commit(state, events, progress)
        return answer


def _refusal(request: Request, run: ProductRun, entry: ProductProgress) -> str:
    """Tell why a request can't be done; empty when it can."""
    width = len(run.deployment.model.key)
    if any(len(key) != width for key in request.keys or ()):
        return f"a key of it has {width} value{'s' if width > 1 else ''}"
    if request.action == "replay" and entry.status == "blocked" and request.keys is not None:
        return "it is blocked: replay it without naming keys, which evaluates all of its documents"
    return ""
