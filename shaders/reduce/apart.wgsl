// Four points at a time, whose loads are under way together.
var at_point = start + lane;
for (; at_point + 3u * lanes < end; at_point += 4u * lanes) {
    let l0 = load_at(/*{kept arguments}*/, at_point);
    let l1 = load_at(/*{kept arguments}*/, at_point + lanes);
    let l2 = load_at(/*{kept arguments}*/, at_point + 2u * lanes);
    let l3 = load_at(/*{kept arguments}*/, at_point + 3u * lanes);
    run = take_at(run, /*{kept arguments}*/, at_point, l0);
    run = take_at(run, /*{kept arguments}*/, at_point + lanes, l1);
    run = take_at(run, /*{kept arguments}*/, at_point + 2u * lanes, l2);
    run = take_at(run, /*{kept arguments}*/, at_point + 3u * lanes, l3);
}
for (; at_point < end; at_point += lanes) {
    run = take_at(run, /*{kept arguments}*/, at_point, load_at(/*{kept arguments}*/, at_point));
}
