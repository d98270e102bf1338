let tile = number;
if tile >= params[p] { return; }
//{start tile}
bring(/*{start}*/, thread);
workgroupBarrier();
for (var row = thread / 32u; row < 32u; row += 8u) {
    //{point}
    if /*{inside}*/ {
        let e = /*{element}*/;
        let at = place(/*{arguments}*/);
        //{store}
    }
}
