"""Inside a target no two files need each other, by whatever way, and no two folders."""

import os
import re

from .package import Finding
from .source import TYPES

NAMED = TYPES | {"typealias", "func"}
# A name, not of a member; whether it is called.
WORD = re.compile(r"(?<![.\w])([A-Za-z_]\w*)(\()?")


def check(package):
    for target in package.targets:
        files = uses(target)
        yield from findings("files", files, {})
        folders, places = {}, {}
        for (user, used), (name, line) in files.items():
            ends = os.path.dirname(user), os.path.dirname(used)
            # A folder within another is a part of it, and may use the whole.
            if not within(*ends) and not within(*reversed(ends)):
                folders.setdefault(ends, (name, line))
                places.setdefault(ends, user)
        yield from findings("folders", folders, places)


def within(folder, other):
    return (other + "/").startswith(folder + "/")


def findings(kind, arrows, places):
    """`arrows` has the name and line of a use from one end to the other, `places` its file where the
    end is none."""
    graph = {}
    for user, used in arrows:
        graph.setdefault(user, set()).add(used)
    for part in components(graph):
        circle = shortest_circle(graph, part)
        steps = list(zip(circle, circle[1:]))
        said = "; ".join(f"{user} uses {arrows[user, used][0]} of {used}" for user, used in steps)
        yield Finding(
            places.get(steps[0], steps[0][0]), arrows[steps[0]][1],
            f"{kind} in a circle: {said}. Move what they share to where all may use it, or turn one "
            "use around")


def uses(target):
    """For each file and each other one of the target that it uses: a name of it, and the line."""
    sources = [source for source in target.sources if source.language == "swift"]
    owners, own = {}, {}
    for source in sources:
        known = [each for each in source.declarations if each.keyword in NAMED]
        own[source] = {each.name for each in known}
        for each in known:
            if not each.parent and not each.is_private:
                owners.setdefault(each.name, []).append(each)
    arrows = {}
    for source in sources:
        for found in WORD.finditer(source.code):
            # A name that two files define is not followed.
            owner, *others = owners.get(found[1], [None])
            if owner is None or others or found[1] in own[source]:
                continue
            if owner.is_type or owner.keyword == "typealias" or found[2]:
                ends = source.path, owner.source.path
                arrows.setdefault(ends, (found[1], source.line(found.start())))
    return arrows


def components(graph):
    """The sets of nodes of which each reaches all others and itself."""
    reached = {node: reach(graph, node) for node in graph}
    found, seen = [], set()
    for node in sorted(graph):
        if node not in seen and node in reached[node]:
            found.append({other for other in reached[node] if node in reached.get(other, ())})
            seen |= found[-1]
    return found


def reach(graph, start):
    """All nodes that a way leads to from this one."""
    found, left = set(), list(graph[start])
    while left:
        node = left.pop()
        if node not in found:
            found.add(node)
            left += graph.get(node, ())
    return found


def shortest_circle(graph, part):
    """A shortest way from a node of the part back to it, as a list whose ends are the same."""
    return min((way_back(graph, part, start) for start in sorted(part)), key=len)


def way_back(graph, part, start):
    ways, seen = [[start]], set()
    for way in ways:
        for other in sorted(graph[way[-1]] & part):
            if other == start:
                return [*way, start]
            if other not in seen:
                seen.add(other)
                ways.append([*way, other])
    return None
