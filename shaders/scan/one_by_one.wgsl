for (var at = start; at < end; at++) {
    //{point}
    before = take(before, /*{element}*/);
    out0[point] = /*{result}*/;
}
