//! What an adapter is given for each workload: submissions, kernels, bytes both ways and buffers made. A result that needlessly leaves the
//! device, or a kernel more, fails here, where no clock would tell.

use std::fmt::Write as _;

use gridloom::prelude::*;
use gridloom::random::Generator;
use gridloom::{Backend, DeviceStats, Result, from_ndarray, full, ones};
use insta::assert_snapshot;
use ndarray::{Array1, ArrayD, Axis, s};

use crate::common::{TestDevice, device};

/// The headline workloads that a device runs, in six chunks of one task each. `a` is on the device.
fn workload(name: &str, a: &Array<f32>, client: &Client) -> Result<()> {
    let run = |x: &Array<f32>| client.compute(x).map(drop);
    let draws = Generator::new(42);
    match name {
        "exercise" => {
            let x = draws.normal(9f32, 1.0, (500, 500)).rechunk((167, 250))? + ones::<f32>((500, 500));
            client.compute(&x.filter(&x.lt(10.0))?.histogram((100, 0.0, 10.0))?.counts).map(drop)
        }
        "randint_mean" => client.compute(&draws.integers(0i32, 100, (500, 500))?.rechunk((167, 250))?.mean()).map(drop),
        "elementwise" => run(&(a.sin() * 2.0 + (-a).exp()).sum()),
        "sum" => run(&a.sum()),
        "col_sum" => run(&a.sum_axis(0)?),
        "row_sum" => run(&a.sum_axis(1)?),
        "var" => run(&a.var(0.0)?),
        "transpose_sum" => run(&(a + a.t()).sum()),
        "masked_mean" => run(&a.filter(&a.gt(0.5))?.mean()),
        "filter" => run(&a.filter(&a.gt(0.5))?),
        "filter_kept" => a.filter(&a.gt(0.5))?.persist_with(client).map(drop),
        "histogram" => client.compute(&a.histogram((100, 0.0, 1.0))?.counts).map(drop),
        "summary" => {
            let counts = a.histogram((100, 0.0, 1.0))?.counts;
            client.compute((&a.min()?, &a.max()?, &a.mean(), &a.std(0.0)?, &counts)).map(drop)
        }
        "moments_cols" => client.compute((&a.mean_axis(0)?, &a.var_axis(0, 0.0)?)).map(drop),
        "slice_sum" => run(&a.slice(s![..;3, ..;3])?.sum()),
        "gather" => run(&a.take((0..500).map(|i| i * 7919 % 500).collect::<Vec<isize>>(), 0)?),
        "anomaly_std" => run(&(a - a.mean_axis(0)?).std(0.0)?),
        "share" => run(&(a / a.sum()).max()?),
        "matvec" => run(&a.dot(&a.index_axis(0, 0)?)?),
        // Four segments of steps each: 24, were each a dispatch of its own.
        "dot" => run(&a.dot(a)?),
        other => panic!("{other}"),
    }
}

const WORKLOADS: [&str; 20] = [
    "exercise",
    "randint_mean",
    "elementwise",
    "sum",
    "col_sum",
    "row_sum",
    "var",
    "transpose_sum",
    "masked_mean",
    "filter",
    "filter_kept",
    "histogram",
    "summary",
    "moments_cols",
    "slice_sum",
    "gather",
    "anomaly_std",
    "share",
    "matvec",
    "dot",
];

/// Those of few tasks, which one thread records.
const ALONE: [&str; 9] =
    ["exercise", "randint_mean", "elementwise", "sum", "col_sum", "row_sum", "var", "transpose_sum", "masked_mean"];

/// A client with tasks of one chunk each, and a matrix in chunks on its device.
fn resident(chunks: (usize, usize)) -> (Client, Array<f32>) {
    let client = Client::builder().workers(2).task_elements(1).no_progress().build().unwrap();
    let a = Generator::new(7).uniform(0f32, 1.0, (500, 500)).rechunk(chunks).unwrap();
    let a = a.persist_with(&client).unwrap();
    client.sync().unwrap();
    (client, a)
}

/// What the device did for a workload.
fn once(name: &str, a: &Array<f32>, client: &Client) -> DeviceStats {
    let before = client.device_stats().unwrap();
    workload(name, a, client).unwrap();
    client.sync().unwrap();
    client.device_stats().unwrap().since(before)
}

#[test]
fn what_a_device_is_given() {
    if !device().is_gpu() {
        return;
    }
    let (client, a) = resident((167, 250));
    let mut table = "workload      submits  kernels  bytes down  bytes up\n".to_owned();
    for name in WORKLOADS {
        let did: Vec<DeviceStats> = (0..10).map(|_| once(name, &a, &client)).collect();
        // Once warm, hardly any buffer is made. Which threads hold some at a time differs.
        let made = did[1..].iter().map(|did| did.buffers).min();
        assert!(made <= Some(2), "{name}: {made:?} buffers made though all were there");
        // And hardly anything is bound that was not bound so before, where one thread records all: which of two takes which buffer
        // is the threads' affair.
        let bound = did[1..].iter().map(|did| did.bind_groups).min();
        assert!(!ALONE.contains(&name) || bound <= Some(2), "{name}: {bound:?} bind groups made though all were there");
        let did = did[9];
        // Results that go down while others are made: how many at a time is the threads' affair.
        let submits =
            if ["filter", "gather", "dot"].contains(&name) { "some".into() } else { did.submissions.to_string() };
        let (kernels, down, up) = (did.dispatches, did.downloaded_bytes, did.uploaded_bytes);
        writeln!(table, "{name:13} {submits:>7} {kernels:8} {down:11} {up:9}").unwrap();
    }
    match device() {
        // Neither f64 nor i64: squares are merged on the host.
        TestDevice::SwiftShader => assert_snapshot!(table, @"
        workload      submits  kernels  bytes down  bytes up
        exercise            1        7         800       404
        randint_mean        1        6         480         0
        elementwise         1        7           4         0
        sum                 1        7           4         0
        col_sum             1        7        2000         0
        row_sum             1        7        2000         0
        var                 1        6         960         0
        transpose_sum       1        7           4         0
        masked_mean         1        6         480         0
        filter           some       28      498952         0
        filter_kept         1       28          28         0
        histogram           1        7         800       404
        summary             2       16        2492       404
        moments_cols        3        7       32000         0
        slice_sum           1        7           4         0
        gather           some        6     1000000         0
        anomaly_std         1       14         960         0
        share               1       14           4         0
        matvec              1        6        2000         0
        dot              some        6     1000000         0
        "),
        // As large as its memory allows are its tasks, and it binds as much as it can.
        TestDevice::Gpu => {}
        TestDevice::Cpu | TestDevice::Lavapipe => assert_snapshot!(table, @"
        workload      submits  kernels  bytes down  bytes up
        exercise            1        7         800       404
        randint_mean        1        7           8         0
        elementwise         1        7           4         0
        sum                 1        7           4         0
        col_sum             1        7        2000         0
        row_sum             1        7        2000         0
        var                 1        7           4         0
        transpose_sum       1        7           4         0
        masked_mean         1        7           4         0
        filter           some       28      498952         0
        filter_kept         1       28          28         0
        histogram           1        7         800       404
        summary             1       14         816       404
        moments_cols        1        8        4000         0
        slice_sum           1        7           4         0
        gather           some        6     1000000         0
        anomaly_std         1       15           4         0
        share               1       14           4         0
        matvec              1        6        2000         0
        dot              some        6     1000000         0
        "),
    }
}

/// Pipelines of five reductions of an array cut in eight ways.
const MOST_PIPELINES: u64 = 48;

#[test]
fn chunkings_share_pipelines() {
    if !device().is_gpu() {
        return;
    }
    let client = Client::builder().workers(2).task_elements(1).no_progress().build().unwrap();
    let host = ArrayD::from_shape_fn(vec![5, 12, 7], |at| (at[0] * 84 + at[1] * 7 + at[2]) as f32);
    let along = |axis: usize| host.sum_axis(Axis(axis));
    for chunks in [(5, 12, 7), (2, 5, 3), (1, 12, 7), (5, 1, 7), (5, 12, 1), (3, 4, 5), (1, 1, 1), (2, 12, 3)] {
        let x = from_ndarray(host.clone(), chunks).unwrap();
        for axis in 0..3 {
            let mean = (&x - x.mean_axis(0).unwrap()).abs().max().unwrap();
            let moving = (x.sin() * 2.0 + &x).min_axis(axis as i64).unwrap();
            let (sum, largest, ..) =
                client.compute((&x.sum_axis(axis as i64).unwrap(), &x.max().unwrap(), &mean, &moving)).unwrap();
            assert_eq!((sum, largest[[]]), (along(axis), 419.0), "{chunks:?} {axis}");
        }
    }
    // Which merges meet in a dispatch is a matter of time, so this varies a little.
    let made = client.device_stats().unwrap().pipelines;
    assert!(made <= MOST_PIPELINES, "{made} pipelines");
}

#[test]
fn counts_of_unknown_bins_meet_on_the_device() {
    if !device().is_gpu() {
        return;
    }
    let (client, a) = resident((167, 250));
    let before = client.device_stats().unwrap();
    let counts = client.compute(&(&a * 100.0).cast::<i32>().bincount(0).unwrap()).unwrap();
    assert_eq!((counts.len(), counts.sum()), (100, 250_000));
    // What the bins are made of, the smallest and the largest, and their counts: once, and not of each chunk.
    let did = client.device_stats().unwrap().since(before);
    assert_eq!(did.downloaded_bytes, 2 * 4 + 100 * 8, "{did:?}");
}

#[test]
fn loops_stay_on_the_device() {
    if !device().is_gpu() {
        return;
    }
    // In two chunks: without f64, as many as fit one kernel of SwiftShader's, with their counts.
    let (client, a) = resident((250, 500));
    let mut life = a.gt(0.6).cast::<i32>().persist_with(&client).unwrap();
    let mut centres = [0.2f32, 0.7].map(|at| full((), at).persist_with(&client).unwrap());
    client.sync().unwrap();
    let before = client.device_stats().unwrap();
    for generation in 0..4 {
        // Life, of which the border is lost each time. It reads nine views of one array, more than SwiftShader would bind one by one.
        let n = 498 - 2 * generation;
        let at = |i: isize, j: isize| life.slice(s![i..n + i, j..n + j]).unwrap();
        let around = [(0, 0), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1), (2, 2)];
        let around = around.iter().fold(at(0, 1), |sum, &(i, j)| sum + at(i, j));
        life = (around.eq(3) | (around.eq(2) & at(1, 1).eq(1))).cast::<i32>().persist_with(&client).unwrap();
        // Means of what is nearest to each of two centres.
        let far = |centre: &Array<f32>| (&a - centre).abs();
        let first = far(&centres[0]).lt(far(&centres[1]));
        let means = [&first, &!&first].map(|near| a.filter(near).unwrap().mean());
        centres = (&means[0], &means[1]).persist_with(&client).unwrap().into();
    }
    client.sync().unwrap();
    let did = client.device_stats().unwrap().since(before);
    assert_eq!((did.downloaded_bytes, did.uploaded_bytes), (0, 0), "{did:?}");
    let [low, high] = centres.map(|centre| client.compute(&centre).unwrap()[[]]);
    assert!((low - 0.25).abs() < 0.01 && (high - 0.75).abs() < 0.01, "{low} {high}");
}

#[test]
fn what_is_kept_goes_up_once() {
    if !device().is_gpu() {
        return;
    }
    // Its share for staging is 2 MiB, a quarter of that for uploads: of 4 MB they are a part, and slots go round.
    let client = Client::builder().workers(2).device_memory_limit(16 << 20).no_progress().build().unwrap();
    let host = ArrayD::from_shape_fn(vec![1000, 1000], |at| (at[0] * 1000 + at[1]) as f32);
    let a = from_ndarray(host, (250, 1000)).unwrap();
    let up = |run: &dyn Fn()| {
        let before = client.device_stats().unwrap();
        run();
        client.sync().unwrap();
        client.device_stats().unwrap().since(before).uploaded_bytes
    };
    let max = |x: &Array<f32>| assert_eq!(client.compute(&x.max().unwrap()).unwrap()[[]], 999_999.0);
    let kept = a.persist_with(&client).unwrap();
    assert_eq!(up(&|| max(&kept)), 4_000_000);
    let places = kept.places().unwrap();
    for run in 0..3 {
        assert_eq!(up(&|| max(&kept)), 0, "{run}: {places:?}");
    }
}

#[test]
fn small_runs_of_what_is_here_stay_here() {
    if !device().is_gpu() {
        return;
    }
    let named = Client::get_default().unwrap().adapter().unwrap();
    let client = Client::builder().backend(Backend::Auto).adapter(&named).workers(2).no_progress().build().unwrap();
    let on_device = || client.last_run().unwrap().gpu_tasks > 0;
    let few = from_ndarray(Array1::from_iter((0..100).map(|i| i as f32)).into_dyn(), 30).unwrap();
    let few = few.persist_with(&client).unwrap();
    assert_eq!((client.compute(&(&few * 2.0 + 1.0).sum()).unwrap()[[]], on_device()), (10_000.0, false));
    assert_eq!((client.compute(&few.filter(&few.lt(3.0)).unwrap().sum()).unwrap()[[]], on_device()), (3.0, false));
    assert_eq!(few.places().unwrap().device, 0);
    // What takes longer, and what reads more or what a device has.
    let many = Generator::new(1).uniform(0f32, 1.0, 1 << 20);
    let many = many.persist_with(&client).unwrap();
    assert!(on_device() && many.places().unwrap().device > 0);
    let first = many.slice(s![..100]).unwrap();
    let sum = client.compute(&(&first + &few).sum()).unwrap()[[]];
    assert!(on_device() && (4950.0..5050.0).contains(&sum), "{sum}");
    let square = few.reshape([100, 1]).unwrap();
    client.compute(&square.dot(&square.t()).unwrap().sum()).unwrap();
    assert!(!on_device());
    let wide = few.broadcast_to((3000, 100)).unwrap();
    client.compute(&(wide + 1.0).max().unwrap()).unwrap();
    assert!(on_device());
    // Asked for, it is used.
    let client = Client::builder().backend(Backend::Gpu).adapter(&named).workers(2).no_progress().build().unwrap();
    client.compute(&(&few * 2.0).sum()).unwrap();
    assert!(client.last_run().unwrap().gpu_tasks > 0);
}
