//! probe
use gridloom::prelude::*;
use std::time::Instant;
fn main() -> gridloom::Result<()> {
    let client = Client::new()?;
    let rng = gridloom::random::Generator::new(1);
    let n: usize = 1 << 26;
    let x = rng.normal(0.0f32, 1.0, (n / 16384, 16384));
    let t = |name: &str, f: &dyn Fn() -> gridloom::Result<()>| { let s = Instant::now(); f().unwrap(); println!("{name:20} {:.3} s = {:.2} ns/elt", s.elapsed().as_secs_f64(), s.elapsed().as_secs_f64()*1e9/n as f64); println!("{}", client.last_run().unwrap().details()); };
    t("sum", &|| client.compute(&x.sum()).map(drop));
    t("mean axis0", &|| client.compute(&x.mean_axis(0)?).map(drop));
    let y = &x - &x.mean_axis(0)?;
    t("y mean", &|| client.compute(&y.mean()).map(drop));
    t("y std", &|| client.compute(&y.std(0.0)?).map(drop));
    t("y hist", &|| client.compute(&y.histogram((20, -5.0, 5.0))?.counts).map(drop));
    Ok(())
}
