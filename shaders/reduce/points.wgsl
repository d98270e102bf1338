for (var first = start + lane * RUN; first < end; first += lanes * RUN) {
    for (var reduced = first; reduced < min(first + RUN, end); reduced++) {
        //{coordinates reduced}
        let e = /*{element}*/;
        //{take}
    }
}
