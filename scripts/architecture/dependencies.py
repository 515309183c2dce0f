"""What Package.swift declares is what the files import, and no target needs itself."""

from .circles import components, shortest_circle
from .package import Finding


def check(package):
    for target in package.targets:
        yield from unused(package, target)
        yield from undeclared(package, target)
    graph = {target.name: set(target.dependencies) for target in package.targets}
    for part in components(graph):
        circle = shortest_circle(graph, part)
        yield Finding(
            "Package.swift", package.manifest_line(package.by_name[circle[0]]),
            f"targets in a circle: {' → '.join(circle)}; take one of these dependencies away")


def unused(package, target):
    imported = set().union(*(source.imports for source in target.sources))
    for name in target.dependencies:
        if name not in imported:
            yield Finding(
                "Package.swift", package.manifest_line(target, name),
                f"{target.name} depends on {name}, which none of its files imports; "
                "take the dependency away")
    for name in sorted({name for name in target.dependencies if target.dependencies.count(name) > 1}):
        yield Finding(
            "Package.swift", package.manifest_line(target, name),
            f"{target.name} depends on {name} twice; take one away")


def undeclared(package, target):
    allowed = {target.name, *target.dependencies}
    for source in target.sources:
        for name, line in source.imports.items():
            if name in package.by_name and name not in allowed and not (
                    # A header of C may have the name of a module; what counts is that of another's.
                    source.language == "c" and not package.by_name[name].is_system):
                yield Finding(
                    source.path, line,
                    f"imports {name}, on which {target.name} does not depend; "
                    "declare it in Package.swift, or do without")
