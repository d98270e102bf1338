// One point more.
fn take_at(before: Run, /*{kept parameters}*/, reduced: u32, loaded: Loads) -> Run {
    var run = before;
    //{coordinates reduced}
    let e = element(/*{arguments}*/, loaded);
    //{take}
    return run;
}
fn load_at(/*{kept parameters}*/, reduced: u32) -> /*{loads}*/ {
    //{coordinates reduced}
    return /*{load}*/(/*{arguments}*/);
}
