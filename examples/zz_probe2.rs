//! probe
use gridloom::{Client, Backend};
use std::time::Instant;
fn main() -> gridloom::Result<()> {
    for (workers, te) in [(1, 0), (1, 1), (2, 1)] {
        let mut b = Client::builder().backend(Backend::Cpu).workers(workers).no_progress();
        if te > 0 { b = b.task_elements(te); }
        let client = b.build()?;
        for chunks in [1000usize, 10_000, 100_000, 1_000_000] {
            let x = gridloom::arange::<i32>(chunks * 64).rechunk(64)?;
            let s = Instant::now();
            let e = (&x + 1).sum();
            let plan = e.explain_with(&client)?;
            let t0 = s.elapsed();
            let s = Instant::now();
            let r = client.compute(&e)?;
            let t = s.elapsed();
            assert_eq!(r[[]], (chunks as i64 * 64) * (chunks as i64 * 64 + 1) / 2);
            println!("workers {workers} task_elements {te} chunks {chunks}: plan {:.1} µs, run {:.3} ms = {:.3} µs/chunk; rss {:?}", t0.as_secs_f64()*1e6, t.as_secs_f64()*1e3, t.as_secs_f64()*1e6/chunks as f64, gridloom::resident_peak().map(|b| b >> 20));
            let _ = plan;
        }
    }
    let client = Client::builder().backend(Backend::Cpu).workers(2).no_progress().build()?;
    let x = gridloom::arange::<f64>(100);
    let e = (&x + 1.0).sum();
    for _ in 0..3 {
        let s = Instant::now();
        for _ in 0..10_000 { client.compute(&e)?; }
        println!("small: {:.2} µs per compute", s.elapsed().as_secs_f64() * 1e6 / 1e4);
    }
    Ok(())
}
