//! Scratch.
use gridloom::prelude::*;
fn main() -> gridloom::Result<()> {
    let rng = gridloom::random::Generator::new(42);
    let which = std::env::args().nth(1).unwrap();
    let client = Client::builder().workers(1).build()?;
    client.set_default();
    let n: gridloom::Array<f64> = rng.standard_normal((2500, 2000));
    let u: gridloom::Array<f64> = rng.random((2500, 2000));
    let a = if ["normal", "uniform", "randint"].contains(&which.as_str()) {
        u.clone()
    } else {
        u.persist()?
    };
    let i = rng.randint(0i32, 100, (2500, 2000))?;
    for _ in 0..4 {
        match which.as_str() {
            "normal" => {
                n.sum().item()?;
            }
            "uniform" => {
                u.sum().item()?;
            }
            "randint" => {
                i.mean().item()?;
            }
            "sum" => {
                a.sum().item()?;
            }
            "var" => {
                a.var(0.0)?.item()?;
            }
            "sin" => {
                a.sin().sum().item()?;
            }
            "exp" => {
                a.exp().sum().item()?;
            }
            "hist" => {
                a.histogram((100, 0.0, 1.0))?.compute()?;
            }
            "filter" => {
                a.filter(&a.gt(0.5)?)?.compute()?;
            }
            "cols" => {
                a.sum_axis(0)?.compute()?;
            }
            "tsum" => {
                let s = a.slice(s![..2000, ..])?;
                (&s + s.t()).sum().item()?;
            }
            "chain" => {
                let mut c = a.clone();
                for _ in 0..20 {
                    c = c * 1.0001 + 0.5;
                    c = c - 0.25;
                }
                c.sum().item()?;
            }
            _ => {}
        }
    }
    Ok(())
}
