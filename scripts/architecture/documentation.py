"""Whatever another target may use says in a `///` what it is."""

import re

from .package import Finding

# What a protocol of Swift's library asks for, whose meaning is known.
KNOWN = {
    "description", "debugDescription", "errorDescription", "hashValue", "rawValue", "id", "==", "<",
    "init(rawValue:)", "init(from:)", "encode(to:)", "hash(into:)",
}
VARIABLES = {"var", "let"}
CONCRETE = {"struct", "class", "enum", "actor"}


def check(package):
    protocols = Protocols(package)
    for source in package.sources:
        if source.language == "swift":
            for declaration in source.declarations:
                if lacks(declaration, protocols):
                    word = declaration.keyword
                    name = declaration.full_name
                    yield Finding(
                        source.path, declaration.line,
                        f"{name if name.startswith(word) else f'{word} {name}'} is seen by other targets and "
                        "has no `///` above it; say in a line what it is")


def lacks(declaration, protocols):
    return is_open(declaration) and not (
        is_documented(declaration)
        or KNOWN & {declaration.name, declaration.full_name}
        or "override" in declaration.modifiers
        or is_memberwise(declaration, protocols)
        or protocols.ask_for(declaration))


def is_open(declaration):
    """Whether other targets see it, by its own word or as a requirement of a protocol that they see."""
    if declaration.is_private or declaration.keyword == "extension":
        return False
    parent = declaration.parent
    asked = parent is not None and parent.keyword == "protocol" and declaration.keyword != "associatedtype"
    return "package" in (parent if asked else declaration).modifiers


def is_documented(declaration):
    """Whether a `///` stands above it, or above the group that it stands in."""
    if has_comment(declaration):
        return True
    before = sibling_before(declaration)
    if before is not None and in_one_group(before, declaration):
        return is_documented(before)
    parent = declaration.parent
    return (
        declaration.keyword in VARIABLES and parent is not None and parent.keyword in CONCRETE
        and (before is None or before.is_type) and has_comment(parent))


def has_comment(declaration):
    lines, first = declaration.source.lines, declaration.source.line(declaration.start)
    return first > 1 and re.match(r"\s*///|.*\*/\s*$", lines[first - 2]) is not None


def in_one_group(before, declaration):
    """Whether these are variables, or functions of one name, in lines that no blank one parts."""
    are_variables = VARIABLES >= {before.keyword, declaration.keyword}
    lines = declaration.source.lines[before.line:declaration.source.line(declaration.start) - 1]
    return (are_variables or before.name == declaration.name) and all(map(str.strip, lines))


def sibling_before(declaration):
    if declaration.parent is None:
        siblings = [each for each in declaration.source.declarations if each.parent is None]
    else:
        siblings = declaration.parent.children
    place = siblings.index(declaration)
    return siblings[place - 1] if place else None


def is_memberwise(declaration, protocols):
    """Whether it is an initialiser that only takes what the stored properties are called."""
    if declaration.keyword != "init" or declaration.parent is None:
        return False
    return {name for _, name in declaration.parameters} <= protocols.stored(declaration)


class Protocols:
    """The package's own protocols: what they ask for or offer, and which types conform to them."""

    def __init__(self, package):
        self.names, self.members, self.bases, self.properties = set(), {}, {}, {}
        for source in package.sources:
            for declaration in source.declarations if source.language == "swift" else ():
                if declaration.is_type or declaration.keyword == "extension":
                    self.enter(declaration)

    def enter(self, declaration):
        name = last(declaration.name)
        inherited = declaration.signature.partition(":")[2].split("where")[0]
        self.bases.setdefault(name, set()).update(re.findall(r"\w+", inherited))
        if declaration.keyword == "protocol":
            self.names.add(name)
        if declaration.keyword in ("protocol", "extension"):
            self.members.setdefault(name, set()).update(
                child.full_name for child in declaration.children)
        else:
            self.properties.setdefault(name, set()).update(
                child.name for child in declaration.children if child.is_stored)

    def stored(self, declaration):
        return self.properties.get(last(declaration.parent.name), set())

    def ask_for(self, declaration):
        """Whether it is there because a protocol asks for it, where it is described."""
        parent = declaration.parent
        if parent is None or parent.keyword == "protocol" or last(parent.name) in self.names:
            return False
        left, seen = [last(parent.name)], set()
        while left:
            name = left.pop()
            if name not in seen:
                seen.add(name)
                if name in self.names and declaration.full_name in self.members[name]:
                    return True
                left += self.bases.get(name, ())
        return False


def last(name):
    """The name without those of the types around it."""
    return name.split(".")[-1]
