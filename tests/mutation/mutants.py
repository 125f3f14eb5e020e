"""mutants.py: small bugs, one at a time, in a C source of the engine: what may be changed where."""

import dataclasses
import re

SWAPS = [  # operator, what is looked for, what it may become
    ("relation", r" < ", [" <= ", " >= "]), ("relation", r" > ", [" >= ", " <= "]),
    ("relation", r" <= ", [" < ", " > "]), ("relation", r" >= ", [" > ", " < "]),
    ("relation", r" == ", [" != "]), ("relation", r" != ", [" == "]),
    ("arithmetic", r"(?<=[\w)\]]) \+ ", [" - "]), ("arithmetic", r"(?<=[\w)\]]) - ", [" + "]),
    ("arithmetic", r"(?<=[\w)\]]) \* ", [" / "]), ("arithmetic", r" / ", [" * "]), ("arithmetic", r" % ", [" * "]),
    ("arithmetic", r" \+= ", [" -= "]), ("arithmetic", r" -= ", [" += "]),
    ("arithmetic", r"(?<=\w)\+\+", ["--"]), ("arithmetic", r"(?<=\w)--(?!>)", ["++"]),
    ("bits", r" & ", [" | "]), ("bits", r" \| ", [" & "]), ("bits", r" << ", [" >> "]), ("bits", r" >> ", [" << "]),
    ("bits", r" \|= ", [" &= "]), ("bits", r" &= ", [" |= "]),
    ("logic", r" && ", [" || "]), ("logic", r" \|\| ", [" && "]),
    ("logic", r"\btrue\b", ["false"]), ("logic", r"\bfalse\b", ["true"]), ("logic", r"(?<=[( ])!(?=[\w(])", [""]),
]
NUMBER = re.compile(r"(?<![\w.])(\d+)(?=[uU]?\b)(?![.\w]*x)")
CONDITION = re.compile(r"\b(if|while) \(")
TYPES = r"(?:const|static|struct|enum|u?int\d*_t|int|unsigned|bool|char|size_t|double|void|wide|return|else|case|default|goto|typedef)\b"
STATEMENT = re.compile(rf"^ +(?!{TYPES})[*(]*[a-z_][^;{{}}]*;$|^ +(?:break|continue|return);$", re.M)
AFTER_IF = re.compile(r"(?<=\) )(?:return|continue|break)[^;{}]*;$", re.M)
LEFT_ALONE = re.compile(r"assert\(|__builtin_prefetch|^#|^ *case ")


@dataclasses.dataclass(frozen=True)
class Mutant:
    path: str
    line: int
    operator: str
    at: int
    old: str
    new: str

    def applied(self, text):
        return text[:self.at] + self.new + text[self.at + len(self.old):]

    def lines(self, text):
        """The line before and after, to be looked at."""
        start, end = text.rfind("\n", 0, self.at) + 1, text.find("\n", self.at + len(self.old))
        end = len(text) if end < 0 else end
        after = text[start:self.at] + self.new + text[self.at + len(self.old):end]
        return " ".join(text[start:end].split()), " ".join(after.split())


def masked(text):
    """Blanks instead of comments, texts and what the preprocessor reads; every character keeps its place."""
    pattern = re.compile(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|^#(?:\\\n|[^\n])*', re.S | re.M)
    return pattern.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def closing(code, at):
    """Where the bracket that is open before `at` closes."""
    depth = 1
    while depth:
        depth += {"(": 1, ")": -1}.get(code[at], 0)
        at += 1
    return at - 1


def places(text, code):
    """(operator, where, what stands there, what may stand there instead)"""
    for operator, pattern, others in SWAPS:
        for found in re.finditer(pattern, code):
            for new in others:
                yield operator, found.start(), found[0], new
    for found in NUMBER.finditer(code):
        number = int(found[1])
        for new in {number + 1, max(number - 1, 0)} - {number}:
            yield "constant", found.start(), found[1], str(new)
    for found in CONDITION.finditer(code):
        end = closing(code, found.end())
        inner = text[found.end():end]
        yield "negation", found.end(), inner, f"!({inner})"
    for pattern in (STATEMENT, AFTER_IF):
        for found in pattern.finditer(code):
            start = found.start() + len(found[0]) - len(found[0].lstrip())
            old = text[start:found.end()]
            yield "removal", start, old, ";" + "\n" * old.count("\n")


def mutants_of(path, text):
    """All of them, in the order of their places."""
    code = masked(text)
    made = []
    for operator, at, old, new in places(text, code):
        start = text.rfind("\n", 0, at) + 1
        line = text[start:text.find("\n", at)]
        if not LEFT_ALONE.search(line):
            made.append(Mutant(path, text.count("\n", 0, at) + 1, operator, at, old, new))
    return sorted(set(made), key=lambda m: (m.at, m.operator, m.new))
