for (var first = start + 4u * lane; first < end; first += 4u * lanes) {
    let quad = load_at(/*{kept arguments}*/, first);
    run = take_at(run, /*{kept arguments}*/, first, /*{x}*/);
    // Parts are whole quads, but for the last one.
    if first + 1u < end { run = take_at(run, /*{kept arguments}*/, first + 1u, /*{y}*/); }
    if first + 2u < end { run = take_at(run, /*{kept arguments}*/, first + 2u, /*{z}*/); }
    if first + 3u < end { run = take_at(run, /*{kept arguments}*/, first + 3u, /*{w}*/); }
}
