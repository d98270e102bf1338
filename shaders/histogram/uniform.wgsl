// Estimated; then searched for among the neighbours, or among all where the estimate was that far off.
var guess = 0u;
let estimate = distance(edge(0u), x) * scale;
if estimate >= 1.0 { guess = u32(min(estimate, f32(bins - 1u))); }
var low = min(guess, bins - 1u);
var high = min(low + 2u, bins);
low = max(low, 1u) - 1u;
if !at_most(edge(low), x) { low = 0u; }
if high < bins && at_most(edge(high), x) { high = bins; }
return search(x, low, high);
