"""The table of targets in docs/ARCHITECTURE.md says what Package.swift declares."""

import os
import re

from .package import Finding, read

PATH = "docs/ARCHITECTURE.md"
SYSTEM = "System/C…"
NONE = "–"
TODO = "TODO"


class Row:
    def __init__(self, line, text):
        self.line = line
        self.cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", text.strip().strip("|"))]
        self.cells += [""] * (3 - len(self.cells))
        self.names = re.findall(r"`([^`]+)`", self.cells[0])
        self.holds = self.cells[1]
        self.imports = [name for name in re.split(r"[,\s]+", self.cells[2]) if name not in ("", NONE)]


class Table:
    """The rows of the table below `## Targets`, and the lines from `first` to `last` that they are."""

    def __init__(self, root):
        path = os.path.join(root, PATH)
        self.lines = read(path).split("\n") if os.path.exists(path) else []
        self.rows, self.first, self.last = [], None, None
        if "## Targets" not in self.lines:
            return
        at = self.lines.index("## Targets") + 1
        while at < len(self.lines) and not self.lines[at].startswith(("|", "## ")):
            at += 1
        if at < len(self.lines) and self.lines[at].startswith("|"):
            # A line of titles and one of dashes stand above the rows.
            self.first = self.last = at + 2
            while self.lines[self.last:] and self.lines[self.last].startswith("|"):
                self.rows.append(Row(self.last + 1, self.lines[self.last]))
                self.last += 1


def wanted(package):
    """The targets that the table has, in the order of Package.swift, with their dependencies. The C
    libraries share a row."""
    found = {}
    for target in package.targets:
        if target.is_product:
            name = SYSTEM if target.is_system else target.name
            found[name] = [] if target.is_system else target.dependencies
    return found


def check(package):
    table = Table(package.root)
    if table.first is None:
        yield Finding(PATH, 1, "there is no table of targets below `## Targets`; write one")
        return
    rest = wanted(package)
    for row in table.rows:
        if len(row.names) != 1:
            yield Finding(
                PATH, row.line, f"a row names one target, and this one {len(row.names)}; "
                f"{REMEDY}")
            for name in row.names:
                rest.pop(name, None)
            continue
        name = row.names[0]
        if name not in rest:
            yield Finding(
                PATH, row.line,
                f"{name} is no target of Package.swift, or has two rows; {REMEDY}")
            continue
        imports = rest.pop(name)
        if sorted(row.imports) != sorted(imports):
            yield Finding(
                PATH, row.line,
                f"{name} imports {', '.join(imports) or 'nothing'} by Package.swift, and not "
                f"{row.cells[2] or 'nothing'}; {REMEDY}")
        if row.holds in ("", TODO):
            yield Finding(PATH, row.line, f"what {name} holds is left open; say it in a line")
    for name in rest:
        yield Finding(PATH, table.first + 1, f"{name} has no row; {REMEDY}")


REMEDY = "run scripts/check-architecture --write-table"


def write(package):
    """Makes the table's rows and imports those of Package.swift, and keeps what is said of each."""
    table = Table(package.root)
    if table.first is None:
        raise SystemExit(f"{PATH}: there is no table of targets below `## Targets`; write its titles")
    holds = {name: row.holds for row in table.rows for name in row.names}
    table.lines[table.first:table.last] = [
        f"| `{name}` | {holds.get(name) or TODO} | {', '.join(imports) or NONE} |"
        for name, imports in wanted(package).items()]
    with open(os.path.join(package.root, PATH), "w", encoding="utf-8") as file:
        file.write("\n".join(table.lines))
