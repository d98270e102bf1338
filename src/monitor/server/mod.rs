//! [`Dashboard`]: a small web server on a thread of its own. It reads the recording and nothing else: no request changes anything.

mod connections;
mod guard;

use std::convert::Infallible;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::unfold;
use hyper::Request;
use hyper::body::Incoming;
use tokio::sync::{oneshot, watch};

use super::facts::Facts;
use super::page::live;
use super::recorder::Recorder;
use super::state::state;
use crate::error::{Error, Result};
use connections::{Admitted, Limits};
use guard::{Guard, Path};

/// How often those who watch are told what changed.
const TICK: Duration = Duration::from_millis(200);
/// Pages that are told at a time.
const WATCHERS: usize = 32;

/// A server that shows a recording, until it is dropped.
#[derive(Debug)]
pub struct Dashboard {
    link: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// What requests share.
struct Shared {
    guard: Guard,
    recorder: Arc<Recorder>,
    facts: Facts,
    /// The state as last sent; the channel's receivers are those who watch.
    news: watch::Sender<Arc<str>>,
    watchers: AtomicUsize,
}

impl Dashboard {
    /// Serves at an address: `host:port`, where port 0 is any that is free, and a missing host is this machine alone.
    ///
    /// # Errors
    /// [`Error::Parameter`] for an address that is none, [`Error::Io`] where it cannot be listened at.
    pub fn start(address: &str, recorder: Arc<Recorder>, facts: Facts) -> Result<Self> {
        let io = |source| Error::Io { op: "dashboard", path: address.to_owned(), source };
        let listener = TcpListener::bind(resolve(address)?.as_slice()).map_err(io)?;
        listener.set_nonblocking(true).map_err(io)?;
        let at = listener.local_addr().map_err(io)?;
        let token = random()?;
        // Where it listens everywhere, this machine is one of those places.
        let shown = match at {
            SocketAddr::V4(v4) if v4.ip().is_unspecified() => format!("127.0.0.1:{}", at.port()),
            SocketAddr::V6(v6) if v6.ip().is_unspecified() => format!("[::1]:{}", at.port()),
            _ => at.to_string(),
        };
        let link = format!("http://{shown}/?token={token}");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(io)?;
        let news = watch::Sender::new(Arc::from(""));
        let guard = Guard { at, token };
        let shared = Arc::new(Shared { guard, recorder, facts, news, watchers: AtomicUsize::new(0) });
        let (stop, stopped) = oneshot::channel::<()>();
        let serve = move || {
            runtime.block_on(async {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                tokio::spawn(tell(shared.clone()));
                let answer = move |request, admitted| answer(shared.clone(), request, admitted);
                tokio::select! {
                    _ = stopped => {}
                    () = connections::serve(listener, Limits::USUAL, answer) => {}
                }
            });
            // Connections end with it.
            runtime.shutdown_background();
        };
        let thread = std::thread::Builder::new().name("gridloom-dashboard".into()).spawn(serve).map_err(io)?;
        Ok(Self { link, stop: Some(stop), thread: Some(thread) })
    }
    /// Where it is, with the token that lets in.
    #[must_use]
    pub fn link(&self) -> &str {
        &self.link
    }
}

impl Drop for Dashboard {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // It does not panic, and it has nothing to say.
            let _ = thread.join();
        }
    }
}

/// The addresses that a word means.
fn resolve(word: &str) -> Result<Vec<SocketAddr>> {
    let wrong = || Error::Parameter {
        op: "client",
        what: "dashboard address",
        got: word.to_owned(),
        expected: "host:port, for example 127.0.0.1:0",
    };
    let full = match word.strip_prefix(':').unwrap_or(word).parse::<u16>() {
        Ok(port) => format!("127.0.0.1:{port}"),
        Err(_) => word.to_owned(),
    };
    let all: Vec<SocketAddr> = std::net::ToSocketAddrs::to_socket_addrs(&full).map_err(|_| wrong())?.collect();
    if all.is_empty() { Err(wrong()) } else { Ok(all) }
}

/// 128 bits that nobody can guess, in hexadecimal.
fn random() -> Result<String> {
    let mut bytes = [0_u8; 16];
    let io = |error: getrandom::Error| Error::Io {
        op: "dashboard",
        path: "the system's random numbers".to_owned(),
        source: std::io::Error::other(error.to_string()),
    };
    getrandom::fill(&mut bytes).map_err(io)?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Makes the state for all who watch, while somebody does and there is news.
async fn tell(shared: Arc<Shared>) {
    let mut seen = None;
    let mut tick = tokio::time::interval(TICK);
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tick.tick().await;
        let (changes, busy) = shared.recorder.changes();
        if shared.news.receiver_count() > 0 && (busy || seen != Some(changes)) {
            // The count was taken first: what changes while the state is made is told the next time.
            seen = Some(changes);
            shared.news.send_replace(current(&shared, None));
        }
    }
}

fn current(shared: &Shared, run: Option<u64>) -> Arc<str> {
    state(&shared.recorder, &shared.facts, run).to_string().into()
}

/// Answers a request, if it may be answered.
async fn answer(shared: Arc<Shared>, request: Request<Incoming>, admitted: Admitted) -> Response {
    let path = shared.guard.admit(request.method(), request.uri(), request.headers());
    if path.is_ok() {
        admitted.admit();
    }
    let mut response = match path {
        Err((status, why)) => {
            let mut refused = (status, why).into_response();
            if status == StatusCode::METHOD_NOT_ALLOWED {
                refused.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET"));
            }
            refused
        }
        Ok(Path::Page) => page(),
        Ok(Path::Data(run)) => {
            let json = [(header::CONTENT_TYPE, "application/json")];
            (json, Body::from(current(&shared, run).to_string())).into_response()
        }
        Ok(Path::Events) => events(shared),
    };
    // The link holds the token: it must not go to others, nor stay in caches.
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn page() -> Response {
    let Ok(nonce) = random() else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; connect-src 'self'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    );
    let headers =
        [(header::CONTENT_TYPE, "text/html; charset=utf-8".to_owned()), (header::CONTENT_SECURITY_POLICY, policy)];
    (headers, live(&nonce)).into_response()
}

/// One who watches, while it does.
struct Watcher(Arc<Shared>);

impl Drop for Watcher {
    fn drop(&mut self) {
        self.0.watchers.fetch_sub(1, Ordering::SeqCst);
    }
}

fn events(shared: Arc<Shared>) -> Response {
    let before = shared.watchers.fetch_add(1, Ordering::SeqCst);
    let watcher = Watcher(shared.clone());
    if before >= WATCHERS {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many pages watch this client").into_response();
    }
    let receiver = shared.news.subscribe();
    let first = Some(current(&shared, None));
    let stream = unfold((receiver, first, watcher), |(mut receiver, first, watcher)| async move {
        let text = match first {
            Some(text) => text,
            None => {
                receiver.changed().await.ok()?;
                receiver.borrow_and_update().clone()
            }
        };
        Some((Ok::<_, Infallible>(Event::default().data(&*text)), (receiver, None, watcher)))
    });
    Sse::new(stream).keep_alive(KeepAlive::default()).into_response()
}
