//! Functions of your own, three ways: traced, in both languages, and on the host chunk by chunk.

use gridloom::ElementFn;
use gridloom::prelude::*;

fn main() -> gridloom::Result<()> {
    let x = gridloom::linspace(-2.0f32, 2.0, 9);

    // Traced: the closure runs once, on a symbol, and is fused like any arithmetic.
    let softplus = x.map(|v| v.exp().log1p());

    // Given twice, for what arithmetic cannot say: as WGSL for devices and as Rust for the CPU.
    let wgsl = "fn steps(x: f32) -> f32 {
        var n = 0.0;
        var v = abs(x) + 1.0;
        while (v < 100.0) { v = v * 2.0; n = n + 1.0; }
        return n;
    }";
    let steps = ElementFn::new("steps", wgsl, |x: f32| {
        let (mut n, mut v) = (0.0f32, x.abs() + 1.0);
        while v < 100.0 {
            (n, v) = (n + 1.0, v * 2.0);
        }
        n
    })?;

    // On the host: whole chunks as ndarrays, for everything else.
    let ranks = x.rechunk(3)?.map_chunks("rank", |chunk| {
        let rank = |v: &f32| chunk.iter().filter(|other| *other < v).count() as f32;
        chunk.map(rank)
    });
    assert_eq!(ranks.to_vec()?, [0.0, 1.0, 2.0, 0.0, 1.0, 2.0, 0.0, 1.0, 2.0]);
    assert_eq!(steps.apply(&x).to_vec()?[4], 7.0);
    assert!(softplus.sub(x.exp().log1p())?.abs().max()?.item()? < 1e-6);
    Ok(())
}
