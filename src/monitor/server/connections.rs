//! Connections: how many there are, how long they may take to ask, and to read what they get. Whoever can reach the port can open
//! some; only what a request says later shows who has the link.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::{Sleep, sleep};

/// What connections may take.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How many there are at a time.
    pub(super) connections: usize,
    /// How long a request's head may take to come, also after an earlier request.
    pub(super) head: Duration,
    /// Bytes of a request's head, and of what waits to be sent.
    pub(super) bytes: usize,
    /// How long the other side may read nothing of what is sent.
    pub(super) reading: Duration,
}

impl Limits {
    /// A browser opens six connections to a page.
    pub(super) const USUAL: Self =
        Self { connections: 64, head: Duration::from_secs(10), bytes: 16 << 10, reading: Duration::from_secs(20) };
}

/// Whether a connection has shown that it may ask.
#[derive(Clone, Debug, Default)]
pub(super) struct Admitted(Arc<AtomicBool>);

impl Admitted {
    /// It has.
    pub(super) fn admit(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Answers whoever connects, until it is dropped.
pub(super) async fn serve<F>(
    listener: TcpListener,
    limits: Limits,
    answer: impl Fn(Request<Incoming>, Admitted) -> F + Clone + Send + Sync + 'static,
) where
    F: Future<Output = Response> + Send + 'static,
{
    let mut open: VecDeque<(Admitted, JoinHandle<()>)> = VecDeque::new();
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            // The process has no descriptor left, or the other side is gone already: neither is for us to end for.
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        open.retain(|(_, task)| !task.is_finished());
        if open.len() >= limits.connections {
            // The one that has waited longest without showing the token makes room. Where all have, there is none.
            let Some(at) = open.iter().position(|(admitted, _)| !admitted.0.load(Ordering::Relaxed)) else { continue };
            if let Some((_, task)) = open.remove(at) {
                task.abort();
            }
        }
        let admitted = Admitted::default();
        let task = tokio::spawn(connection(stream, limits, answer.clone(), admitted.clone()));
        open.push_back((admitted, task));
    }
}

async fn connection<F>(
    stream: TcpStream,
    limits: Limits,
    answer: impl Fn(Request<Incoming>, Admitted) -> F,
    admitted: Admitted,
) where
    F: Future<Output = Response>,
{
    let answer = |request| {
        let answer = answer(request, admitted.clone());
        async { Ok::<_, Infallible>(answer.await) }
    };
    let stream = TokioIo::new(Reader { stream, reading: limits.reading, patience: None });
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(limits.bytes)
        .serve_connection(stream, service_fn(answer));
    // What ends a connection is nobody's concern but the other side's.
    let _ = served.await;
}

/// A stream that fails where the other side does not read for too long.
struct Reader {
    stream: TcpStream,
    reading: Duration,
    /// Runs while nothing can be sent.
    patience: Option<Pin<Box<Sleep>>>,
}

impl Reader {
    fn watched<T>(&mut self, cx: &mut Context<'_>, sent: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if sent.is_ready() {
            self.patience = None;
            return sent;
        }
        let reading = self.reading;
        let patience = self.patience.get_or_insert_with(|| Box::pin(sleep(reading)));
        patience.as_mut().poll(cx).map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for Reader {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, to: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, to)
    }
}

impl AsyncWrite for Reader {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.watched(cx, sent)
    }
    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let sent = Pin::new(&mut self.stream).poll_write_vectored(cx, bytes);
        self.watched(cx, sent)
    }
    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::{SocketAddr, TcpStream};
    use std::sync::mpsc::{Receiver, channel};

    use axum::body::{Body, Bytes};
    use futures_util::stream::unfold;

    use super::*;

    const SOON: Duration = Duration::from_secs(20);
    const LIMITS: Limits = Limits { connections: 4, head: SOON, bytes: 16 << 10, reading: SOON };

    /// A server that lets in who asks for `/in`, and sends without end to who asks for `/endless`. The second tells when
    /// an endless answer has ended.
    fn server(limits: Limits) -> (SocketAddr, Receiver<()>) {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let at = listener.local_addr().unwrap();
        let (ended, end) = channel();
        let answer = move |request: Request<Incoming>, admitted: Admitted| {
            let ended = ended.clone();
            async move {
                match request.uri().path() {
                    "/endless" => {
                        let told = Told(ended);
                        let next = |told| async { Some((Ok::<_, Infallible>(Bytes::from(vec![7; 1 << 16])), told)) };
                        return Response::new(Body::from_stream(unfold(told, next)));
                    }
                    "/in" => admitted.admit(),
                    _ => {}
                }
                Response::new(Body::from("answer"))
            }
        };
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { serve(TcpListener::from_std(listener).unwrap(), limits, answer).await });
        });
        (at, end)
    }

    /// Tells when it is dropped.
    struct Told(std::sync::mpsc::Sender<()>);
    impl Drop for Told {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }

    fn connect(at: SocketAddr) -> TcpStream {
        let stream = TcpStream::connect(at).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        stream
    }
    fn ask(mut stream: &TcpStream, path: &str) {
        let _ = write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n");
    }
    /// Reads until the answer, or until the connection ends.
    fn answered(mut stream: &TcpStream) -> bool {
        let (mut all, mut bytes) = (Vec::new(), [0; 4096]);
        while !all.ends_with(b"answer") {
            match stream.read(&mut bytes) {
                Ok(0) => return false,
                Ok(read) => all.extend_from_slice(&bytes[..read]),
                Err(error) => {
                    assert_ne!(error.kind(), io::ErrorKind::WouldBlock, "neither an answer nor an end");
                    return false;
                }
            }
        }
        true
    }

    #[test]
    fn those_without_the_token_make_room_the_oldest_first() {
        let (at, _end) = server(LIMITS);
        let idle: Vec<TcpStream> = (0..4).map(|_| connect(at)).collect();
        let who = connect(at);
        ask(&who, "/in");
        assert!(answered(&who));
        assert!(!answered(&idle[0]), "it had no room");
        // It stays, whoever comes.
        let mut others = Vec::new();
        for _ in 0..40 {
            others.push(connect(at));
            ask(&others[others.len() - 1], "/");
            assert!(answered(&others[others.len() - 1]));
        }
        ask(&who, "/in");
        assert!(answered(&who));
        assert!(!idle.iter().any(answered));
    }

    #[test]
    fn where_all_have_the_token_nobody_else_has_room() {
        let (at, _end) = server(LIMITS);
        let inside: Vec<TcpStream> = (0..4).map(|_| connect(at)).collect();
        for stream in &inside {
            ask(stream, "/in");
            assert!(answered(stream));
        }
        assert!(!answered(&connect(at)));
        for stream in &inside {
            ask(stream, "/");
            assert!(answered(stream));
        }
        // Until one goes.
        drop(inside);
        let mut tries = 0;
        loop {
            let stream = connect(at);
            ask(&stream, "/in");
            if answered(&stream) {
                break;
            }
            tries += 1;
            assert!(tries < 1000);
        }
    }

    #[test]
    fn a_head_that_does_not_come_ends_the_connection() {
        let (at, _end) = server(Limits { head: Duration::from_millis(100), ..LIMITS });
        let (silent, slow, again) = (connect(at), connect(at), connect(at));
        (&slow).write_all(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ").unwrap();
        ask(&again, "/in");
        assert!(answered(&again));
        for stream in [silent, slow, again] {
            assert!(!answered(&stream), "the time for a head is over");
        }
    }

    #[test]
    fn a_head_without_end_is_not_kept() {
        let (at, _end) = server(LIMITS);
        let mut stream = connect(at);
        let _ = stream.write_all(b"GET / HTTP/1.1\r\nX-Long: ");
        let mut sent = 0;
        // The server reads some and ends; what is under way then may be as much as the system's buffers hold.
        while stream.write_all(&[b'x'; 4096]).is_ok() {
            sent += 4096;
            assert!(sent < 64 << 20, "all of it was taken");
        }
        assert!(!answered(&stream));
    }

    #[test]
    fn who_does_not_read_is_not_waited_for() {
        let (at, end) = server(Limits { reading: Duration::from_millis(100), ..LIMITS });
        let (silent, reads) = (connect(at), connect(at));
        ask(&silent, "/endless");
        ask(&reads, "/endless");
        let mut bytes = vec![0; 1 << 16];
        while end.try_recv().is_err() {
            assert!((&reads).read(&mut bytes).unwrap() > 0);
        }
        // The one that reads still does.
        for _ in 0..100 {
            assert!((&reads).read(&mut bytes).unwrap() > 0);
        }
        drop(silent);
        drop(reads);
        end.recv_timeout(SOON).unwrap();
    }
}
