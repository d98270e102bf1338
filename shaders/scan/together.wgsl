var own: array<State, ROWS>;
var state = begin(p);
for (var at = start; at < end; at++) {
    //{point}
    state = take(state, /*{element}*/);
    own[at - start] = state;
}
let earlier = scanned(lane, state);
if lane > 0u { before = merge(before, earlier); }
for (var at = start; at < end; at++) {
    let point = (line / params[p + 2u] * params[p + 1u] + at) * params[p + 2u] + line % params[p + 2u];
    let next = merge(before, own[at - start]);
    out0[point] = /*{next}*/;
}
