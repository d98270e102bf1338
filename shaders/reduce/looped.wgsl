for (var first = start + 4u * lane; first < end; first += 4u * lanes) {
    //{coordinates first}
    //{quad}
    // Parts are whole quads, but for the last one.
    let points = min(4u, end - first);
    for (var i = 0u; i < points; i++) {
        let e = /*{quad element}*/;
        //{take}
        //{quad next}
    }
}
