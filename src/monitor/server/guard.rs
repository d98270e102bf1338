//! Who is let in. A page of some other site, in the browser of the person who runs the client, must learn nothing: not by a link it
//! guesses (the token), not under a name of its own that means this machine (Host), not from a script of its own (Origin).

use std::net::{IpAddr, SocketAddr};

use axum::http::{HeaderMap, Method, StatusCode, Uri, header, uri::Authority};

/// What requests are held against.
pub(super) struct Guard {
    pub(super) at: SocketAddr,
    pub(super) token: String,
}

/// What is served.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Path {
    /// The page.
    Page,
    /// The state, with a run in detail.
    Data(Option<u64>),
    /// The state whenever it changes.
    Events,
}

type Refusal = (StatusCode, &'static str);

impl Guard {
    /// What a request is for, if it may have it.
    pub(super) fn admit(&self, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<Path, Refusal> {
        if method != Method::GET {
            return Err((StatusCode::METHOD_NOT_ALLOWED, "only GET: nothing can be changed here"));
        }
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok());
        let named = uri.authority().is_none_or(|authority| self.is_here(authority.as_str()));
        if !named || hosts.next().is_some() || !host.is_some_and(|host| self.is_here(host)) {
            return Err((StatusCode::FORBIDDEN, "wrong Host"));
        }
        for origin in headers.get_all(header::ORIGIN) {
            let origin = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
            // The page's own requests come from where it is.
            if origin.is_none() || origin != host {
                return Err((StatusCode::FORBIDDEN, "wrong Origin"));
            }
        }
        let query = uri.query().unwrap_or_default();
        let value = |name: &str| query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
        let path = match uri.path() {
            "/" => Path::Page,
            "/data.json" => Path::Data(value("run").and_then(|run| run.parse().ok())),
            "/events" => Path::Events,
            _ => return Err((StatusCode::NOT_FOUND, "there is nothing here")),
        };
        if !value("token").is_some_and(|token| same(token, &self.token)) {
            return Err((StatusCode::FORBIDDEN, "wrong token: take the link that the client shows"));
        }
        Ok(path)
    }

    /// Whether a host is this server's: an address, or the name that is always this machine. Another name could be anyone's.
    fn is_here(&self, host: &str) -> bool {
        let Ok(authority) = host.parse::<Authority>() else { return false };
        if host.contains('@') || authority.port_u16().unwrap_or(80) != self.at.port() {
            return false;
        }
        let name = authority.host();
        if name.eq_ignore_ascii_case("localhost") {
            return self.at.ip().is_loopback() || self.at.ip().is_unspecified();
        }
        match name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            Ok(ip) if self.at.ip().is_loopback() => ip.is_loopback(),
            Ok(ip) => self.at.ip().is_unspecified() || ip == self.at.ip(),
            Err(_) => false,
        }
    }
}

/// Whether two words are the same, in a time that does not tell where they differ.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(at: &str) -> Guard {
        Guard { at: at.parse().unwrap(), token: "0123abcd".into() }
    }
    fn ask(guard: &Guard, method: &str, uri: &str, headers: &[(&str, &str)]) -> Result<Path, u16> {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.append(header::HeaderName::from_bytes(name.as_bytes()).unwrap(), value.parse().unwrap());
        }
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        guard.admit(&method, &uri.parse().unwrap(), &map).map_err(|(status, _)| status.as_u16())
    }

    #[test]
    fn who_has_the_link_is_let_in() {
        let guard = guard("127.0.0.1:8787");
        for host in ["127.0.0.1:8787", "localhost:8787", "LOCALHOST:8787", "[::1]:8787"] {
            assert_eq!(ask(&guard, "GET", "/?token=0123abcd", &[("host", host)]), Ok(Path::Page), "{host}");
        }
        let own = [("host", "localhost:8787"), ("origin", "http://localhost:8787")];
        assert_eq!(ask(&guard, "GET", "/events?token=0123abcd", &own), Ok(Path::Events));
        assert_eq!(ask(&guard, "GET", "/data.json?run=7&token=0123abcd", &own), Ok(Path::Data(Some(7))));
        assert_eq!(ask(&guard, "GET", "/data.json?run=x&token=0123abcd", &own), Ok(Path::Data(None)));
    }

    #[test]
    fn others_are_refused() {
        let guard = guard("127.0.0.1:8787");
        let host = ("host", "127.0.0.1:8787");
        for method in ["POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "CONNECT", "TRACE"] {
            assert_eq!(ask(&guard, method, "/?token=0123abcd", &[host]), Err(405), "{method}");
        }
        for wrong in
            ["", "127.0.0.1", "127.0.0.1:80", "evil.example:8787", "localhost.evil.example:8787", "10.0.0.1:8787"]
        {
            assert_eq!(ask(&guard, "GET", "/?token=0123abcd", &[("host", wrong)]), Err(403), "{wrong}");
        }
        assert_eq!(ask(&guard, "GET", "/?token=0123abcd", &[]), Err(403));
        assert_eq!(ask(&guard, "GET", "/?token=0123abcd", &[host, ("host", "evil.example")]), Err(403));
        assert_eq!(ask(&guard, "GET", "http://evil.example:8787/?token=0123abcd", &[host]), Err(403));
        assert_eq!(ask(&guard, "GET", "/?token=0123abcd", &[("host", "a@127.0.0.1:8787")]), Err(403));
        for wrong in
            ["null", "http://evil.example", "https://127.0.0.1:8787", "http://127.0.0.1", "http://localhost:8787"]
        {
            assert_eq!(ask(&guard, "GET", "/?token=0123abcd", &[host, ("origin", wrong)]), Err(403), "{wrong}");
        }
        for uri in
            ["/x?token=0123abcd", "/data.json/?token=0123abcd", "//?token=0123abcd", "/../etc/passwd?token=0123abcd"]
        {
            assert_eq!(ask(&guard, "GET", uri, &[host]), Err(404), "{uri}");
        }
        for uri in
            ["/", "/?token=", "/?token=0123abce", "/?token=0123abcd0", "/?tokens=0123abcd", "/events", "/data.json"]
        {
            assert_eq!(ask(&guard, "GET", uri, &[host]), Err(403), "{uri}");
        }
    }

    #[test]
    fn an_open_server_is_found_by_addresses_only() {
        let guard = guard("0.0.0.0:80");
        assert_eq!(ask(&guard, "GET", "/?token=0123abcd", &[("host", "192.168.1.7")]), Ok(Path::Page));
        assert_eq!(ask(&guard, "GET", "/?token=0123abcd", &[("host", "evil.example")]), Err(403));
    }
}
