let x = edge_of(e.value);
// False for NaN.
if /*{mask}*/at_most(first_edge, x) && at_most(x, last_edge) {
    count(lane % copies, bins, bin_of(x, bins, scale));
}
