let points = params[p];
let first = (number * 256u + thread) * RUN;
for (var point = first; point < min(first + RUN, points); point++) {
    //{coordinates point}
    let e = /*{element}*/;
    let at = place(/*{arguments}*/);
    //{store}
}
