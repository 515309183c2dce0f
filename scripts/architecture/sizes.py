"""No file and no function is too long to be read in one go."""

import re

from .package import Finding

FILE, FUNCTION = 300, 40

FUNCTIONS = {"func", "init", "deinit", "subscript", "var"}


def check(package):
    for source in package.sources:
        if source.unpaired is not None:
            yield Finding(
                source.path, source.line(source.unpaired),
                "this bracket has no partner, as far as the check can tell; mend it, or the check")
        if source.count > FILE:
            yield Finding(
                source.path, FILE + 1,
                f"the file has {source.count} lines; split it so that none has more than {FILE}")
        for name, first, last in functions(source):
            if last - first >= FUNCTION:
                yield Finding(
                    source.path, first,
                    f"{name} has {last - first + 1} lines; split it so that none has more than "
                    f"{FUNCTION}")


def functions(source):
    """The name, the first and the last line of each function and computed property."""
    if source.language == "c":
        yield from functions_of_c(source)
        return
    for declaration in source.declarations:
        if declaration.keyword in FUNCTIONS and declaration.body:
            yield declaration.full_name, declaration.line, source.line(declaration.body[1])


def functions_of_c(source):
    """Braces outside all others, after a name with parentheses."""
    end = 0
    for found in re.finditer(r"[{;]|^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", source.code, re.M):
        if found.start() < end:
            continue
        begin, end = end, found.end()
        head = source.code[begin:found.start()]
        named = re.search(r"(\w+)\s*\([^{}]*\)\s*$", head)
        if found[0] == "{" and not re.match(r'\s*extern\s*$', head):
            end = source.pairs.get(found.start(), found.start()) + 1
            if named and not re.match(r"\s*(?:typedef|struct|union|enum)\b", head):
                first = begin + len(head) - len(head.lstrip())
                yield named[1], source.line(first), source.line(end - 1)
