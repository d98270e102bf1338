//! Bind groups are made once for the same buffers, and hold none that nobody counts.

use super::*;

/// A map of a buffer, run so often.
fn run(gpu: &Gpu, x: &GpuBuffer, times: usize) -> u64 {
    let before = gpu.stats().bind_groups;
    for _ in 0..times {
        streams::negate(gpu, x).unwrap();
        gpu.sync().unwrap();
    }
    gpu.stats().bind_groups - before
}

#[test]
fn what_is_bound_again_is_bound_as_before() {
    for gpu in own(64 << 20) {
        let x = gpu.upload(&HostBuffer::from_vec::<f32>(vec![1.0; 1000])).unwrap();
        run(&gpu, &x, 4);
        assert_eq!(run(&gpu, &x, 20), 0, "the result's buffer and the parameters' come back");
        // Other buffers are bound anew.
        let y = gpu.upload(&HostBuffer::from_vec::<f32>(vec![2.0; 1000])).unwrap();
        assert_eq!(run(&gpu, &y, 1), 1);
    }
}

#[test]
fn no_group_outlives_the_ledgers_buffers() {
    for gpu in own(64 << 20) {
        let x = gpu.upload(&HostBuffer::from_vec::<f32>(vec![1.0; 1000])).unwrap();
        run(&gpu, &x, 4);
        let ledger = &gpu.0.pool.ledger;
        assert!(ledger.groups.len() > 0);
        // The result and the parameters are idle: dropped, they are in no group any more, and all groups had them.
        ledger.trim();
        assert_eq!(ledger.groups.len(), 0);
        // The same by the budget, and by a buffer that comes back when there is no room for it.
        run(&gpu, &x, 4);
        gpu.set_budget(0);
        assert_eq!((ledger.groups.len(), gpu.stats().idle_bytes), (0, 0));
        gpu.set_budget(64 << 20);
        let held = streams::negate(&gpu, &x).unwrap();
        gpu.sync().unwrap();
        assert!(ledger.groups.len() > 0);
        gpu.set_budget(0);
        drop(held);
        assert_eq!(ledger.groups.len(), 0);
    }
}

#[test]
fn groups_are_bounded() {
    let gpu = &own(64 << 20)[0];
    let host = HostBuffer::from_vec::<f32>(vec![1.0; 64]);
    // Held, so that each gets buffers of its own.
    let mut held = Vec::new();
    for _ in 0..1200 {
        let x = gpu.upload(&host).unwrap();
        held.push((streams::negate(gpu, &x).unwrap(), x));
    }
    gpu.sync().unwrap();
    assert!(gpu.0.pool.ledger.groups.len() <= 1024);
}
