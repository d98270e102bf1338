//! What an adapter's round trips, submissions and kernels cost: works so small that nothing else counts.

use gridloom::{Array, Client, Result, concatenate, ones};

use crate::line::Line;
use crate::{Options, Outcome, repeated};

/// What is timed.
type Step<'a> = (String, Box<dyn FnMut() -> Result<()> + 'a>);

/// Elements of an array: a kernel of a microsecond.
const FEW: usize = 1 << 10;
/// Elements of a task at least, on an adapter: arrays of so many are not batched.
const TASK: usize = 1 << 18;

/// Times a ladder of works, a line each.
pub(crate) fn measure(options: &Options) -> Outcome<()> {
    let client = options.client()?;
    if client.adapter().is_none() {
        return Err("latency is an adapter's: run with --backend gpu".into());
    }
    for (name, mut run) in ladder(&client)? {
        // The first one compiles.
        run()?;
        client.sync()?;
        let times = repeated(&client, options, 1.0, run)?;
        options.print(&Line { resident: Some(times), ..Line::new(&name, options, &client) });
    }
    Ok(())
}

fn ladder(client: &Client) -> Result<Vec<Step<'_>>> {
    let few = ones::<f32>(FEW).persist_with(client)?;
    let each = ones::<f32>(TASK).persist_with(client)?;
    // Arrays of one task: each is read by a kernel of its own, and all of these write one buffer, one after another.
    let parts = (0..32).map(|_| ones::<f32>(FEW).persist_with(client)).collect::<Result<Vec<_>>>()?;
    let pieces = concatenate(&parts, 0)?;
    // Too large to be batched: a task, and so a buffer, each.
    let tasks = ones::<f32>(32 * TASK).rechunk(TASK)?.persist_with(client)?;
    let kept = move |x: &Array<f32>| (x + 1.0).persist_with(client);
    let mut steps: Vec<Step<'_>> = vec![("nothing to wait for".into(), Box::new(|| client.sync()))];
    let item = few.clone();
    steps.push(("1 kernel, 4 bytes to host".into(), Box::new(move || item.sum().item_with(client).map(drop))));
    for runs in [1, 8, 32] {
        let few = few.clone();
        let run = move || {
            let _all = (0..runs).map(|_| kept(&few)).collect::<Result<Vec<_>>>()?;
            client.sync()
        };
        steps.push((format!("{runs} x (run of 1 kernel), then a wait"), Box::new(run)));
    }
    let one = |x: Array<f32>| {
        move || {
            let _kept = kept(&x)?;
            client.sync()
        }
    };
    steps.push(("run of 1 kernel on 1 MiB".into(), Box::new(one(each))));
    steps.push(("run of 32 kernels into 1 buffer".into(), Box::new(one(pieces))));
    steps.push(("run of 32 kernels into 32 buffers of 1 MiB".into(), Box::new(one(tasks))));
    Ok(steps)
}
