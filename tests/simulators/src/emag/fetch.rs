//! Fetches a document as eMAG does, from this machine: there are no certificates here, so only http is reached.

use std::io::{Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
use std::time::Duration;

use url::Url;

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(3);
/// More is not read.
const BYTES_MAX: u64 = 16 * 1024 * 1024;
/// How often it is led elsewhere.
const REDIRECTS_MAX: usize = 3;

/// Status and body at an address; `None` when nothing usable answers. Waits for it, as the books stand still meanwhile.
pub(super) fn get(address: &str) -> Option<(u16, Vec<u8>)> {
    let mut url = Url::parse(address).ok()?;
    for _ in 0..=REDIRECTS_MAX {
        let (status, head, body) = once(&url)?;
        if !matches!(status, 301 | 302 | 303 | 307 | 308) {
            return Some((status, body));
        }
        let location = head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("location").then(|| value.trim().to_owned())
        })?;
        url = url.join(&location).ok()?;
    }
    None
}

fn once(url: &Url) -> Option<(u16, String, Vec<u8>)> {
    if url.scheme() != "http" {
        return None;
    }
    let (host, port) = (url.host_str()?, url.port_or_known_default()?);
    let address = (host.trim_matches(['[', ']']), port).to_socket_addrs().ok()?.next()?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    let query = url.query().map(|query| format!("?{query}")).unwrap_or_default();
    // In this version of HTTP the body ends with the connection.
    write!(stream, "GET {}{query} HTTP/1.0\r\nHost: {host}:{port}\r\nAccept: application/pdf\r\n\r\n", url.path())
        .ok()?;
    let mut answer = Vec::new();
    stream.take(BYTES_MAX).read_to_end(&mut answer).ok()?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(answer.get(..end)?).into_owned();
    let status = head.split_whitespace().nth(1)?.parse().ok()?;
    Some((status, head, answer.get(end + 4..)?.to_vec()))
}
