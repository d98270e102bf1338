// The workgroup is one unit.
let last_tile = min((number + 1u) * params[p + 3u], params[p + 1u]);
for (var tile = number * params[p + 3u]; tile < last_tile; tile++) {
    //{start tile}
    bring(/*{start}*/, thread);
    workgroupBarrier();
    for (var row = thread / 32u; row < 32u; row += 8u) {
        //{point}
        if /*{inside}*/ {
            let e = /*{element}*/;
            //{take}
        }
    }
    // Before the next tile is brought.
    workgroupBarrier();
}
