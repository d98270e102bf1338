//! Scratch.
use gridloom::prelude::*;
fn main() -> gridloom::Result<()> {
    let rng = gridloom::random::Generator::new(42);
    let x = rng.normal(9.0, 1.0, (5000, 5000)) + gridloom::ones((5000, 5000));
    println!("{x}");
    let low = x.filter(&x.lt(10.0)?)?;
    let h = low.histogram((100, -9.0, 11.0))?;
    println!("{}", h.counts.explain()?);
    for _ in 0..4 {
    let t = std::time::Instant::now();
    let (c, _e) = h.compute()?;
    println!("{} {:?}", c.sum(), t.elapsed());
    }
    println!("{:?}", Client::get_default()?.last_run());
    let s = (gridloom::ones::<f32>((1000, 1000)) * 2.0).sum();
    println!("{}", s.explain()?);
    let y = rng.randint(0i32, 100, (20000, 5000))?;
    let t = std::time::Instant::now();
    println!("{} {:?}", y.mean().item()?, t.elapsed());
    let a = rng.random::<f64>((5000, 5000)).persist()?;
    let t = std::time::Instant::now();
    println!("{} {:?}", (a.sin() * 2.0 + (-&a).exp()).sum().item()?, t.elapsed());
    let t = std::time::Instant::now();
    let d = a.dot(&(&a + &a.t()))?;
    println!("{}", d.explain()?);
    println!("{} {:?}", d.sum().item()?, t.elapsed());
    let t = std::time::Instant::now();
    println!("{} {:?}", a.reshape(&[1000, 5000, 5])?.sum_axis(1)?.compute()?.sum(), t.elapsed());
    let t = std::time::Instant::now();
    println!("{} {:?}", (&a - &a.mean_axis(0)?).std(0.0)?.item()?, t.elapsed());
    Ok(())
}
