"""A source file as text: its code without comments and strings, and the declarations in it."""

import bisect
import functools
import re

# Where a comment, a string or a regular expression between `#/` and `/#` begins. Of code within a string
# (`\(…)`) the parentheses count too, for they tell where it ends.
OPENING = r'//|/\*|(#*)("""|")|(#+)/'
OUTSIDE, INSIDE = re.compile(OPENING), re.compile(OPENING + "|[()]")

ATTRIBUTE = r"@\w+(?:\.\w+)*(?:\((?:[^()]|\([^()]*\))*\))?"
MODIFIER = (
    r"(?:public|package|internal|fileprivate|private|open|final|static|class|indirect|lazy|weak|unowned|"
    r"nonisolated|mutating|nonmutating|override|required|convenience|dynamic|prefix|postfix|infix|"
    r"consuming|borrowing)(?:\([a-z]+\))?")
KEYWORD = (
    r"func|init|deinit|subscript|var|let|struct|class|enum|protocol|actor|extension|typealias|"
    r"associatedtype")
LEAD = rf"(?:(?:{ATTRIBUTE}|{MODIFIER})\s+)*"
DECLARATION = re.compile(rf"(?:^|(?<=[{{;]))[ \t]*(?P<lead>{LEAD})(?P<keyword>{KEYWORD})\b", re.M)
NAME = re.compile(r"\s+(`\w+`|\w+(?:\.\w+)*|[-/=+!*%<>&|^~?.]+)")
# What ends a signature: its body, the end of the type around it, or the next declaration.
SIGNATURE_END = re.compile(rf"[{{}}]|\n[ \t]*(?=\n|#|(?:{LEAD})(?:{KEYWORD}|case)\b)")
# What ends the type of a variable: its body or value, or a line's end that no arrow goes over.
TYPE_END = re.compile(r"[{}=;(\[]|\n(?!\s*(?:\{|->|[&.]))|$")

TYPES = {"struct", "class", "enum", "protocol", "actor"}
ACCESSORS = re.compile(r"\s*(?:@\w+\s+)*(?:willSet|didSet)\b")


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def code_of(text, language="swift"):
    """The text with spaces in the place of comments, strings and regular expressions. Code within a
    string stays. Places and lines are those of the text."""
    pieces = []
    if language == "swift":
        scan(text, 0, pieces, nested=False)
    else:
        kept = 0
        for found in re.finditer(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', text, re.S):
            pieces += [text[kept:found.start()], blank(found[0])]
            kept = found.end()
        pieces.append(text[kept:])
    return "".join(pieces)


def scan(text, at, pieces, nested):
    """Appends the code from `at` on to `pieces`: to the end, or if `nested` to the parenthesis that
    closes. Gives the place after it."""
    depth, kept, opening = 0, at, INSIDE if nested else OUTSIDE
    while found := opening.search(text, at):
        at, token = found.end(), found[0]
        if token == "(":
            depth += 1
        elif token == ")":
            depth -= 1
            if depth < 0:
                pieces.append(text[kept:at])
                return at
        else:
            pieces.append(text[kept:found.start()])
            begin = found.start()
            if token == "//":
                at = text.find("\n", at)
                at = len(text) if at < 0 else at
            elif token == "/*":
                at = comment_end(text, at)
            elif found[3]:
                at = text.find("/" + found[3], at)
                at = len(text) if at < 0 else at + 1 + len(found[3])
            else:
                pieces.append(blank(token))
                at = begin = scan_string(text, at, found[2], found[1], pieces)
            pieces.append(blank(text[begin:at]))
            kept = at
    pieces.append(text[kept:])
    return len(text)


def comment_end(text, at):
    """Comments of Swift may stand in one another."""
    depth = 1
    for found in re.compile(r"/\*|\*/").finditer(text, at):
        depth += 1 if found[0] == "/*" else -1
        if depth == 0:
            return found.end()
    return len(text)


@functools.cache
def string_tokens(quote, hashes):
    """The end of a string, code within it, an escape, or the line's end if it may not go over it."""
    line = r"|\n" if quote == '"' else ""
    return re.compile(rf'({quote}{hashes})|\\{hashes}(\()|\\{hashes}.{line}', re.S)


def scan_string(text, at, quote, hashes, pieces):
    tokens, kept = string_tokens(quote, hashes), at
    while found := tokens.search(text, at):
        at = found.end()
        if found[2]:
            pieces.append(blank(text[kept:at - 1]) + "(")
            at = kept = scan(text, at, pieces, nested=True)
        elif found[1] or found[0] == "\n":
            break
    else:
        at = len(text)
    pieces.append(blank(text[kept:at]))
    return at


class Declaration:
    """One declaration: `start` is the place of its first attribute, `place` that of its keyword, `body`
    the places of its braces, and `signature` what stands between its name and its body."""

    def __init__(self, source, found):
        self.source, self.keyword = source, found["keyword"]
        self.start, self.place = found.start("lead"), found.start("keyword")
        self.modifiers = set(re.sub(ATTRIBUTE, "", found["lead"]).split())
        named = NAME.match(source.code, found.end()) if self.keyword not in UNNAMED else None
        self.name = named[1].strip("`") if named else self.keyword
        self.signature_start = named.end() if named else found.end()
        self.parent, self.children = None, []
        self.body, end = self.find_body(self.signature_start)
        self.signature = source.code[self.signature_start:end]

    def find_body(self, at):
        code, pairs = self.source.code, self.source.pairs
        if self.keyword in ("let", "typealias", "associatedtype"):
            return None, code.find("\n", at)
        if self.keyword == "var":
            while (found := TYPE_END.search(code, at)) and found[0] in ("(", "["):
                at = pairs.get(found.start(), found.start()) + 1
        else:
            if self.keyword in ("func", "init", "subscript"):
                opening = code.find("(", at)
                at = pairs.get(opening, opening) + 1
            found = SIGNATURE_END.search(code, at)
        if not found or found[0] != "{":
            return None, found.start() if found else len(code)
        return (found.start(), pairs.get(found.start(), found.start())), found.start()

    @property
    def line(self):
        return self.source.line(self.place)

    @property
    def is_type(self):
        return self.keyword in TYPES

    @property
    def is_stored(self):
        """Whether it is a variable or constant with a place of its own in memory."""
        return self.keyword == "let" or self.keyword == "var" and (
            not self.body or ACCESSORS.match(self.source.code, self.body[0] + 1) is not None)

    @property
    def is_private(self):
        """Whether no other file can name it."""
        private = {"private", "fileprivate"} & self.modifiers
        return bool(private) or self.parent is not None and self.parent.is_private

    @property
    def parameters(self):
        """The label and the name of each parameter."""
        opening = self.source.code.find("(", self.signature_start)
        text = self.source.code[opening + 1:self.source.pairs.get(opening, opening)]
        words = [part.split(":")[0].split() for part in split(text)]
        return [(word[0], word[-1]) for word in words if word]

    @property
    def full_name(self):
        """`name(label:_:)` of what takes arguments."""
        if self.keyword not in ("func", "init", "subscript"):
            return self.name
        return f"{self.name}({''.join(label + ':' for label, _ in self.parameters)})"


UNNAMED = {"init", "deinit", "subscript"}


def split(text):
    """The parts between the commas that stand in no brackets."""
    parts, depth, begin = [], 0, 0
    for found in re.finditer(r"[\[\](){},]", text):
        depth += {"[": 1, "(": 1, "{": 1, ",": 0}.get(found[0], -1)
        if found[0] == "," and depth == 0:
            parts.append(text[begin:found.start()])
            begin = found.end()
    return [*parts, text[begin:]]


class Source:
    """A file of Swift or C; `path` is relative to the package."""

    def __init__(self, path, text):
        self.path, self.text = path, text
        self.language = "swift" if path.endswith(".swift") else "c"
        self.code = code_of(text, self.language)
        self.lines = text.split("\n")
        self.count = text.count("\n") + (not text.endswith("\n") and text != "")
        self.starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self.pairs, self.unpaired = pair(self.code)

    def line(self, place):
        return bisect.bisect(self.starts, place)

    @functools.cached_property
    def declarations(self):
        """All of them in the order of the file, each with its parent and children."""
        found = [Declaration(self, match) for match in DECLARATION.finditer(self.code)]
        stack = []
        for declaration in found:
            while stack and stack[-1].body[1] < declaration.place:
                stack.pop()
            if stack:
                declaration.parent = stack[-1]
                stack[-1].children.append(declaration)
            if declaration.body:
                stack.append(declaration)
        return found

    @functools.cached_property
    def imports(self):
        """The modules it imports, each with the line; of C, the headers it includes."""
        if self.language == "c":
            # The names of headers are strings, which the code has no more.
            pattern = re.compile(r'^[ \t]*#[ \t]*include[ \t]*[<"](\w+)', re.M)
            found = pattern.finditer(self.text)
        else:
            pattern = re.compile(
                rf"^[ \t]*(?:(?:{ATTRIBUTE}|{MODIFIER})\s+)*import\s+"
                r"(?:(?:struct|class|enum|protocol|func|var|let|typealias)\s+)?(\w+)", re.M)
            found = pattern.finditer(self.code)
        return {match[1]: self.line(match.start(1)) for match in reversed(list(found))}


def pair(code):
    """The place where each bracket closes that opens, and the place of the first that has no partner."""
    pairs, stack = {}, []
    for found in re.finditer(r"[\[\](){}]", code):
        if found[0] in "([{":
            stack.append((found.start(), found[0]))
        elif stack and stack[-1][1] + found[0] in ("()", "[]", "{}"):
            pairs[stack.pop()[0]] = found.start()
        else:
            return pairs, found.start()
    return pairs, stack[-1][0] if stack else None
