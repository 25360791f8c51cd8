"""Random CEL programs over two variables, for the oracle and for the soundness of unknowns."""

from __future__ import annotations

from hypothesis import strategies as st

DATA = {
    "m": {"a": 1, "b": "x", "c": {"d": True, "e": 2.5, "n": None}, "l": [1, 2, 3], "s": "hello"},
    # Literals as dynamic values: cel-cpp refuses `-true` when it compiles, and this is about evaluation.
    "v": {"t": True, "f": False, "n": None, "zero": 0, "one": 1, "max": 2**63 - 1, "half": 0.5, "x": "x", "list": [1, 2]},
    "l": [{"k": "x", "v": 1, "f": True}, {"k": "y", "v": 2, "f": False}],
}

_ATOMS = st.sampled_from(
    ["v.t", "v.f", "v.n", "v.zero", "v.one", "v.max", "v.half", "v.x", "v.list", "true", "false", "1", "'x'", "[1, 2]",
     "m.a", "m.b", "m.c.d", "m.c.e", "m.c.n", "m.l", "m.s", "m.missing", "m.c.missing", "l", "l[0]", "l[1].v", "l[0].f", "l[5]",
     "m['a']", "m.c", "has(m.a)", "has(m.zzz)", "has(m.c.d)", "has(m.zzz.q)", "size(m.l)", "size(m.s)", "m.?a.orValue(7)", "m.?zzz.orValue(7)",
     "m.?c.?d.orValue(false)", "m.?zzz.d.hasValue()"]
)  # fmt: skip


def _extend(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    operators = st.sampled_from(["&&", "||", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "in"])
    return st.one_of(
        st.builds(lambda a, o, b: f"({a} {o} {b})", inner, operators, inner),
        st.builds(lambda a: f"!({a})", inner),
        st.builds(lambda a: f"-({a})", inner),
        st.builds(lambda c, a, b: f"({c} ? {a} : {b})", inner, inner, inner),
        st.builds(lambda n, b: f"l.{n}(x, {b})", st.sampled_from(["exists", "all", "exists_one"]), inner),
        st.builds(lambda n, b: f"m.l.{n}(x, x > 1 && {b})", st.sampled_from(["exists", "all"]), inner),
        st.builds(lambda n, o, b: f"l.{n}(x, x.v {o} {b})", st.sampled_from(["exists", "all"]), st.sampled_from(["==", "<", "!="]), inner),
        st.builds(lambda b: f"size(l.filter(x, {b}))", inner),
        st.builds(lambda b: f"l.map(x, {b})", inner),
        st.builds(lambda n, p: f"m.s.{n}('{p}')", st.sampled_from(["startsWith", "endsWith", "contains", "matches"]), st.sampled_from(["h", "lo", "x"])),
        st.builds(lambda a, b: f"[{a}, {b}]", inner, inner),
    )


programs = st.recursive(_ATOMS, _extend, max_leaves=10)
