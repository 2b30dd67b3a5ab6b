"""What a shell text runs: its words, what joins them, what may not run; quotes of each shell, and
substitutions without end.

Longer than a module should be because one reader has one set of tables.
"""

from __future__ import annotations

import shlex

import pytest

from accrete.outcomes.commits import commit_commands, proven
from accrete.outcomes.pushes import push_commands
from accrete.outcomes.shell import commands
from tests.records import kept, rows
from tests.transcripts import Transcript


def read(text: str, **how: bool) -> list[str]:
    """The commands of a text: `words follows@subshells`, behind `!` where it is negated, `?` where
    it is in a branch, `~` where it is behind a test."""
    made = []
    for each in commands(text, **how):
        marks = "!" * each.negated + "?" * each.branch + "~" * each.tested
        inside = "@" * bool(each.shell) + ",".join(map(str, each.shell))
        made.append(marks + " ".join([*each.words, *[each.follows] * bool(each.follows)]) + inside)
    return made


WORDS = {
    "a `` b": ["a ` b"],
    "a\\\nb": ["ab"],
    'a "$((1))$((2))" b': ["a $()$() b"],
    'a $(()) "$(())" b))': ["a $() $() b ;"],
    "(()); a; b))": ["a ;", "b ;"],
    "a b\tc\rd": ["a b c d"],
    "a 'b  c' d": ["a b  c d"],
    'a "b  c" d': ["a b  c d"],
    "a b'c'\"d\"e": ["a bcde"],
    'a "" b': ["a  b"],
    "a '' b": ["a  b"],
    "a \\  b": ["a   b"],
    'a \\" b\\; c': ['a " b; c'],
    'a "x\\"y" z': ['a x"y z'],
    'a "x\\\\y" z': ["a x\\y z"],
    'a "x\\ny" z': ["a x\\ny z"],
    'a "\\$x \\`y" z': ["a $x `y z"],
    'a "x\\\ny" z': ["a xy z"],
    "a x\\\n y": ["a x y"],
    "a $'it\\'s' b": ["a it's b"],
    'a $x "$y" ${z} b': ["a $x $y ${z} b"],
    "a $((1 + 2)) b": ["a $() b"],
    'a "$((1 + 2))" "b" c': ["a $() b c"],
    "a # b": ["a"],
    "a#b c": ["a#b c"],
    "# a": [],
    "a {b,c} {}": ["a {b,c} {}"],
    "a{b }": ["a{b }"],
    "a 'x\ny' z": ["a x\ny z"],
    "((x = 1 < 2)); a": ["a"],
    "a && ((x++)) && b": ["a &&", "b"],
    "a x; # b\nc": ["a x ;", "c"],
}


def test_a_command_is_its_words_without_their_quotes():
    assert {text: read(text) for text in WORDS} == WORDS


REDIRECTED = {
    "cat <<'X Y'\nq\nX Y\nb": ["cat ;", "b"],
    "cat<<X>f\nq\nX\nb": ["cat ;", "b"],
    "a > f b": ["a b"],
    "a 2> f b": ["a b"],
    "a 2>&1 b": ["a b"],
    "a &> f b; c": ["a b ;", "c"],
    "a >& f b": ["a b"],
    "a >| f b": ["a b"],
    "a < f b": ["a b"],
    "a <<< x b": ["a b"],
    "a>f>g b": ["a b"],
    "> f a": ["a"],
    "a >'b c' d": ["a d"],
    "a > $(b) c": ["b@1", "a c"],
    "a 12>f b": ["a b"],
    "a x2>f b": ["a x2 b"],
    "a 2>/dev/null || b": ["a ||", "?b"],
    "cat <<EOF\na\nEOF\nb": ["cat ;", "b"],
    "cat <<-EOF\n\ta\n\tEOF\nb": ["cat ;", "b"],
    "cat <<A <<B\nx\nA\ny\nB\nb": ["cat ;", "b"],
    'cat <<"X Y"\nq\nX Y\nb': ["cat ;", "b"],
    "cat << \\EOF\nq\nEOF\nb": ["cat ;", "b"],
    "cat <<''\nq\n\nb": ["cat ;", "b"],
    "cat <<EOF > f x\nq\nEOF\nb": ["cat x ;", "b"],
    "cat <<EOF | a\nq\nEOF\nb": ["cat |", "a ;", "b"],
    "cat <<EOF;a\nq\nEOF\nb": ["cat ;", "a ;", "b"],
    "cat <<EOF\nNOEOF\n EOF \nb": ["cat ;", "b"],
    "cat <<EOF && a\nq\nEOF x\nEOF\nb": ["cat &&", "a ;", "b"],
}


def test_redirections_and_heredocs_are_no_words():
    assert {text: read(text) for text in REDIRECTED} == REDIRECTED


JOINED = {
    "a; b && c || d | e |& f & g": ["a ;", "b &&", "c ||", "?d |", "?e |", "?f &", "g"],
    "a;; b\n\nc": ["a ;", "b ;", "c"],
    "(a) && (b)": ["a &&@1", "b@2"],
    "{ a; b; } && c": ["a ;", "b &&", "c"],
    "{ a; } | b": ["a |", "b"],
    "if a; then b; fi && c": ["a ;", "?b &&", "c"],
    "for x in 1; do a; done | b": ["a |", "b"],
    "case x in *) a;; esac || b": ["?a ||", "?b"],
    "a && (b; c) && d": ["a &&", "b ;@1", "c &&@1", "d"],
    "a && $(b) && c": ["a &&", "b@1", "$() &&", "c"],
    "a & b & c": ["a &", "b &", "c"],
    "a |\nb &&\nc": ["a |", "b &&", "c"],
    "f() { a; b; }; f && c": ["a ;", "b &&", "c"],
}


def test_each_command_knows_what_follows_it():
    assert {text: read(text) for text in JOINED} == JOINED


SUBSTITUTED = {
    "a $(cat <<EOF\nx\nEOF\n) y": ["cat ;@1", "a x\n y"],
    "$(a b) c": ["a b@1", "$() c"],
    'a "$(b)$(c "d e")" f': ["b@1", "c d e@2", "a $()$() f"],
    "a `b c` d": ["b c@1", "a ` d"],
    'a "$(cat <<EOF\nx\nEOF\n)" y': ["cat ;@1", "a x\n y"],
    "$(a $(b `c`))": ["c@1,2,3", "b `@1,2", "a $()@1", "$()"],
    "x=$(a); b": ["a@1", "b"],
    'x="$(a)" && b': ["a@1", "b"],
    "a $(b; c) && d": ["b ;@1", "c@1", "a $() &&", "d"],
    "a; (b; (c); d) && (e)": ["a ;", "b ;@1", "c ;@1,2", "d &&@1", "e@3"],
    "((a)); ( (b); c )": ["b ;@1,2", "c@1"],
    "a $(if b; then c; fi) d": ["b ;@1", "?c@1", "a $() d"],
    "f() { x=$(a); }; b; f": ["b ;", "a@2"],
    "echo then $(a)": ["a@1", "echo then $()"],
    "a $(b \\)) c": ["b )@1", "a $() c"],
    'a $(b "c)d" e) f': ["b c)d e@1", "a $() f"],
    'a $(b "$(c ")")") d': ["c )@1,2", "b $()@1", "a $() d"],
    "a $(b \"$('c)')\" d) e": ["c)@1,2", "b $() d@1", "a $() e"],
    "a $(b '' ')' c) d": ["b  ) c@1", "a $() d"],
    "a $(b <<< c) d; e": ["b@1", "a $() d ;", "e"],
    "a $(b <<<'c)' d); e": ["b d@1", "a $() ;", "e"],
    "a $(cat <<X; b\n)\nX\n) c": ["cat ;@1", "b ;@1", "a )\n c"],
    "a $(b <<'X'\n)\nX\n) c": ["b ;@1", "a $() c"],
    'a $(b <<"X Y"\n)\nX Y\n) c': ["b ;@1", "a $() c"],
    "a $(b <<-X\n)\n\tX\nc) d": ["b ;@1", "c@1", "a $() d"],
    "a $(b <<'X)'\n(\nX)\n) c": ["b ;@1", "a $() c"],
    "a $(b <<X\nX) c": ["b ;@1", "a $()"],
    "a $( (b) c) d": ["b ;@1,2", "c@1", "a $() d"],
    "a $(b <f) c": ["b@1", "a $() c"],
    "for x in $(a); do b; done; c": ["a@1", "?b ;", "c"],
}


def test_what_is_substituted_or_in_parentheses_runs_in_a_shell_of_its_own():
    assert {text: read(text) for text in SUBSTITUTED} == SUBSTITUTED


BRANCHES = {
    "if a; then b; elif c; then d; else e; fi; f": ["a ;", "?b ;", "?c ;", "?d ;", "?e ;", "f"],
    "while a; do b; done; c": ["a ;", "?b ;", "c"],
    "until a; do b; done; c": ["a ;", "?b ;", "c"],
    "for x in 1 2; do a; done; b": ["a ;", "b"],
    "for x in *; do a; done; b": ["?a ;", "b"],
    "for x in $y; do a; done": ["?a"],
    "for x; do a; done; b": ["?a ;", "b"],
    "case $x in\n a|b) c ;;\n *) d\nesac\ne": ["?a |", "?c ;", "?d ;", "e"],
    "case $x in a) b ;; *) c ;; esac; d": ["?b ;", "?c ;", "d"],
    "(case $x in a) b ;; *) c ;; esac; d); e": ["?b ;@1", "?c ;@1", "d ;@1", "e"],
    "(a; case $x in b) c ;; esac); d": ["a ;@1", "?c ;@1", "d"],
    "if a; then case $x in b) c ;; esac; d; fi; e": ["a ;", "?c ;", "?d ;", "e"],
    "case $x in a) case $y in b) c ;; esac ;; *) d ;; esac; e": ["?c ;", "?d ;", "e"],
    "(for x in 1; do case $x in 1) a ;; esac done); b": ["?a ;@1", "b"],
    "(case $x in if) a ;; case) b ;; esac; c); d": ["?a ;@1", "?b ;@1", "c ;@1", "d"],
    "a case b; (c); d": ["a case b ;", "c ;@1", "d"],
    "(a case); b": ["a case ;@1", "b"],
    "if a; then for x in 1; do b; done; fi; c": ["a ;", "?b ;", "c"],
    "for x in 1 2; do if a; then b; fi; c; done": ["a ;", "?b ;", "c"],
    "while a; do for x in 1; do b; done; done; c": ["a ;", "?b ;", "c"],
    "for x in 1; do while a; do b; done; c; done": ["a ;", "?b ;", "c"],
    "a || b; c": ["a ||", "?b ;", "c"],
    "a || b && c": ["a ||", "?b &&", "c"],
    "a || b | c; d": ["a ||", "?b |", "?c ;", "d"],
    "a | b || c": ["a |", "b ||", "?c"],
    "a || { b; c; }; d": ["a ||", "?b ;", "?c ;", "d"],
    "a || (b; c); d": ["a ||", "?b ;@1", "?c ;@1", "d"],
    "a || if b; then c; fi; d": ["a ||", "?b ;", "?c ;", "d"],
    "a || for x in 1; do b; done; c": ["a ||", "?b ;", "c"],
    "a || while b; do c; done; d": ["a ||", "?b ;", "?c ;", "d"],
    "a || $(b) c": ["a ||", "?b@1", "?$() c"],
    "a || b || c": ["a ||", "?b ||", "?c"],
    "if a; then x=$(b); fi; c": ["a ;", "?b ;@1", "c"],
    "if a; then b $(c); else d `e`; fi": ["a ;", "?c@1", "?b $() ;", "?e@2", "?d `"],
    'if a; then x="$(b)" || c; fi': ["a ;", "?b@1", "?c"],
    "if x=$(a); then b; fi; c": ["a@1", "?b ;", "c"],
    "if ! x=$(a); then b; elif y=$(c); then d; fi": ["a@1", "?b ;", "?c@2", "?d"],
    "while x=$(a); do b; done; c": ["a@1", "?b ;", "c"],
    "for x in 1; do y=$(a); done; b": ["a ;@1", "b"],
    "a || x=$(b); c": ["a ||", "?b@1", "c"],
    "a || x=1\nb": ["a ||", "b"],
    "a || x=1 | b": ["a ||", "?b"],
    "a || x=1 || b": ["a ||", "?b"],
    "a ||\nb": ["a ||", "?b"],
}


def test_what_may_not_run_is_in_a_branch():
    assert {text: read(text) for text in BRANCHES} == BRANCHES


LEFT = {
    "a || exit 0 1; b": ["a &&", "b"],
    "a || exit 1; b": ["a &&", "b"],
    "a || exit; b": ["a &&", "b"],
    "a || return 2; b": ["a &&", "b"],
    "a || exit 0; b": ["a ||", "?exit 0 ;", "b"],
    "a || exit 1 && b": ["a &&", "b"],
    "(a || exit 1; b)": ["a &&@1", "b@1"],
    "|| exit 1; b": ["exit 1 ;", "b"],
    "a && exit 1; b": ["a &&", "exit 1 ;", "b"],
    "a; exit; b": ["a ;", "exit ;", "b"],
}


def test_a_way_out_behind_or_makes_what_follows_a_proof():
    assert {text: read(text) for text in LEFT} == LEFT


TESTED = {
    "[ x ] && a; b": ["[ x ] &&", "~a ;", "b"],
    "[ x ] && a && b": ["[ x ] &&", "~a &&", "~b"],
    "[ x ] && a | b; c": ["[ x ] &&", "~a |", "~b ;", "c"],
    "[ x ] && a || b": ["[ x ] &&", "~a ||", "?b"],
    "[ x ] | a": ["[ x ] |", "~a"],
    "[ x ] || a": ["[ x ] ||", "?a"],
    "[ x ] ; a && b": ["[ x ] ;", "a &&", "b"],
    "a && [ x ] && b; c": ["a &&", "[ x ] &&", "~b ;", "c"],
    "[[ x ]] && (a; b); c": ["[[ x ]] &&", "~a ;@1", "~b ;@1", "c"],
    "[ x ] && { a; b; }; c": ["[ x ] &&", "~a ;", "~b ;", "c"],
    "test x && if a; then b; fi; c": ["test x &&", "~a ;", "?~b ;", "c"],
    "grep -q x f && a; b": ["grep -q x f &&", "~a ;", "b"],
    "command -v x && a; b": ["~a ;", "b"],
    "command -v x | a": ["~a"],
    "command -V x; a": ["a"],
    "[ x ] && y=$(a); b": ["[ x ] &&", "~a@1", "b"],
    "[ x ] && y=$(a) && b": ["[ x ] &&", "~a@1", "~b"],
    "[ x ] && { y=$(a); }; b": ["[ x ] &&", "~a ;@1", "b"],
    "[ x ] && bash -c 'a; b'; c": ["[ x ] &&", "~a ;@1", "~b ;@1", "c"],
    "[ x ] && y=1; a": ["[ x ] &&", "a"],
}


def test_what_is_behind_a_test_may_not_run_either():
    assert {text: read(text) for text in TESTED} == TESTED


NEGATED = {
    "! a; b": ["!a ;", "b"],
    "! a && b": ["!a &&", "b"],
    "if ! a; then b; fi": ["!a ;", "?b"],
    "while ! a; do b; done": ["!a ;", "?b"],
    "a || ! b": ["a ||", "!?b"],
    "! ! a": ["!a"],
    "! { a; }; b": ["!a ;", "b"],
}


def test_a_negated_command_is_said_to_be_one():
    assert {text: read(text) for text in NEGATED} == NEGATED


STRICT = {
    "set -e; a; b": ["set -e &&", "a &&", "b"],
    "set -e; a || b; c": ["set -e &&", "a ||", "?b ;", "c"],
    "set -e; a && b; c": ["set -e &&", "a &&", "b ;", "c"],
    "set -e; a | b; c; d": ["set -e &&", "a |", "b &&", "c &&", "d"],
    "set -e; a & b; c": ["set -e &&", "a &", "b &&", "c"],
    "set -eo pipefail; a | b; c; d": ["set -eo pipefail &&", "a &&", "b &&", "c &&", "d"],
    "set -xe -o pipefail; a | b; c": ["set -xe -o pipefail &&", "a &&", "b &&", "c"],
    "set -o pipefail; a | b; c": ["set -o pipefail ;", "a &&", "b ;", "c"],
    "set -o errexit; a; b": ["set -o errexit &&", "a &&", "b"],
    "set -u; a; b": ["set -u ;", "a ;", "b"],
    "set -x; set -e; a; b": ["set -x ;", "set -e &&", "a &&", "b"],
    "set +e; a; b": ["set +e ;", "a ;", "b"],
    "set --e; a; b": ["set --e ;", "a ;", "b"],
    "a; set -e; b; c": ["a ;", "set -e &&", "b &&", "c"],
    "(set -e; a; b); c; d": ["set -e &&@1", "a &&@1", "b ;@1", "c &&", "d"],
    "set -e; bash -c 'a; b'; c; d": ["set -e &&", "a ;@1", "b &&@1", "c &&", "d"],
    "set -e\n[ x ] && a\nb; c": ["set -e &&", "[ x ] &&", "~a ;", "b &&", "c"],
}


def test_set_e_and_pipefail_join_commands_as_and_does():
    assert {text: read(text) for text in STRICT} == STRICT


ASKED = {
    "set -e; if a; then b; fi": "a",
    "set -e; if a && b; then c; elif d; then e; else f; fi; g": "a b d",
    "set -e; while ! a; do b; done; until c; do d; done": "a c",
    "set -e; for x in 1; do a; done; case x in *) b;; esac": "",
    "set -e; if { a; (b; x=$(c)); }; then d; fi": "a b c",
    "set -e; if bash -c 'a; b'; then c; fi; d": "a b",
    "set -e; f() { a; }; if f; then f; b; fi; f": "a",
    "set -e; f() { if a; then b; fi; }; f": "a",
    "set -e; if a; then while b; do c; done; fi; d": "a b",
    "if a; then if b; then c; fi; d; fi": "a b",
}


def test_a_condition_ends_no_script_so_that_a_good_end_proves_nothing_of_it():
    found = {}
    for text in ASKED:
        read = commands(text)
        found[text] = " ".join(each.words[0] for each in read if each.asked)
        assert not any(proven(read, at) for at, each in enumerate(read) if each.asked)
    assert found == ASKED


def test_what_stands_before_a_condition_under_set_e_is_proven_by_a_good_end():
    text = "set -e; a; if b; then c; fi"
    assert [proven(commands(text), at) for at in range(4)] == [True, True, False, False]


INNER = {
    "bash -c 'a; b' && c": ["a ;@1", "b &&@1", "c"],
    'sh -c "a && b" || c': ["a &&@1", "b ||@1", "?c"],
    "a || bash -c 'b; c'": ["a ||", "?b ;@1", "?c@1"],
    "bash -c ''; a": ["a"],
    "bash -c; a": ["bash -c ;", "a"],
    "bash x.sh -c a": ["bash x.sh -c a"],
    "bash -c 'bash -c \"bash -c a\"'": ["a@1,2,3"],
    "bash -ec 'a'": ["a@1"],
    "bash -e -c a": ["a@1"],
    "bash -o pipefail -c a": ["a@1"],
    "bash +x -c a": ["a@1"],
    "bash --login -c a": ["a@1"],
    "bash --rcfile -c": ["bash --rcfile -c"],
    "bash -c a b": ["a@1"],
    "pwsh -NoProfile -Command 'a; b'": ["a ;@1", "b@1"],
    "powershell.exe -c a": ["a@1"],
    "/bin/sh -lc a": ["a@1"],
    "python -c a": ["python -c a"],
    "bash <<EOF\na\nb\nEOF\nc": ["a ;@1", "b ;@1", "c"],
    "a && bash -s <<EOF | b\nc\nd\nEOF": ["a &&", "b ;", "c ;@1", "d |@1"],
    "bash x <<EOF\na\nEOF\nb": ["bash x ;", "b"],
    "bash -s x <<EOF\na\nEOF": ["bash -s x ;"],
    "(bash <<X\na\nX\n); b": ["a ;@1,2", "b"],
    "sudo bash <<X\na; b": ["a ;@1", "b ;@1"],
    "if a; then bash -c b; fi": ["a ;", "?b@1"],
}


def test_the_script_that_a_shell_is_given_is_read_too():
    assert {text: read(text) for text in INNER} == INNER


FUNCTIONS = {
    "(f() { a; }; f); b": ["a ;@1", "b"],
    "a && f() { b; }; c": ["a &&", "c"],
    "f() { a; b; }; f && c; d": ["a ;", "b &&", "c ;", "d"],
    "f() { a; b; }": [],
    "f() (a; b); f; c": ["a ;@2", "b ;@2", "c"],
    "function f { a; b; }; f": ["a ;", "b"],
    "function f() { a; }; f | b": ["a |", "b"],
    "function f\n{\n a\n}\nf": ["a"],
    "f()\n{\n a\n}\nf": ["a"],
    "f( ) { a; }; f x": ["a"],
    "f() { a; }; (f); b": ["a ;@1", "b"],
    "f() { (a; b); c; }; f; (d)": ["a ;@2", "b ;@2", "c ;", "d@3"],
    "f() { (a; b); }; f; f": ["a ;@2", "b ;@2", "a ;@3", "b@3"],
    "f() { (a; (b)); }; (f)": ["a ;@3,4", "b@3,4,5"],
    "f() { a; }; g() { f; b; }; g": ["a ;", "b"],
    "f() { a; }; f() { b; }; f": ["b"],
    "f() { a && b; }; f || c": ["a &&", "b ||", "?c"],
    "f() { if a; then b; fi; }; f; c": ["a ;", "?b ;", "c"],
    "f() { a; }; [ x ] && f; b": ["[ x ] &&", "~a ;", "b"],
    "f() { a; }; b || f; c": ["b ||", "?a ;", "c"],
    "f() { a; }; if b; then f; fi; f": ["b ;", "?a ;", "a"],
    "a () { b; }; c": ["a ;", "b ;", "c"],
    "a ()": ["a"],
}


def test_a_function_runs_where_it_is_called():
    assert {text: read(text) for text in FUNCTIONS} == FUNCTIONS


WRAPPED = {
    "sudo a": ["a"],
    "sudo -u x a": ["a"],
    "sudo -- a": ["a"],
    "env X=1 a": ["a"],
    "env -u X Y=1 a": ["a"],
    "/usr/bin/env a": ["a"],
    "env": [],
    "timeout 5 a": ["a"],
    "timeout -s KILL 5 a": ["a"],
    "timeout -k 1 5s a": ["a"],
    "gtimeout 3 a": ["a"],
    "timeout 5": [],
    "nice -n 5 a": ["a"],
    "nohup a &": ["a &"],
    "xargs -n 1 -I {} a": ["a"],
    "command a": ["a"],
    "exec a": ["a"],
    "time -p a; b": ["a ;", "b"],
    "stdbuf -oL a": ["a"],
    "stdbuf -o L a": ["a"],
    "ionice -c 2 -n 1 a": ["a"],
    "A=1 B+=2 a": ["a"],
    "1A=2 a": ["1A=2 a"],
    "A=1; a": ["a"],
    "wsl -d U a": ["a"],
    "X=1 timeout 5 sudo -u r env Y=2 a": ["a"],
    "a sudo b": ["a sudo b"],
    "a -- b": ["a -- b"],
    "sudo -": [],
    "bash -c 'sudo a'": ["a@1"],
}


def test_scripts_are_read_six_deep_and_a_hundred_commands_of_a_function():
    def nested(times: int) -> str:
        return "a " + "$(b " * times + ")" * times

    assert [len(commands(nested(times))) for times in (5, 6, 7, 9)] == [6, 7, 7, 7]
    inner = "a"
    found = []
    for _ in range(8):
        inner = f"bash -c {shlex.quote(inner)}"
        found.append(read(inner)[0].partition("@")[0].split()[0])
    assert found == ["a"] * 6 + ["bash"] * 2
    body = "; ".join(f"a{n}" for n in range(150))
    assert len(commands(f"f() {{ {body}; }}; f; b")) == 101


def test_what_only_runs_another_command_is_taken_off():
    assert {text: read(text) for text in WRAPPED} == WRAPPED


OPEN = {
    "a `b": ["b@1", "a `"],
    "a 'b": ["a b"],
    'a "b': ["a b"],
    "a $'b": ["a $'b"],
    "a $(b": ["b@1", "a $()"],
    'a "$(b': ["b@1", "a $()"],
    "a \\": ["a "],
    'a "b\\': ["a b"],
    "a $((b": ["a $()"],
    'a "$((b': ["a $()"],
    "a <<": ["a"],
    "a <": ["a"],
    "a 2>": ["a"],
    "a <<EOF": ["a"],
    "a <<EOF\nb": ["a ;"],
    "bash <<EOF\na; b": ["a ;@1", "b ;@1"],
    "{ a": ["a"],
    "(a; b": ["a ;@1", "b@1"],
    "if a; then b": ["a ;", "?b"],
    "f() { a": ["a"],
    "case a in b": [],
    ")": [],
    "a )": ["a ;"],
    "fi; a": ["a"],
    "done": [],
    "} ; a": ["a"],
    "a; }; b": ["a ;", "b"],
    "then a": ["a"],
    "if a; done; b": ["a ;", "b"],
    "for x in 1; do a; fi; b; done; c": ["a ;", "b ;", "c"],
    "a && ": ["a &&"],
    "||": [],
    "for": [],
    "case": [],
    "function": ["function"],
    "a ((b": ["a ;", "b@1,2"],
    "f()": [],
    "!": [],
}


def test_what_is_not_closed_or_not_open_is_read_to_its_end():
    assert {text: read(text) for text in OPEN} == OPEN


POWERSHELL = {
    "a &> log": ["a"],
    "a &>> log; b": ["a ;", "b"],
    "a `\n b": ["a b"],
    "a `\r\n b; c": ["a b ;", "c"],
    "a \\b c": ["a \\b c"],
    'a "b`"c" d': ['a b"c d'],
    'a "x`$y" z': ["a x$y z"],
    "a 'b`' c": ["a b` c"],
    "& a b; c": ["a b ;", "c"],
    "& 'a b' c; d": ["a b c ;", "d"],
    "a & b": ["a &", "b"],
    "a && & b": ["a &&", "b"],
    "a && b || c | d": ["a &&", "b ||", "?c |", "?d"],
    'a "$(b)" c': ["b", "a $() c"],
    "a $(b c) d": ["b c", "a $() d"],
    "a (b c) d": ["a ;", "b c ;", "d"],
    "a @'\nx; y\n'@ b; c": ["a x; y b ;", "c"],
    'a @"\nx; $(y)\n"@; b': ["a x; $(y) ;", "b"],
    "a @x b": ["a @x b"],
    "a @{x=1}": ["a @{x=1}"],
    "if (a) { b }\nc": ["a ;", "?b ;", "c"],
    "foreach ($x in 1) { b }; c": ["$x in 1 ;", "?b ;", "c"],
    "while (a) { b }; c": ["a ;", "?b ;", "c"],
    "elseif (a) { b }": ["a ;", "?b"],
    "for ($i=0) { a }": ["$i=0 ;", "?a"],
    "{ a }; b": ["a ;", "b"],
    "& { a; b }; c": ["a ;", "b ;", "c"],
    "a > b": ["a > b"],
    "a # b\nc": ["a ;", "c"],
    "a $((b)) c": ["b", "a $() c"],
    'a "$((b))" c': ["b", "a $() c"],
    "function f { a }; f; b": ["a ;", "b"],
    "Test-Path x && a; b": ["Test-Path x &&", "~a ;", "b"],
    "a }; b": ["a } ;", "b"],
    "a } b": ["a } b"],
    "bash -c 'a; b'; c": ["a ;", "b ;", "c"],
    "a `": ["a "],
    "a te`\nst": ["a te st"],
    "a te`\r\nst": ["a te st"],
    "a {": ["a {"],
}


def test_powershell_is_read_by_its_own_rules():
    assert {text: read(text, powershell=True) for text in POWERSHELL} == POWERSHELL


@pytest.mark.parametrize(
    ("command", "pushed", "committed"),
    [
        ('cd "C:\\repo\\"; git commit -m "x"; git push', True, 1),
        ('& "C:\\Program Files\\Git\\bin\\git.exe" commit -m x', False, 1),
        ("git commit -m @'\nfix: don't break\n'@; git push", True, 1),
        ("Write-Output 'git push'", False, 0),
        ("git commit `\n  -m x", False, 1),
    ],
)
def test_powershell_has_its_own_quotes(command, pushed, committed):
    found = commands(command, powershell=True)
    assert (bool(push_commands(found)), len(commit_commands(found))) == (pushed, committed)


def test_substitutions_nested_without_end_stop_nothing(settings):
    t = Transcript(1)
    t.prompt("Go")
    t.call("Bash", {"command": "git log " + '"$(' * 1500})
    t.result("ok")
    t.answer("msg_2")
    kept(settings, t)
    assert rows(settings, "SELECT outcome, derive_error FROM session") == [("explored", None)]
