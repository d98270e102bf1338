// A thread for each line and part: neighbours have lines that are side by side.
let unit = (group.x + group.y * groups.x) * 256u + lane;
let line = unit % params[p];
let part = unit / params[p];
if part >= params[p + 4u] { return; }
let start = part * params[p + 3u];
let end = min(start + params[p + 3u], params[p + 1u]);
