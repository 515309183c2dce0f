"""A package: its targets as Package.swift declares them, and the source files of each."""

import json
import os
import re

from .source import Source

FOLDERS = ("Sources", "Tests")
ENDINGS = (".swift", ".c", ".h")


class Finding:
    """Something to mend: where, what, and how."""

    def __init__(self, path, line, text):
        self.path, self.line, self.text = path, line, text

    def __str__(self):
        return f"{self.path}:{self.line}: {self.text}"


class Target:
    def __init__(self, described):
        self.name = described["name"]
        self.is_test = described["type"] == "test"
        self.folder = described.get("path") or f"{'Tests' if self.is_test else 'Sources'}/{self.name}"
        self.dependencies = [
            name for name in map(named, described["dependencies"]) if name is not None]
        self.sources = []

    @property
    def is_product(self):
        """Whether it is a part of the programs, and not of the tests."""
        return not self.is_test and not self.folder.startswith("Tests/")

    @property
    def is_system(self):
        return self.folder.startswith("Sources/System/")


def named(dependency):
    """The name of a target that another depends on; none of a product of another package."""
    found = dependency.get("byName") or dependency.get("target")
    return found[0] if found else None


class Package:
    def __init__(self, root, sources, description):
        """`description` is what `swift package dump-package` prints."""
        self.root, self.sources = root, sources
        self.manifest = read(os.path.join(root, "Package.swift"))
        self.targets = [Target(each) for each in json.loads(description)["targets"]]
        self.by_name = {target.name: target for target in self.targets}
        for target in self.targets:
            target.dependencies = [name for name in target.dependencies if name in self.by_name]
        # Of two folders, one within the other, the inner has the file.
        inner_first = sorted(self.targets, key=lambda target: -len(target.folder))
        for source in self.sources:
            for target in inner_first:
                if source.path.startswith(target.folder + "/"):
                    target.sources.append(source)
                    break

    def manifest_line(self, target, word=None):
        """The line of Package.swift that declares a target, or the one after it that has `word`."""
        # A function of Package.swift may put the ending on.
        plain = target.name.removesuffix("Tests") if target.is_test else target.name
        calls = [rf'\w+\(\s*(?:name:\s*)?"{target.name}"', rf'[tT]ests?\(\s*(?:name:\s*)?"{plain}"']
        found = next(filter(None, (re.search(call, self.manifest) for call in calls)), None)
        at = found.end() if found else 0
        if word:
            at = max(at, self.manifest.find(f'"{word}"', at))
        return self.manifest.count("\n", 0, at) + 1


def read_sources(root):
    return [Source(path, read(os.path.join(root, path))) for path in sorted(source_files(root))]


def source_files(root):
    for folder in FOLDERS:
        for place, folders, names in os.walk(os.path.join(root, folder)):
            for name in names:
                if name.endswith(ENDINGS):
                    yield os.path.relpath(os.path.join(place, name), root)


def read(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        return file.read()
