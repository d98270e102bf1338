#!/usr/bin/env python3
"""Makes shaders/lib/f32.wgsl and f64.wgsl from src/ops/math/m32.rs, m64.rs and what both include.

The Rust sources keep to a subset that WGSL shares: `let`, calls, operators and
a last expression. Helpers of the two prim modules, and functions with loops or
branches, are written by hand in tools/f32_head.wgsl and tools/f64_head.wgsl.
Usage: tools/twin.py [--check]
"""
import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WIDTHS = (32, 64)
NATIVE = {"fma", "abs", "sqrt", "floor", "ceil", "trunc"}
# Rust only: CPU fast paths, and what the heads write by hand.
SKIP = re.compile(r"_fast$|^trig_in_range$|^reduce|^trunc_rem$")


def arguments(text, at):
    """Splits the bracketed list that opens at `at`; returns (items, end)."""
    depth, start, items = 0, at + 1, []
    for i in range(at, len(text)):
        c = text[i]
        if c in "([":
            depth += 1
        elif c in ")]":
            depth -= 1
            if depth == 0:
                items.append(text[start:i])
                return [s.strip() for s in items if s.strip()], i + 1
        elif c == "," and depth == 1:
            items.append(text[start:i])
            start = i + 1
    raise SyntaxError(text[at:])


class Width:
    def __init__(self, w):
        self.w, self.f, self.u = w, f"f{w}", f"u{w}"
        self.head = (ROOT / f"tools/f{w}_head.wgsl").read_text()
        src = ROOT / "src/ops/math"
        names = [f"coef{w}.rs", f"prim{w}.rs"] + sorted(p.name for p in src.glob(f"m{w}*.rs"))
        self.sources = {n: (src / n).read_text().replace('include!("both.rs");', self.both(src)) for n in names}
        text = "\n".join(self.sources.values())
        self.tables = {
            m[1]: re.findall(r"[-\w.+]+", m[2])
            for m in re.finditer(rf"const (\w+): \[{self.f}; \d+\] =\s*\[([^\]]*)\];", text)
        }
        scalars = re.findall(r"const (\w+): ([fu]\d\d) =\s*([^;\[]+);", text)
        self.consts = {name: (ty, value) for name, ty, value in scalars}
        self.functions = set(re.findall(r"\bfn (\w+)", text))

    def both(self, src):
        """What is written the same on both widths, on this one."""
        text = re.sub(r"\bF\b", self.f, (src / "both.rs").read_text())
        text = re.sub(r"\bU\b", self.u, text)
        # Errors are given for each.
        error = r"Error: ([^()]*) \(f32\); ([^()]*) \(f64\)\."
        return re.sub(error, rf"Error: \{WIDTHS.index(self.w) + 1}.", text)

    def number(self, lit):
        lit = lit.replace("_", "")
        return lit + "lf" if self.w == 64 else lit

    def expr(self, e, first):
        e = " ".join(e.split())
        out, i = "", 0
        token = re.compile(r"0x[0-9a-fA-F_]+|\d[\d_]*\.\d+(?:e-?\d+)?|\d[\d_]*|[A-Za-z_]\w*|.")
        while i < len(e):
            t = token.match(e, i)[0]
            i += len(t)
            if re.match(r"0x", t):
                out += t.replace("_", "") + ("lu" if self.w == 64 else "u")
            elif re.match(r"\d[\d_]*\.", t):
                out += self.number(t)
            elif t[0].isdigit():
                out += t
            elif t == "as":
                ty = re.compile(r"\s*(\w+)").match(e, i)
                i = ty.end()
                out = self.cast(out.rstrip(), ty[1])
            elif t in ("INF", "NAN"):
                out += f"{t.lower()}_{self.f}({first})"
            elif t in self.consts:
                out += f"{t}_{self.f.upper()}"
            elif re.match(r"[A-Za-z_]", t) and e[i : i + 1] == "(":
                items, i = arguments(e, i)
                out += self.call(t, items, first)
            else:
                out += t
        return out

    def cast(self, out, ty):
        if out.endswith(")"):
            depth = 0
            for k in range(len(out) - 1, -1, -1):
                depth += (out[k] == ")") - (out[k] == "(")
                if depth == 0:
                    break
            while k and re.match(r"\w", out[k - 1]):
                k -= 1
        else:
            k = re.search(r"\w+$", out).start()
        inner = out[k:]
        return f"{out[:k]}{ty}({inner})"

    def call(self, name, items, first):
        if name == "poly":
            x = self.expr(items[0], first)
            c = [self.number(v) for v in self.tables[items[1]]]
            p = c[-1]
            for v in reversed(c[:-1]):
                p = f"fma({p}, {x}, {v})"
            return p
        a = [self.expr(s, first) for s in items]
        if name == "pick":
            return f"select({a[2]}, {a[1]}, {a[0]})"
        if name == "float":
            return f"bitcast<{self.f}>({a[0]})"
        if name == "bits":
            return f"bitcast<{self.u}>({a[0]})"
        if name not in NATIVE and name in self.functions:
            name = f"{name}_{self.f}"
        return f"{name}({', '.join(a)})"

    def function(self, m):
        doc, name, params, ret, body = m[1], m[2], m[3], m[4], m[5]
        first = params.split(":")[0]
        pair = f"vec2<{self.f}>"
        out = "".join(f"//{l.strip()[3:]}\n" for l in doc.splitlines() if l.strip().startswith("///"))
        out = re.sub(r"\[`?(\w+)`?\]", r"\1", out).replace("(super::prim", "(")
        ret = pair if ret.startswith("(") else ret
        out += f"fn {name}_{self.f}({params}) -> {ret} {{\n"
        lines = [l for l in body.splitlines() if not l.strip().startswith("//")]
        text = " ".join(" ".join(lines).split())
        parts = [s.strip() for s in text.split(";")]
        for s in parts[:-1]:
            if t := re.match(r"let \((\w+), (\w+)\) = (.*)", s):
                both = "both" if "_" in (t[1], t[2]) else f"{t[1]}_{t[2]}"
                out += f"    let {both} = {self.expr(t[3], first)};\n"
                for v, c in ((t[1], "x"), (t[2], "y")):
                    if v != "_":
                        out += f"    let {v} = {both}.{c};\n"
            elif t := re.match(r"let (\w+) = (.*)", s):
                out += f"    let {t[1]} = {self.expr(t[2], first)};\n"
            else:
                raise SyntaxError(f"{name}: {s}")
        last = parts[-1]
        if ret == pair and last.startswith("("):
            items, _ = arguments(last, 0)
            value = f"{pair}({', '.join(self.expr(i, first) for i in items)})"
        else:
            value = self.expr(last, first)
        return out + f"    return {value};\n}}\n"

    def shader(self):
        pattern = re.compile(
            r"((?:^///[^\n]*\n)*)^#\[inline\(always\)\]\n(?:pub(?:\(super\))? )?fn (\w+)\(([^)]*)\) -> ([^{]+?) \{\n(.*?)^\}\n",
            re.M | re.S,
        )
        body = ""
        for file, text in self.sources.items():
            if file.startswith("m"):
                for m in pattern.finditer(text):
                    if not SKIP.search(m[2]):
                        body += "\n" + self.function(m)
        used = set(re.findall(rf"\b([A-Z]\w*)_{self.f.upper()}\b", self.head + body))
        consts = ""
        for name, (ty, value) in self.consts.items():
            if name in used and f"const {name}_" not in self.head:
                consts += f"const {name}_{self.f.upper()}: {ty} = {self.expr(value, '')};\n"
        return f"{self.head}\n{consts}{body}"


def main():
    stale = []
    for w in WIDTHS:
        path = ROOT / f"shaders/lib/f{w}.wgsl"
        text = Width(w).shader()
        if "--check" not in sys.argv:
            path.write_text(text)
        elif path.read_text() != text:
            stale.append(str(path))
    if stale:
        sys.exit(f"stale: {', '.join(stale)}; run tools/twin.py")


if __name__ == "__main__":
    main()
