let first = (number * 256u + thread) * 4u;
if first >= params[p] { return; }
// What is made beyond the last point goes into the padding of the result.
//{coordinates first}
let at = place(/*{arguments}*/) / 4u;
//{values}
//{store}
