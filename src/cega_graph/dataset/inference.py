"""The two rules that add what a casebook does not state but its form says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from cega_graph.identifiers import mint_statement_id
from cega_graph.model import Participation

_IN_THE_MONEYS_WAY: Final = frozenset({"funder", "grantee", "intermediary"})


class _Case(msgspec.Struct):
    submitters: list[Participation]
    roles: Counter[str]
    stated: dict[str, set[str]]


def infer(participations: Iterable[Participation]) -> Iterator[Participation]:
    """Return the participations that the rules add, in order of project and submitter.

    `submitter-funds`: the casebook presents grantmaking cases of its submitters, so where a case
    states no funder its submitter is an inferred funder. `submitter-passes-on`: where a case states
    a funder and grantees, its submitter is an inferred intermediary unless it is stated to be a
    funder, grantee or intermediary there. Evidence of both is the place that names the submitter.

    Args:
        participations: Stated ones; those already inferred are passed over.
    """
    rows = list(participations)
    if "submitter" not in [row.role for row in rows]:
        return iter(())
    return _of_cases([row for row in rows if row.basis != "inferred"])


def _of_cases(rows: list[Participation]) -> Iterator[Participation]:
    cases: dict[str, _Case] = {}
    for row in rows:
        if row.role == "submitter":
            cases.setdefault(row.project_id, _Case([], Counter(), {})).submitters.append(row)
    for row in rows:
        case = cases.get(row.project_id)
        if case is not None and row.role in _IN_THE_MONEYS_WAY:
            case.roles[row.role] += 1
            case.stated.setdefault(row.organization_id, set()).add(row.role)
    for project_id in sorted(cases):
        yield from _inferred(cases[project_id])


def _inferred(case: _Case) -> Iterator[Participation]:
    said: set[tuple[str, str]] = set()
    for submitter in case.submitters:
        who = (submitter.organization_id, submitter.source_id)
        if who in said:
            continue
        said.add(who)
        if not case.roles["funder"]:
            yield _added(submitter, "funder", "submitter-funds")
        elif case.roles["grantee"] and not case.stated.get(submitter.organization_id):
            yield _added(submitter, "intermediary", "submitter-passes-on")


def _added(submitter: Participation, role: str, rule: str) -> Participation:
    says = [submitter.project_id, submitter.organization_id, role, "inferred", rule, submitter.source_id]
    return msgspec.structs.replace(
        submitter,
        participation_id=mint_statement_id("p", says, 0),
        role=role,
        basis="inferred",
        rule=rule,
        qualifier="",
    )
