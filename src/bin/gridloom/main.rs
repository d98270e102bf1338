//! `gridloom info` says what runs where on this machine; `gridloom doctor` runs a self-test on the CPU and on each adapter, and says what
//! is wrong and what to do about it.

mod doctor;
mod families;
mod info;
mod vulkan;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Lazy, chunked n-d arrays on CPUs and GPUs.
#[derive(Parser)]
#[command(name = "gridloom", version, arg_required_else_help = true)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Show the processors and adapters, their limits, and which operations run on them in which element type.
    Info,
    /// Compute on the CPU and on each adapter, compare, and say what is wrong and how to fix it.
    ///
    /// Ends with 1 if something is wrong, and with 0 if all is well (a machine without an adapter is: kernels run on its CPU).
    Doctor,
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Info => info::info().map(|()| true),
        Command::Doctor => Ok(doctor::doctor()),
    };
    match done {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// An adapter's names and what it is reached by.
struct Adapter {
    name: String,
    line: String,
}

/// All adapters there are.
#[cfg(feature = "gpu")]
fn adapters() -> Vec<Adapter> {
    let line = |a: &gridloom::AdapterSummary| format!("{} ({:?}, {}, {})", a.name, a.kind, a.backend, a.driver);
    gridloom::adapters().iter().map(|a| Adapter { name: a.name.clone(), line: line(a) }).collect()
}
#[cfg(not(feature = "gpu"))]
fn adapters() -> Vec<Adapter> {
    Vec::new()
}
