"""Only Support gives paths to the system, since a path is bytes there and text elsewhere."""

import re

from .package import Finding

HOME = "Sources/Support/"

# Functions of the C library that take a path. What is called on something, or declared, is another.
CALL = re.compile(
    r"(?<![\w.])(?:Glibc\.)?(fopen|opendir|l?stat|access|unlink|mkdir|rmdir|realpath|readlink|symlink|"
    r"truncate|statv?fs|creat)\s*\((?!\))")
MANAGER = re.compile(r"\bFileManager\b")
DECLARATION = re.compile(r"\b(func|case|let|var)\s+$")


def check(package):
    for source in package.sources:
        if source.language == "c" or not source.path.startswith("Sources/"):
            continue
        if source.path.startswith(HOME):
            continue
        for found in [*CALL.finditer(source.code), *MANAGER.finditer(source.code)]:
            if DECLARATION.search(source.code[:found.start()]):
                continue
            name = found[1] if found.re is CALL else "FileManager"
            yield Finding(
                source.path, source.line(found.start()),
                f"{name} takes a path as text; call FileSystem, which takes it as bytes")
