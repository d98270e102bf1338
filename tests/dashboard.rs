//! The dashboard from outside: what it answers, to whom, and that it says what the run's report says. (A browser looks at it in
//! `tests/browser`.)

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use gridloom::{Backend, Client, Error};
use serde_json::Value;

/// A client with a dashboard, its address and its token.
fn shown() -> (Client, String, String) {
    let client = Client::builder().backend(Backend::Cpu).workers(2).task_elements(1).dashboard("127.0.0.1:0");
    let client = client.no_progress().build().expect("a client");
    let link = client.dashboard_link().expect("a link");
    assert!(client.to_string().ends_with(&link), "{client}");
    assert!(!format!("{client:?}").contains("token"), "{client:?}");
    let (address, token) = link.strip_prefix("http://").and_then(|rest| rest.split_once("/?token=")).expect("a link");
    assert_eq!(token.len(), 32, "{token}");
    (client.clone(), address.to_owned(), token.to_owned())
}

/// Sends a request as it is, and gives the status, the head and the body.
fn ask(address: &str, request: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    (head.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status"), head.to_lowercase(), body.to_owned())
}

fn get(address: &str, path: &str, more: &str) -> (u16, String, String) {
    ask(address, &format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n{more}Connection: close\r\n\r\n"))
}

fn state(address: &str, token: &str) -> Value {
    let (status, head, body) = get(address, &format!("/data.json?token={token}"), "");
    assert!(status == 200 && head.contains("content-type: application/json"), "{head}");
    serde_json::from_str(&body).expect("JSON")
}

#[test]
fn only_who_has_the_link_is_answered_and_only_to_get() {
    let (_client, address, token) = shown();
    let page = format!("/?token={token}");
    let (status, head, body) = get(&address, &page, "");
    assert_eq!(status, 200, "{head}");
    assert!(body.starts_with("<!DOCTYPE html>") && body.contains("const FROZEN = /*DATA*/null;"));
    for header in [
        "content-security-policy: default-src 'none'",
        "referrer-policy: no-referrer",
        "cache-control: no-store",
        "x-content-type-options: nosniff",
        "x-frame-options: deny",
    ] {
        assert!(head.contains(header), "{header}: {head}");
    }
    // What may run is what came with this answer alone.
    let nonce = |head: &str| head.split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
    assert!(body.contains(&format!("<script nonce=\"{}\">", nonce(&head))));
    assert_ne!(nonce(&head), nonce(&get(&address, &page, "").1));

    for method in ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"] {
        let request =
            format!("{method} {page} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let (status, head, _) = ask(&address, &request);
        assert!(status == 405 && head.contains("allow: get"), "{method}: {head}");
    }
    for path in ["/", "/?token=", "/?token=00000000000000000000000000000000", "/events", "/data.json?token=x"] {
        assert_eq!(get(&address, path, "").0, 403, "{path}");
    }
    for path in ["/unknown", "/page.html", "/..%2f..%2fetc/passwd", "/data.json/x"] {
        assert_eq!(get(&address, &format!("{path}?token={token}"), "").0, 404, "{path}");
    }
    let host =
        |host: &str| ask(&address, &format!("GET {page} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).0;
    let port = address.rsplit(':').next().unwrap();
    assert_eq!(host(&format!("localhost:{port}")), 200);
    for wrong in ["evil.example", &format!("evil.example:{port}"), "127.0.0.1", "localhost"] {
        assert_eq!(host(wrong), 403, "{wrong}");
    }
    assert_eq!(get(&address, &page, &format!("Origin: http://{address}\r\n")).0, 200);
    for wrong in ["http://evil.example", "null", "https://127.0.0.1"] {
        assert_eq!(get(&address, &page, &format!("Origin: {wrong}\r\n")).0, 403, "{wrong}");
    }
}

#[test]
fn the_numbers_are_those_of_the_report() {
    let (client, address, token) = shown();
    let before = state(&address, &token);
    assert!(before["run"].is_null() && before["runs"] == serde_json::json!([]), "{before}");
    let x = gridloom::arange::<f64>(100_000).rechunk(1000).unwrap();
    let x = x.map_chunks("<script>alert(1)</script>", |chunk| chunk.mapv(|v| v + 1.0));
    client.compute((&x.sum(), &x.max().unwrap())).unwrap();
    let (report, state) = (client.last_run().unwrap(), state(&address, &token));
    let run = &state["run"];
    assert_eq!(run["run"], report.run);
    assert_eq!((run["tasks"].as_u64(), run["done"].as_u64()), (Some(report.cpu_tasks), Some(report.cpu_tasks)));
    let kernels: Vec<&Value> = run["kernels"].as_array().unwrap().iter().filter(|k| k["tasks"] != 0).collect();
    assert_eq!(kernels.len(), report.kernels.len());
    for (shown, told) in kernels.iter().zip(&report.kernels) {
        assert_eq!(shown["title"], told.title);
        assert_eq!(shown["done"], told.tasks);
        assert_eq!(shown["busy_ns"], told.busy.as_nanos() as u64);
        assert_eq!(shown["bytes"], told.bytes);
        assert_eq!(shown["state"], "done");
    }
    assert!(kernels.iter().any(|kernel| kernel["title"].as_str().unwrap().contains("<script>")), "a name is as it was");
    let rows = run["rows"].as_array().unwrap();
    let tasks: u64 = rows.iter().filter(|row| row["kind"] == "cpu").map(|row| row["tasks"].as_u64().unwrap()).sum();
    assert_eq!(tasks, report.cpu_tasks);
    assert_eq!(run["predicted"]["host"], report.predicted_bytes.0);
    assert_eq!(run["numbers"]["peak_host"], report.peak_host_bytes);
    assert_eq!(run["report"], report.to_string());
    // A failed run says what ended it.
    let wrong = gridloom::arange::<f64>(10).map_chunks("fails", |_| -> ndarray::ArrayD<f64> { panic!("on purpose") });
    client.compute(&wrong).unwrap_err();
    let state = self::state(&address, &token);
    assert_eq!(state["run"]["state"], "failed");
    assert!(state["run"]["error"].as_str().unwrap().contains("on purpose"), "{}", state["run"]["error"]);
    assert_eq!(state["runs"].as_array().unwrap().len(), 2);
    // The earlier one is still there.
    let (_, _, body) = get(&address, &format!("/data.json?run={}&token={token}", report.run), "");
    let earlier: Value = serde_json::from_str(&body).unwrap();
    assert_eq!(earlier["run"]["report"], report.to_string());
}

#[test]
fn who_watches_is_told_within_a_quarter_of_a_second() {
    let (client, address, token) = shown();
    let mut stream = TcpStream::connect(&address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    write!(stream, "GET /events?token={token} HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
    let mut text = String::new();
    let mut read_until = |word: &str| {
        let mut bytes = [0; 65536];
        while !text.contains(word) {
            let read = stream.read(&mut bytes).unwrap();
            assert!(read > 0, "the stream ended: {text}");
            text += &String::from_utf8_lossy(&bytes[..read]);
        }
        Instant::now()
    };
    read_until("\"runs\":[]");
    client.compute(&gridloom::arange::<f64>(1000).sum()).unwrap();
    let ended = Instant::now();
    let told = read_until("\"state\":\"done\"");
    assert!(told.saturating_duration_since(ended) < Duration::from_millis(750), "{:?}", told - ended);
    // The server ends with its client, and so does what it sends.
    drop(client);
    let mut rest = Vec::new();
    let _ = stream.read_to_end(&mut rest);
    assert!(TcpStream::connect(&address).is_err(), "it still listens");
}

#[test]
fn a_million_tasks_take_no_more_than_a_thousand() {
    let (client, address, token) = shown();
    let size = |tasks: usize| {
        client.compute(&(gridloom::arange::<i32>(tasks).rechunk(1).unwrap() + 1).sum()).unwrap();
        let (status, _, body) = get(&address, &format!("/data.json?token={token}"), "");
        let state: Value = serde_json::from_str(&body).unwrap();
        assert!(status == 200 && state["run"]["done"].as_u64().unwrap() > tasks as u64);
        for row in state["run"]["rows"].as_array().unwrap() {
            assert!(row["buckets"].as_array().unwrap().len() <= 512);
        }
        body.len()
    };
    let (few, many) = (size(20_000), size(200_000));
    assert!(many < 2 * few && many < 400_000, "{few} and {many} bytes");
}

/// Whether a connection has been ended by the server; what it sent before that is passed over.
fn is_ended(mut stream: &TcpStream) -> bool {
    let mut bytes = [0; 4096];
    loop {
        match stream.read(&mut bytes) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() != std::io::ErrorKind::WouldBlock,
        }
    }
}

/// Once, each idle connection held a descriptor for ever, and 1,000 unfinished heads 400 MiB.
#[test]
fn a_flood_without_the_token_leaves_room_for_who_has_it() {
    let (client, address, token) = shown();
    let connect = |sent: &[u8]| {
        let mut stream = TcpStream::connect(&address).unwrap();
        let _ = stream.write_all(sent);
        stream.set_nonblocking(true).unwrap();
        stream
    };
    let watch = TcpStream::connect(&address).unwrap();
    write!(&watch, "GET /events?token={token} HTTP/1.1\r\nHost: {address}\r\n\r\n").unwrap();
    assert!((&watch).read(&mut [0; 1024]).unwrap() > 0);
    let unfinished = format!("GET /?token=x HTTP/1.1\r\nHost: {address}\r\nX-Long: {}", "x".repeat(12_000));
    let mut flood = Vec::new();
    for round in 0..4 {
        flood.extend((0..50).map(|at| connect(if at % 2 == 0 { b"" } else { unfinished.as_bytes() })));
        client.compute(&gridloom::arange::<f64>(1000).sum()).unwrap();
        assert_eq!(state(&address, &token)["runs"].as_array().unwrap().len(), round + 1);
    }
    // Ends are told a moment later than they happen.
    let start = Instant::now();
    let open = || flood.iter().filter(|stream| !is_ended(stream)).count();
    while open() > 64 {
        assert!(start.elapsed() < Duration::from_secs(20), "{} connections are open", open());
        std::thread::sleep(Duration::from_millis(10));
    }
    watch.set_nonblocking(true).unwrap();
    assert!(!is_ended(&watch), "who has the token was put out");
}

#[test]
fn a_head_longer_than_any_browser_sends_is_refused() {
    let (_client, address, token) = shown();
    let (status, ..) = get(&address, &format!("/?token={token}"), &format!("X-Long: {}\r\n", "x".repeat(8 << 10)));
    assert_eq!(status, 200);
    let mut stream = TcpStream::connect(&address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let _ = write!(stream, "GET /?token={token} HTTP/1.1\r\nHost: {address}\r\nX-Long: {}", "x".repeat(40 << 10));
    // The answer may be lost, as the connection ends before all was read.
    let mut answer = Vec::new();
    let ended = stream.read_to_end(&mut answer);
    assert!(ended.is_ok_and(|_| answer.starts_with(b"HTTP/1.1 431 ")) || answer.is_empty());
}

#[test]
fn addresses_that_are_none_are_refused() {
    let build = |address: &str| Client::builder().backend(Backend::Cpu).no_progress().dashboard(address).build();
    for wrong in ["", "no port", "127.0.0.1:99999", "127.0.0.1"] {
        let error = build(wrong).unwrap_err();
        assert!(matches!(error, Error::Parameter { what: "dashboard address", .. }), "{wrong}: {error}");
    }
    let (_client, address, _) = shown();
    let error = build(&address).unwrap_err();
    assert!(matches!(&error, Error::Io { op: "dashboard", path, .. } if *path == address), "{error}");
    // A port alone is on this machine alone.
    assert!(build(":0").unwrap().dashboard_link().unwrap().starts_with("http://127.0.0.1:"));
    assert_eq!(Client::builder().backend(Backend::Cpu).no_progress().build().unwrap().dashboard_link(), None);
}
