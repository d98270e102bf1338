//! What being watched costs: `cargo bench --features dashboard --bench dashboard -- [ROUNDS]` (9 by default).
//!
//! Runs of 10⁵ tasks on three clients, in turn, with tasks of three sizes: without an observer, with a dashboard that nobody looks at,
//! and with one whose events a page receives. Shown are the fastest and the middle round of each, and the differences to the first.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use gridloom::{Array, Backend, Client, Result};

const TASKS: usize = 100_000;

fn client(shown: bool) -> Result<Client> {
    let builder = Client::builder().backend(Backend::Cpu).task_elements(1).no_progress();
    if shown { builder.dashboard("127.0.0.1:0").build() } else { builder.build() }
}

/// Receives a client's events, as a page does, until the client is gone.
fn watch(client: &Client) -> std::thread::JoinHandle<u64> {
    let link = client.dashboard_link().expect("a link");
    let (address, token) = link["http://".len()..].split_once("/?token=").expect("a token");
    let mut stream = TcpStream::connect(address).expect("a connection");
    write!(stream, "GET /events?token={token} HTTP/1.1\r\nHost: {address}\r\n\r\n").expect("a request");
    std::thread::spawn(move || {
        let (mut bytes, mut all) = (vec![0; 1 << 20], 0);
        while let Ok(read @ 1..) = stream.read(&mut bytes) {
            all += read as u64;
        }
        all
    })
}

fn main() -> Result<()> {
    let rounds = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(9).max(1);
    for (name, elements) in [("64 elements", 64), ("4 Ki elements", 4 << 10), ("64 Ki elements", 64 << 10)] {
        let clients =
            [("not watched", client(false)?), ("dashboard", client(true)?), ("dashboard, a page", client(true)?)];
        let page = watch(&clients[2].1);
        let x = gridloom::arange::<i32>(TASKS * elements).rechunk(elements)?;
        let sum: Array<i64> = (&x + 1).sum();
        let mut times = vec![Vec::new(); clients.len()];
        for round in 0..=rounds {
            // Whoever comes first may find the machine in another state: each is first in its turn.
            for i in (0..clients.len()).map(|i| (i + round) % clients.len()) {
                let start = Instant::now();
                clients[i].1.compute(&sum)?;
                if round > 0 {
                    times[i].push(start.elapsed().as_secs_f64());
                }
            }
        }
        let tasks = clients[0].1.last_run().map_or(0, |report| report.cpu_tasks);
        println!("{tasks} tasks of {name}, {rounds} rounds");
        let mut base = None;
        for ((name, client), times) in clients.into_iter().zip(&mut times) {
            times.sort_by(f64::total_cmp);
            let (fastest, middle) = (times[0], times[times.len() / 2]);
            let (first, usual) = *base.get_or_insert((fastest, middle));
            println!(
                "  {name:<18} fastest {:>8.2} ms ({:>+6.2} %), middle {:>8.2} ms ({:>+6.2} %)",
                fastest * 1e3,
                100.0 * (fastest / first - 1.0),
                middle * 1e3,
                100.0 * (middle / usual - 1.0)
            );
            drop(client);
        }
        println!("  the page received {} KiB", page.join().unwrap_or(0) >> 10);
    }
    Ok(())
}
