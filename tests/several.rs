//! Several adapters as one: the same bits as of one, work on each, and little that goes from one to another. Here they are one adapter
//! that is opened several times, where the device under test is one; the CPU is not, and has nothing to spread.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use gridloom::event::{Event, Observer};
use gridloom::fault::Point;
use gridloom::host::HostBuffer;
use gridloom::prelude::*;
use gridloom::random::Generator;
use gridloom::{Backend, ClientBuilder, Element, Error, Result, concatenate, from_ndarray, stack};
use ndarray::Array2;
use proptest::prelude::*;

use crate::common::{assert_array_eq, device};
use crate::properties::{Case, Program, cases, for_all, settings};

/// Settings of a client on so many devices of the adapter under test, with tasks of one chunk each.
fn on(count: usize) -> ClientBuilder {
    let name = Client::get_default().unwrap().adapter().unwrap();
    let index = gridloom::adapters().iter().position(|adapter| adapter.name == name).unwrap();
    let spread = Client::builder().adapters(vec![index; count]).backend(Backend::Gpu);
    spread.workers(2).task_elements(1).no_progress()
}

fn client(count: usize) -> Client {
    on(count).build().unwrap()
}

/// What each device did so far: kernels, and bytes of buffers in use now.
fn each(client: &Client) -> Vec<(u64, u64)> {
    let device = client.device();
    let members = device.adapter().unwrap().members();
    members.iter().map(|member| member.stats()).map(|stats| (stats.dispatches, stats.live_bytes)).collect()
}

/// Loses one of the devices.
fn lose(client: &Client, member: usize) {
    client.device().adapter().unwrap().members()[member].destroy();
}

/// Bytes that went from one device to another meanwhile.
fn moved<R>(client: &Client, work: impl FnOnce() -> R) -> (u64, R) {
    let before = client.device_stats().unwrap();
    let result = work();
    client.sync().unwrap();
    (client.device_stats().unwrap().since(before).moved_bytes, result)
}

/// A matrix on the host whose sums are rounded, in 5 by 3 chunks.
fn matrix(seed: usize) -> Array<f32> {
    let element = |(i, j)| ((i * 251 + j * 37 + seed * 19) % 1009) as f32 * 0.001 - 0.3;
    from_ndarray(Array2::from_shape_fn((100, 90), element), (20, 30)).unwrap()
}

// ---------------------------------------------------------------- the same bits

/// The bytes of results.
#[derive(Default)]
struct Bits(Vec<Vec<u8>>);

impl Bits {
    fn of<T: Element>(&mut self, client: &Client, array: &Array<T>) -> Result<()> {
        let values = client.compute(array)?;
        self.0.push(HostBuffer::from_vec::<T>(values.iter().map(|value| value.store()).collect()).bytes().to_vec());
        Ok(())
    }
}

/// Expressions of a kernel family, computed.
type Family = fn(&Client, &mut Bits) -> Result<()>;

const FAMILIES: [(&str, Family); 11] = [
    ("maps", |client, bits| {
        let (x, y) = (matrix(1), matrix(2));
        bits.of(client, &((&x * 3.0).sin() + y.exp()))?;
        bits.of(client, &(&x + &y.slice(s![..;-1, ..])?))?;
        bits.of(client, &(&x.reshape([9000])? * 0.1))?;
        bits.of(client, &(x.t().dot(&y)? - matrix(3).slice(s![..90, ..])?.cast::<f64>().cast::<f32>()))
    }),
    ("reductions", |client, bits| {
        let x = matrix(1);
        bits.of(client, &x.sum())?;
        bits.of(client, &x.sum_axis(0)?)?;
        bits.of(client, &x.mean_axis(1)?)?;
        bits.of(client, &x.var(0.0)?)?;
        bits.of(client, &x.std_axis(0, 1.0)?)?;
        bits.of(client, &x.argmax()?)?;
        bits.of(client, &x.gt(0.6).any())?;
        bits.of(client, &(&x - &x.mean_axis(0)?).std(0.0)?)?;
        bits.of(client, &(&x + x.slice(s![..90, ..])?.t().sum_axis(0)?.sum()).max()?)
    }),
    ("histograms", |client, bits| {
        let x = matrix(1);
        bits.of(client, &x.histogram((50, -0.5, 1.0))?.counts)?;
        let kept = x.filter(&x.gt(0.1))?;
        bits.of(client, &kept.histogram((1000, -0.5, 1.0))?.counts)?;
        bits.of(client, &x.abs().floor().cast::<i32>().reshape([9000])?.bincount(7)?)
    }),
    ("filters", |client, bits| {
        let x = matrix(1);
        let kept = x.filter(&x.gt(0.1))?;
        bits.of(client, &kept)?;
        bits.of(client, &kept.mean())?;
        let kept = kept.persist_with(client)?;
        bits.of(client, &(&kept * &kept))?;
        bits.of(client, &kept.filter(&kept.lt(0.4))?.sum())
    }),
    ("scans", |client, bits| {
        let x = matrix(1);
        bits.of(client, &x.cumsum_axis(0)?)?;
        bits.of(client, &x.cumsum_axis(1)?)?;
        bits.of(client, &x.cummax()?)
    }),
    ("takes", |client, bits| {
        let places: Vec<isize> = (0..100).map(|i| i * 37 % 100).collect();
        bits.of(client, &matrix(1).take(places.clone(), 0)?)?;
        bits.of(client, &(matrix(1).take(places, 0)? + matrix(2)).sum())
    }),
    ("products", |client, bits| {
        let (x, y) = (matrix(1), matrix(2));
        bits.of(client, &x.dot(&y.t())?)?;
        bits.of(client, &x.dot(&y.t().rechunk(100)?)?)?;
        bits.of(client, &x.dot(&y.index_axis(0, 3)?)?)
    }),
    ("kept", |client, bits| {
        let x = (matrix(1) * 3.0).persist_with(client)?;
        for _ in 0..2 {
            bits.of(client, &x)?;
            bits.of(client, &(&x + 1.0).sum())?;
            bits.of(client, &(&x.slice(s![.., ..90])? + &x.slice(s![..90, ..])?.t().sum_axis(0)?))?;
        }
        bits.of(client, &x.slice(s![20.., ..])?.sum_axis(0)?)
    }),
    ("joined", |client, bits| {
        let (x, y) = (matrix(1), (matrix(2) * 2.0).persist_with(client)?);
        bits.of(client, &(concatenate(&[x.clone(), y.clone(), &x - &y], 0)? * 0.5).sum_axis(1)?)?;
        bits.of(client, &stack(&[x, y], 1)?)
    }),
    ("draws", |client, bits| {
        let x = Generator::new(42).normal(9f32, 1.0, (100, 90)).rechunk((20, 30))?;
        bits.of(client, &x)?;
        bits.of(client, &(&x / &x.sum()).max()?)
    }),
    ("functions", |client, bits| {
        let doubled = (matrix(1) + 1.0).map_chunks("doubled", |chunk| chunk.mapv(|v| v + v));
        bits.of(client, &(&doubled * matrix(2)).sum_axis(0)?)
    }),
];

fn bits(client: &Client, family: Family) -> Result<Vec<Vec<u8>>> {
    let mut bits = Bits::default();
    family(client, &mut bits).map(|()| bits.0)
}

#[test]
fn every_family_has_the_bits_of_one_device() {
    if !device().is_gpu() {
        return;
    }
    let clients = [1, 2, 3].map(client);
    for (name, family) in FAMILIES {
        let [one, two, three] = clients.each_ref().map(|client| bits(client, family).unwrap());
        assert!(one == two && one == three, "{name}");
    }
    assert!(each(&clients[2]).iter().all(|(dispatches, _)| *dispatches > 0), "{:?}", each(&clients[2]));
    // What they hold is what they were given to keep: nothing.
    clients.iter().for_each(|client| assert_nothing_held(client, "all families"));
}

#[track_caller]
fn assert_nothing_held(client: &Client, after: &str) {
    let start = Instant::now();
    while each(client).iter().any(|(_, live)| *live > 0) {
        assert!(start.elapsed() < Duration::from_secs(5), "{after}: {:?} are held", each(client));
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn random_programs_have_the_bits_of_one_device() {
    if !device().is_gpu() {
        return;
    }
    let clients = [1, 2, 3].map(client);
    let (count, seed) = settings(0, 20);
    for variation in 1..3 {
        for_all((count, seed + variation), cases(), |case| {
            let results = on_each(&clients, &case, variation);
            prop_assert!(results[0] == results[1] && results[0] == results[2], "variation {variation}: {results:?}");
            Ok(())
        });
    }
}

/// The last value of a program on each client, and a sum of it that is rounded.
fn on_each(clients: &[Client], case: &Case, variation: u64) -> Vec<(String, u32)> {
    let one = |client: &Client| {
        let program = Program::<f32>::build(case, variation, client);
        let last = program.steps.last().unwrap();
        let (whole, rounded) = (&last.lazy, (&last.lazy * 0.37).sin().sum());
        let (whole, rounded) = client.compute((whole, &rounded)).unwrap();
        assert_eq!(whole, last.eager, "{}", program.text.join("\n"));
        (format!("{whole}"), rounded[[]].to_bits())
    };
    clients.iter().map(one).collect()
}

#[test]
fn little_memory_changes_no_bit() {
    if !device().is_gpu() {
        return;
    }
    // Of 8 MiB, each of two holds 2.
    let little = |count| on(count).device_memory_limit(2 << 20).build().unwrap();
    let work = |client: &Client| {
        let element = |(i, j)| ((i * 2511 + j * 37) % 10_009) as f32 * 0.001;
        let x = from_ndarray(Array2::from_shape_fn((1024, 1024), element), (64, 512))?;
        let (x, y) = ((&x + 1.0).persist_with(client)?, (&x * 2.0).persist_with(client)?);
        assert!(x.places().unwrap().host + y.places().unwrap().host > 0, "{:?} {:?}", x.places(), y.places());
        let mut bits = Bits::default();
        bits.of(client, &(&y - &x).sum())?;
        bits.of(client, &(&y + &x.t()).sum_axis(0)?)?;
        bits.of(client, &x.slice(s![..64, ..512])?.dot(&y.slice(s![..512, ..64])?)?)?;
        // Without a word of smaller tasks or the CPU.
        assert!(client.last_run().unwrap().fallbacks.is_empty(), "{:?}", client.last_run().unwrap().fallbacks);
        Ok::<_, Error>(bits.0)
    };
    let clients = [1, 2].map(little);
    let [one, two] = clients.each_ref().map(|client| work(client).unwrap());
    assert!(one == two);
    for member in clients[1].device().adapter().unwrap().members() {
        assert!(member.stats().peak_total_bytes <= 2 << 20, "{:?}", member.stats());
    }
    assert_nothing_held(&clients[1], "little memory");
}

// ---------------------------------------------------------------- where work goes, and what it moves

#[test]
fn work_is_spread_and_what_meets_moves_nothing() {
    if !device().is_gpu() {
        return;
    }
    for count in [2, 3] {
        let client = client(count);
        let x = from_ndarray(ndarray::Array1::from_iter((0..1 << 18).map(|i| i as f32)), 1 << 14).unwrap();
        let y = (&x * 0.5).persist_with(&client).unwrap();
        client.sync().unwrap();
        let before = each(&client);
        let (bytes, _) = moved(&client, || client.compute(&(&x + &y).sin().sum()).unwrap());
        let did: Vec<u64> = each(&client).iter().zip(before).map(|(now, then)| now.0 - then.0).collect();
        let all: u64 = did.iter().sum();
        assert!(did.iter().all(|did| did * (count as u64 + 1) >= all), "{did:?} of 16 chunks");
        // States alone.
        assert!(bytes < 1000, "{bytes} bytes of sums");
        let (bytes, _) = moved(&client, || client.compute(&(&x * &y + &y)).unwrap());
        assert_eq!(bytes, 0);
        let names = client.to_string();
        assert!(
            names.starts_with(&format!("client: gpu {count} × ")) && names.contains("device memory each"),
            "{names}"
        );
    }
}

#[test]
fn what_moves_is_bounded() {
    if !device().is_gpu() {
        return;
    }
    let client = client(2);
    let square = Array2::from_shape_fn((256, 256), |(i, j)| (i * 256 + j) as f32);
    let x = (from_ndarray(square, (64, 256)).unwrap() + 1.0).persist_with(&client).unwrap();
    let run = |array: &Array<f32>| moved(&client, || client.compute(array).unwrap()).0;
    // Whole chunks: their tasks go to them.
    assert_eq!(run(&(&x.slice(s![64.., ..]).unwrap() + 1.0)), 0);
    // Unaligned ones: each chunk to the neighbour's device at most once.
    let shifted = x.slice(s![10.., ..]).unwrap() + 1.0;
    assert!(run(&shifted) <= 4 * 65536);
    // They stayed there.
    assert_eq!(run(&shifted), 0);
    // A row that all chunks read: once to the other device, where it stays while somebody holds it.
    let row =
        (from_ndarray(ndarray::Array1::from_elem(256, 0.5f32), 256).unwrap() * 3.0).persist_with(&client).unwrap();
    assert_eq!((run(&(&x * &row)), run(&(&x - &row))), (1024, 0));
    drop(row);
    // The right operand of a product, in one chunk.
    let right = (matrix(1).slice(s![..64, ..64]).unwrap().rechunk(64).unwrap() * 2.0).persist_with(&client).unwrap();
    let left = x.slice(s![.., ..64]).unwrap();
    assert_eq!(run(&left.dot(&right).unwrap()), 4 * 64 * 64);
    drop((x, left, right, shifted));
    assert_nothing_held(&client, "copies");
}

// ---------------------------------------------------------------- failures

/// Loses a device at the k-th task.
struct Loser {
    client: Client,
    member: usize,
    left: AtomicU64,
}

impl Observer for Loser {
    fn event(&self, event: &Event) {
        if matches!(event, Event::Started { .. }) && self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            lose(&self.client, self.member);
        }
    }
}

#[test]
fn a_run_ends_well_though_one_device_is_lost() {
    if !device().is_gpu() {
        return;
    }
    let want = ["reductions", "filters", "products"].map(|name| {
        let family = FAMILIES.iter().find(|family| family.0 == name).unwrap().1;
        (name, family, bits(&client(1), family).unwrap())
    });
    for (name, family, want) in &want {
        for k in [1, 7, 20] {
            let client = client(2);
            let left = AtomicU64::new(k);
            let loser = Arc::new(Loser { client: client.clone(), member: (k % 2) as usize, left });
            client.observe(loser.clone());
            match bits(&client, *family) {
                // What was kept on it.
                Err(Error::DeviceLost { .. }) if *name == "filters" => {}
                got => assert!(got.unwrap() == *want, "{name}: lost at task {k}"),
            }
            assert_eq!(bits(&client, *family).unwrap(), *want, "{name}: opened again");
            assert!(each(&client).iter().all(|(dispatches, _)| *dispatches > 0), "{name}: {:?}", each(&client));
            client.unobserve(&(loser as Arc<dyn Observer>));
        }
    }
}

#[test]
fn what_the_other_device_kept_is_there_still() {
    if !device().is_gpu() {
        return;
    }
    let client = client(2);
    let x = (matrix(1).rechunk((20, 90)).unwrap() + 1.0).persist_with(&client).unwrap();
    let chunk = |k: isize| &x.slice(s![20 * k..20 * k + 20, ..]).unwrap() * 2.0;
    let want = client.compute(&chunk(0)).unwrap();
    lose(&client, 1);
    assert!(client.device().is_lost() && matches!(client.sync(), Err(Error::DeviceLost { .. })));
    assert!(matches!(client.compute(&chunk(1)), Err(Error::DeviceLost { .. })));
    assert_eq!(client.compute(&chunk(0)).unwrap(), want);
    assert_eq!(client.compute(&chunk(2)).unwrap().len(), 20 * 90);
    assert_array_eq(&gridloom::ones::<f32>(10), &ndarray::ArrayD::ones(vec![10]));
    client.compute(&matrix(2).sum()).unwrap();
    assert!(!client.device().is_lost());
}

#[test]
fn whatever_a_device_fails_at_the_result_is_right_or_an_error_says_so() {
    if !device().is_gpu() {
        return;
    }
    let client = client(2);
    for (name, family) in FAMILIES {
        let want = bits(&client, family).unwrap();
        for point in [Point::Allocate, Point::Upload, Point::Submit, Point::Download] {
            for nth in [1, 2, 3, 5, 9, 17] {
                client.faults().arm(point, nth);
                match bits(&client, family) {
                    Err(Error::Device { .. } | Error::DeviceLost { .. } | Error::Memory { .. }) => {}
                    got => assert!(got.unwrap() == want, "{name}: {point:?} {nth}"),
                }
                client.faults().disarm(point);
                assert_nothing_held(&client, name);
            }
        }
    }
}
