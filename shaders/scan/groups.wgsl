// A workgroup for each line and part: each thread has some points that follow each other.
let unit = group.x + group.y * groups.x;
let line = unit % params[p];
let part = unit / params[p];
if part >= params[p + 4u] { return; }
let first = part * params[p + 3u] + lane * ROWS;
let start = min(first, params[p + 1u]);
let end = min(first + ROWS, params[p + 1u]);
