// More bins than workgroup memory holds: all workgroups count in the result.
fn count(copy: u32, bins: u32, bin: u32) {
    atomicAdd(&out0[bin], 1u);
}
