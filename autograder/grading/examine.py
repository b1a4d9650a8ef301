"""Grades submissions of one assignment: every hidden check once, in order, each one's failure explained."""

import builtins
import math
import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

import pytest

from autograder.checking.catalogue import Mistake, read_mistakes
from autograder.checking.compare import Disagreement
from autograder.checking.known import Answers, KnownAnswers
from autograder.checking.plugin import Bench, Check, Examination, Verdict, examine
from autograder.checking.reference import ReferenceModule
from autograder.course import Assignment, check_seed
from autograder.grading.diagnosis import Tried, credit_what_follows, explain
from autograder.grading.intake import Submission, Work, read_work
from autograder.grading.notebook import UnreadableError
from autograder.grading.result import ERROR, FAILED, MISSING, PASSED, CheckResult, SubmissionResult
from autograder.sandbox.remote import Recording, StudentModule
from autograder.sandbox.sandbox import Sandbox
from autograder.sandbox.session import Deadlines, Interrupted, Session, StudentError, Submitted
from autograder.sandbox.zygote import SandboxError

_ASSIGNMENTS = 2  # what a process keeps ready: they are graded one after another, and their tasks overlap by one
DEFAULT_TOLERANCE = 1e-6  # until `autograder validate --derive` has measured a check

_PLACE = re.compile(r"line (\d{1,6})(?: of code cell (\d{1,5}))?")


@dataclass(frozen=True)
class Order:
    """A submission to be graded, and the seed of its checks."""

    submission: Submission
    seed: str


@dataclass(frozen=True)
class Trusted:
    """Our own side of an assignment: the catalogue, the modules made of it, and the answers that trusted modules have given."""

    mistakes: list[Mistake]
    known: KnownAnswers
    modules: dict[str, ReferenceModule] = field(default_factory=dict)


@lru_cache(maxsize=_ASSIGNMENTS)
def _trusted(sandbox: Sandbox, catalogue: Path, version: str) -> Trusted:
    """What outlives the tasks of a process: the modules of `version` use this sandbox for their work on devices."""
    return Trusted(read_mistakes(catalogue), _known(sandbox))


@lru_cache(maxsize=2)
def _known(sandbox: Sandbox) -> KnownAnswers:
    """What the modules of all assignments have answered: one limit holds for a process, however many it grades."""
    return KnownAnswers()


class Examiner:
    """Grades submissions of one assignment with one set of collected checks. Made by `grade_all`."""

    def __init__(
        self, assignment: Assignment, sandbox: Sandbox, examination: Examination, deadlines: Deadlines | None = None
    ) -> None:
        self.assignment = assignment
        self.examination = examination
        self._sandbox = sandbox
        self._deadlines = deadlines
        self._trusted = _trusted(sandbox, assignment.hidden / "mistakes.py", assignment.version)

    @property
    def mistakes(self) -> list[Mistake]:
        """The catalogue, in its order."""
        return self._trusted.mistakes

    def grade(self, order: Order) -> SubmissionResult:
        """The result of one submission; what the grader itself does wrong becomes `error`, never a zero."""
        submission = order.submission
        blank = SubmissionResult(
            submission.student,
            submission.assignment,
            submission.shown_path,
            0.0,
            sum(self.assignment.points.values()),
            order.seed,
            "unreadable",
            self._sandbox.isolation,
            version=self.assignment.version,
        )
        try:
            if submission.unreadable is not None:
                raise UnreadableError(submission.unreadable)
            works, notes = read_work(self.assignment, submission.path)
            results = [self._grade_work(blank, work) for work in works]
        except UnreadableError as problem:
            return replace(blank, message=printable(str(problem)))
        except Exception as error:
            return replace(blank, status=ERROR, message=f"the grader failed: {type(error).__name__}: {error}")
        best = max(results, key=lambda result: result.score)
        return replace(best, notes=tuple(map(printable, (*notes, *best.notes))))

    def grade_work(self, work: Work, seed: str, checks: list[Check] | None = None) -> SubmissionResult:
        """The result of one text, for callers that have no file; in these checks only, where they are given."""
        blank = SubmissionResult(
            "-", self.assignment.slug, work.name, 0.0, 20.0, seed, "graded", self._sandbox.isolation
        )
        return self._grade_work(blank, work, checks)

    def measure(self, work: Work, seed: str) -> dict[str, Verdict]:
        """The verdict of each check with no tolerance at all, so that every comparison is made and its discrepancy known."""
        session = self._sandbox.session(self.submitted(work), self._deadlines)

        def student(check: Check) -> StudentModule:
            session.start_check(check_seed(seed, check.name))
            return StudentModule(session, Recording(), self._sandbox.devices)

        try:
            return self._measured(student, seed, self.examination.checks)
        finally:
            session.close()

    def measure_mistake(self, mistake: Mistake, seed: str) -> dict[str, Verdict]:
        """The same of a mistake, which is our own code and needs no sandbox; the checks that it cannot touch are left out."""
        return self._measured(lambda check: self.reference(mistake), seed, self.touched(mistake))

    def touched(self, mistake: Mistake) -> list[Check]:
        """The checks of the exercises whose reference calls, directly or not, anything that the mistake defines anew."""
        defined = mistake.defines
        exercises = {name for name in self.assignment.points if ({name} | self.reference().uses(name)) & defined}
        return [check for check in self.examination.checks if check.exercise in exercises]

    def _measured(self, student: Callable[[Check], object], seed: str, checks: list[Check]) -> dict[str, Verdict]:
        verdicts = {}
        for check in checks:
            bench = Bench(student(check), self.reference(), check_seed(seed, check.name), math.inf)
            verdicts[check.name] = self.examination.run(check.name, bench)
        return verdicts

    def submitted(self, work: Work) -> Submitted:
        """What the worker is to load."""
        rows = tuple((name, python, operators) for name, python, operators, _ in self.assignment.forbidden)
        return Submitted(
            self.assignment.slug,
            work.cells,
            work.is_notebook,
            tuple(self.assignment.points),
            rows,
            self.examination.on_devices,
        )

    def _grade_work(self, blank: SubmissionResult, work: Work, checks: list[Check] | None = None) -> SubmissionResult:
        session = self._sandbox.session(self.submitted(work), self._deadlines)
        try:
            forbidden: dict[str, set[str]] = {}
            tried = []
            for check in self.examination.checks if checks is None else checks:
                tried.append(self._try(check, session, blank.seed, work))
                for name, caller in session.forbidden:
                    exercise = caller if caller in self.assignment.points else check.exercise
                    if self._counts(name, exercise):
                        forbidden.setdefault(exercise, set()).add(name)
            self._explain(tried, session, blank.seed)
        finally:
            session.close()
        results = tuple(_result(one, forbidden.get(one.check.exercise, set())) for one in tried)
        return replace(
            blank,
            status=ERROR if any(result.status == ERROR for result in results) else "graded",
            message=next((result.message for result in results if result.status == ERROR), None),
            score=sum(result.score for result in results),
            checks=results,
            devices=tuple(sorted(session.devices_used)),
            notes=tuple(session.notes),
            cpu_seconds=session.usage.cpu,
        )

    def _counts(self, name: str, exercise: str) -> bool:
        """Whether calling this built-in is forbidden in this exercise."""
        return any(row[0] == name and (not row[3] or exercise in row[3]) for row in self.assignment.forbidden)

    def _try(self, check: Check, session: Session, seed: str, work: Work) -> Tried:
        started = time.perf_counter()
        recording = Recording()
        session.start_check(check_seed(seed, check.name))
        student = StudentModule(session, recording, self._sandbox.devices)
        verdict = self._run_against(None, check, student, seed)
        status, message = self._classify(check, verdict, work, seed)
        return Tried(check, verdict, recording, status, message, time.perf_counter() - started)

    def _explain(self, tried: list[Tried], session: Session, seed: str) -> None:
        """Names the mistake behind each failed check, and credits what only follows from an answer charged elsewhere."""

        def satisfies(one: Tried, mistake: Mistake) -> bool:
            session.start_check(check_seed(seed, one.check.name))
            student = StudentModule(session, one.recording, self._sandbox.devices, replay=True)
            return self._run_against(mistake, one.check, student, seed).error is None

        def follows(one: Tried, exercise: str) -> bool:
            session.start_check(check_seed(seed, one.check.name))
            student = StudentModule(session, one.recording, self._sandbox.devices, replay=True)
            own = StudentModule(session, Recording(), self._sandbox.devices)
            given = self.reference().with_function(exercise, getattr(own, exercise))
            return self._run(one.check, student, given, seed).error is None

        explain(tried, self.mistakes, satisfies)
        credit_what_follows(tried, self.reference().uses, follows)

    def _run_against(self, mistake: Mistake | None, check: Check, student: StudentModule, seed: str) -> Verdict:
        """The verdict beside the reference, or a mistake in its place, whose answers are computed once for a seed."""
        module = f"{self.assignment.slug} {self.assignment.version} {_key(mistake)}"
        known, key = self._trusted.known, (module, check.name, check_seed(seed, check.name))
        answers = known.of(*key)
        try:
            return self._run(check, student, self.reference(mistake), seed, answers)
        finally:
            known.keep(*key, answers)

    def _run(
        self, check: Check, student: object, reference: object, seed: str, known: Answers | None = None
    ) -> Verdict:
        tolerance = self.assignment.margins.get(check.name, {}).get("tolerance") or DEFAULT_TOLERANCE
        bench = Bench(student, reference, check_seed(seed, check.name), tolerance, known)
        return self.examination.run(check.name, bench)

    def reference(self, mistake: Mistake | None = None) -> ReferenceModule:
        """The reference as a module, or a mistake in its place; each is made once."""
        modules, key = self._trusted.modules, _key(mistake)
        if key not in modules:
            variant = "" if mistake is None else mistake.text
            modules[key] = ReferenceModule(self.assignment.slug, self.assignment.reference, self._sandbox, variant)
        return modules[key]

    def _classify(self, check: Check, verdict: Verdict, work: Work, seed: str) -> tuple[str, str]:
        """The status of a check and what a student may read of it."""
        error = verdict.error
        if error is None:
            return (PASSED, "") if verdict.comparisons else (ERROR, f"{check.name} compared nothing; use `agree` in it")
        if isinstance(error, SandboxError):
            return ERROR, str(error)
        if isinstance(error, Interrupted):
            subject = f"`{check.exercise}`: " if error.status == MISSING else ""
            return error.status, printable(f"{subject}{error}")
        if isinstance(error, Disagreement):
            cause = error.__cause__
            if isinstance(cause, StudentError):
                wanted, separator, _ = error.public.partition("; ")
                return FAILED, _raised_at(cause, work) + (f"; {wanted}" if separator else "")
            return FAILED, printable(error.public)
        if isinstance(error, StudentError):
            return FAILED, _raised_at(error, work)
        if isinstance(error, (pytest.skip.Exception, pytest.xfail.Exception)):
            return ERROR, f"{check.name} was skipped; a hidden check must pass or fail"
        # The check stumbled. Over the student's answer, if the reference's own answers carry it through.
        if self._run(check, self.reference(), self.reference(), seed).error is None:
            return FAILED, "the result is not of the kind that was asked for"
        return ERROR, f"{check.name} failed on the reference itself: {type(error).__name__}: {error}"


def _key(mistake: Mistake | None) -> str:
    return "" if mistake is None else mistake.name


def grade_all(
    assignment: Assignment,
    sandbox: Sandbox,
    orders: Iterable[Order],
    done: Callable[[SubmissionResult], None],
    deadlines: Deadlines | None = None,
) -> None:
    """Grades submissions of one assignment one after another and hands each result to `done`."""
    collected = _collected(assignment.checks, assignment.version)

    def work(examination: Examination) -> None:
        if examination.lasting:
            collected[:] = [examination]
        examiner = Examiner(assignment, sandbox, examination, deadlines)
        for order in orders:
            done(examiner.grade(order))

    if collected:
        work(collected[0])
    else:
        examine(assignment.checks, work)


@lru_cache(maxsize=_ASSIGNMENTS)
def _collected(checks: Path, version: str) -> list[Examination]:
    """The checks of this version, if this process has collected them: that takes as long as grading a submission."""
    return []


def _result(one: Tried, forbidden: set[str]) -> CheckResult:
    check, status, message, diagnosis = one.check, one.status, one.message, one.diagnosis
    if one.credited:
        status = PASSED
        message = f"Right, given your own mistake elsewhere, which is charged there ({diagnosis})."
        diagnosis = None
    names = tuple(sorted(forbidden)) if status != ERROR else ()
    if names:
        status, diagnosis = FAILED, None
        message = f"uses {', '.join(names)}, which is the exercise itself; write it with basic operations"
    passed = status == PASSED
    return CheckResult(
        check.name,
        check.exercise,
        check.points,
        check.points if passed else 0.0,
        status,
        message,
        diagnosis,
        round(one.seconds, 4),
        check.sentence,
        None if passed else check.hint,
        names,
    )


def _raised_at(error: StudentError, work: Work) -> str:
    """An exception as a student may read it: its built-in kind and the line, looked up in the hand-in. Not its text, which may
    hold a hidden input; nor a place that is not there, whose numbers could be one."""
    kind = next((name for name in error.raised.bases if _is_exception(name)), "Exception")
    text = f"it raised {kind}" if kind == error.raised.kind else f"it raised an error of your own, a kind of {kind},"
    place = _PLACE.fullmatch(error.raised.place or "")
    if place is None:
        return text
    cell, number = int(place[2] or 1) - 1, int(place[1])
    lines = work.cells[cell].splitlines() if 0 <= cell < len(work.cells) else []
    if not 0 < number <= len(lines):
        return text
    source = lines[number - 1].strip()[:120]
    return printable(f"{text} at {place[0]}" + (f": {source}" if source else ""))


def _is_exception(name: str) -> bool:
    found = getattr(builtins, name, None)
    return isinstance(found, type) and issubclass(found, BaseException)


def printable(text: str) -> str:
    """Text without control characters, at most 1,000 of it."""
    return "".join(letter for letter in text if letter.isprintable() or letter == "\n")[:1000]
