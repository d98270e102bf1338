//! What there is, and what runs where.

use gridloom::diagnostics::format_bytes;
use gridloom::plan::capability::Capabilities;
use gridloom::{Backend, Client, DType, Result};

use crate::families::{FAMILIES, expression, placed};

pub(crate) fn info() -> Result<()> {
    println!("gridloom {}", env!("CARGO_PKG_VERSION"));
    println!("features: {}", features().join(", "));
    let cpu = Client::builder().backend(Backend::Cpu).no_progress().build()?;
    println!("\nCPU: {} threads, {} for arrays; runs everything", cpu.workers(), format_bytes(cpu.memory_limit()));
    let adapters = crate::adapters();
    if adapters.is_empty() {
        println!("\nno adapter: kernels run on the CPU (`gridloom doctor` says why)");
    }
    for adapter in adapters {
        println!("\nadapter: {}", adapter.line);
        match Client::builder().backend(Backend::Gpu).adapter(&adapter.name).no_progress().build() {
            Ok(client) => describe(&client)?,
            Err(error) => println!("  cannot be used: {error}"),
        }
    }
    println!("\nclient by default here: {}", Client::builder().no_progress().build()?);
    Ok(())
}

fn features() -> Vec<&'static str> {
    let all = [("gpu", cfg!(feature = "gpu")), ("gemm", cfg!(feature = "gemm")), ("png", cfg!(feature = "png"))];
    all.into_iter().filter(|(_, built)| *built).map(|(name, _)| name).collect()
}

fn describe(client: &Client) -> Result<()> {
    let Some(caps) = client.capabilities() else { return Ok(()) };
    let yes = |there: bool| if there { "yes" } else { "no" };
    println!("  64-bit floats {}, 64-bit integers {}", yes(caps.f64), yes(caps.i64));
    println!(
        "  largest buffer of a kernel {}, buffers a kernel {}",
        format_bytes(caps.max_binding_bytes),
        caps.max_storage_buffers
    );
    println!(
        "  threads a workgroup {}, memory they share {}",
        caps.max_workgroup_invocations,
        format_bytes(caps.max_workgroup_storage.into())
    );
    table(&caps)
}

/// Rows of families, columns of types: `g` where the adapter runs them.
fn table(caps: &Capabilities) -> Result<()> {
    let width = FAMILIES.iter().map(|name| name.chars().count()).max().unwrap_or(0);
    print!("\n  {:width$}", "g: on the adapter, c: on the CPU");
    for dtype in DType::ALL {
        print!(" {:>4}", dtype.name());
    }
    println!();
    let mut reasons: Vec<String> = Vec::new();
    for (family, name) in FAMILIES.iter().enumerate() {
        print!("  {name:width$}");
        for dtype in DType::ALL {
            let cell = match expression(family, *dtype) {
                None => "",
                Some(node) => match placed(&node, caps)? {
                    Ok(()) => "g",
                    Err(reason) => {
                        if !reasons.contains(&reason) {
                            reasons.push(reason);
                        }
                        "c"
                    }
                },
            };
            print!(" {cell:>4}");
        }
        println!();
    }
    for reason in reasons {
        println!("  on the CPU: {reason}");
    }
    Ok(())
}
