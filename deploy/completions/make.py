#!/usr/bin/env python3
"""make.py BINARY: writes the completions for bash, zsh and fish beside this file, from what BINARY's help tells: its commands, each
command's options and what they take. tests/stories/test_completions.py checks that they are what would be written.

What an option takes is told by the name of its value: FILE and DIRECTORY are files, a|b|c are words, and so is a description that is a
list of words; NAME=VALUE of --set is a setting; anything else is left to people."""

import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
DESCRIPTION_MOST = 100
HEAD = "Made by deploy/completions/make.py from `handover --help`; not written by hand."


class Option:
    def __init__(self, name, value, text):
        self.name, self.value = name, value
        self.text = describe(text)
        listed = re.sub(r" *\([^)]*\)", "", text)
        if re.fullmatch(r"[a-z0-9]+(\|[a-z0-9]+)+", value):
            self.kind, self.words = "words", value.split("|")
        elif value and re.fullmatch(r"[a-z]+(, [a-z]+)+( or [a-z]+)?", listed):
            self.kind, self.words = "words", re.findall(r"[a-z]+", listed.replace(" or ", " "))
        else:
            self.kind, self.words = self.kind_of(value), []

    def kind_of(self, value):
        if not value:
            return "none"
        if self.name == "--set":
            return "settings"
        return "files" if value.split(".")[0] in ("FILE", "DIRECTORY", "OLD") else "free"


class Command:
    def __init__(self, name, summary, text):
        self.name, self.summary = name, describe(summary)
        self.options = options_of(text)
        usage = re.match(r"usage: .*(?:\n {7}.*)*", text)[0]
        self.actions = re.findall(rf"^.{{7}}handover {name} \[?([a-z]+)\]?(?= |$)", usage, re.M)


def describe(text):
    """Its first clause, without what shells would take for their own."""
    clause = re.split(r"[;:.](?: |$)|, as `| \(docs/", re.sub(r"\([^)]*\)", "", text))[0]
    clause = re.sub(r"\s+", " ", re.sub(r"[^\w\s,./=+*-]", "", clause)).strip(" ,")
    return clause if len(clause) <= DESCRIPTION_MOST else clause[:DESCRIPTION_MOST].rsplit(" ", 1)[0]


def options_of(text):
    rows = re.findall(r"^  (--?[\w-]+)(?: ([A-Z][^ ]*|[a-z0-9]+(?:\|[a-z0-9]+)+))?(?: +(\S.*))?$((?:\n {6,}\S.*)*)", text, re.M)
    return [Option(name, value, re.sub(r"\s+", " ", first + more).strip()) for name, value, first, more in rows]


def printed(binary, *arguments):
    return subprocess.run([binary, *arguments], capture_output=True, text=True, timeout=60, check=True).stdout


def commands_of(binary):
    found = re.findall(r"^  ([a-z]+) {2,}(\S.*)$", printed(binary, "--help").split("\n\n", 1)[1], re.M)
    return [Command(name, summary, printed(binary, name, "--help")) for name, summary in found if name != "handover"]


def settings_of(binary):
    text = printed(binary, "run", "--help").partition("\nSettings,")[2]
    return re.findall(r"^  ([\w.]+)(?: = .*)?$", text, re.M)


# --- bash ---

BASH = """# Completions of handover for bash. {head}
_handover() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD - 1]}} words=
  local settings="{settings}"
  COMPREPLY=()
  if ((COMP_CWORD == 1)); then
    words="{commands} --help --version"
  else
    case "${{COMP_WORDS[1]}} $before" in
{values}
    *)
      case "${{COMP_WORDS[1]}}" in
{options}
      esac
      ;;
    esac
    if [[ $words == -* && $current != -* ]]; then
      words=
      if ((COMP_CWORD == 2)); then
        case "${{COMP_WORDS[1]}}" in
{actions}
        esac
      fi
    fi
  fi
  [[ -z $words ]] || mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}}
complete -o default -F _handover handover
"""


def bash(commands, settings):
    values, options, actions = [], [], []
    for command in commands:
        by_answer = {}
        for option in command.options:
            answer = {"words": f"words=\"{' '.join(option.words)}\"", "settings": "words=$settings", "files": "return",
                      "free": "compopt +o default 2>/dev/null; return"}.get(option.kind)
            if answer:
                by_answer.setdefault(answer, []).append(f'"{command.name} {option.name}"')
        values += [f"    {' | '.join(names)}) {answer} ;;" for answer, names in by_answer.items()]
        options.append(f"      {command.name}) words=\"{' '.join(option.name for option in command.options)}\" ;;")
        if command.actions:
            actions.append(f"        {command.name}) words=\"{' '.join(command.actions)}\" ;;")
    return BASH.format(head=HEAD, settings=" ".join(settings), commands=" ".join(command.name for command in commands),
                       values="\n".join(values), options="\n".join(options), actions="\n".join(actions or ["        *) ;;"]))


# --- zsh ---

def zsh_option(option):
    text = option.text.replace("[", "").replace("]", "")
    value = {"words": f":value:({' '.join(option.words)})", "settings": ":setting:($settings)", "files": ":file:_files",
             "free": f":{option.value.split('=')[0].lower().strip('.') or 'value'}: "}.get(option.kind, "")
    return f"'*{option.name}[{text}]{value}'"


def zsh(commands, settings):
    lines = ["#compdef handover", f"# Completions of handover for zsh. {HEAD}", "_handover() {", "  local -a commands settings",
             f"  settings=({' '.join(settings)})", "  commands=("]
    lines += [f"    '{command.name}:{command.summary}'" for command in commands]
    lines += ["  )", "  if (( CURRENT == 2 )); then", "    _describe command commands", "    return", "  fi",
              "  local command=$words[2]", "  shift words", "  (( CURRENT-- ))", "  case $command in"]
    for command in commands:
        first = [f"'1:action:({' '.join(command.actions)})'"] if command.actions else []
        lines += [f"  {command.name})", "    _arguments \\"]
        lines += [f"      {each} \\" for each in (*map(zsh_option, command.options), *first)] + ["      '*:file:_files'", "    ;;"]
    return "\n".join([*lines, "  esac", "}", 'if [[ $zsh_eval_context[-1] == loadautofunc ]]; then _handover "$@"; else compdef _handover handover; fi', ""])


# --- fish ---

FISH = """# Completions of handover for fish. {head}
function __handover_is
    set -l words (commandline -opc)
    test (count $words) -gt 1; and test $words[2] = $argv[1]
end
function __handover_begins
    test (count (commandline -opc)) -eq $argv[1]
end
complete -c handover -n '__handover_begins 1' -f -l help -d 'the commands'
complete -c handover -n '__handover_begins 1' -f -l version -d 'the version'
"""


def fish_option(command, option):
    name = f"-l {option.name[2:]}" if option.name.startswith("--") else f"-s {option.name[1:]}"
    value = {"words": f" -x -a '{' '.join(option.words)}'", "settings": " -x -a \"$__handover_settings\"", "files": " -r -F",
             "free": " -x"}.get(option.kind, "")
    return f"complete -c handover -n '__handover_is {command.name}' {name}{value} -d '{option.text}'"


def fish(commands, settings):
    lines = [FISH.format(head=HEAD) + f"set -g __handover_settings {' '.join(settings)}"]
    for command in commands:
        lines.append(f"complete -c handover -n '__handover_begins 1' -f -a {command.name} -d '{command.summary}'")
        if command.actions:
            lines.append(f"complete -c handover -n '__handover_is {command.name}; and __handover_begins 2' -f -a '{' '.join(command.actions)}'")
        lines += [fish_option(command, option) for option in command.options]
    return "\n".join(lines) + "\n"


def made(binary):
    """File name -> text."""
    commands, settings = commands_of(binary), settings_of(binary)
    return {name: write(commands, settings) for name, write in (("handover.bash", bash), ("_handover", zsh), ("handover.fish", fish))}


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: make.py BINARY")
    for file, text in made(sys.argv[1]).items():
        (HERE / file).write_text(text, "utf-8")
