//! A stand-in for the API that Lambda gives a function: it takes polls, records when they came, and never has an event.

use std::{
    io::Read as _,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    sync::mpsc::{Receiver, channel},
    thread,
    time::{Duration, Instant},
};

use crate::failure::Failure;

/// How long a function may take to poll before it is given up.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long a connection may stay silent: a function polls as soon as it has connected.
const SILENCE: Duration = Duration::from_secs(1);
const POLL: &[u8] = b"GET /2018-06-01/runtime/invocation/next";

/// A poll that waits for its answer for as long as this is kept.
pub struct Poll {
    /// When it came.
    pub at: Instant,
    _waiting: TcpStream,
}

/// The runtime API, for one function after another.
pub struct RuntimeApi {
    /// Where it listens.
    pub address: SocketAddr,
    polls: Receiver<Poll>,
}

impl RuntimeApi {
    /// Listens on a free port for as long as the process runs.
    pub fn start() -> Result<Self, Failure> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(Failure::unexpected("a free port"))?;
        let address = listener.local_addr().map_err(Failure::unexpected("the port's address"))?;
        let (sender, polls) = channel();
        thread::spawn(move || {
            for mut waiting in listener.incoming().flatten() {
                // Whoever connects and says nothing keeps the next one waiting no longer than this.
                let limited = waiting.set_read_timeout(Some(SILENCE));
                let mut line = [0; POLL.len()];
                let is_poll = limited.and_then(|()| waiting.read_exact(&mut line)).is_ok() && line == POLL;
                // Without a receiver the command has ended.
                if is_poll && sender.send(Poll { at: Instant::now(), _waiting: waiting }).is_err() {
                    return;
                }
            }
        });
        Ok(Self { address, polls })
    }

    /// The next poll, or none when it does not come.
    pub fn poll(&self) -> Option<Poll> {
        self.polls.recv_timeout(PATIENCE).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{ErrorKind, Write as _};

    #[test]
    fn a_poll_is_seen_and_waits() {
        let api = RuntimeApi::start().unwrap();
        let _silent = TcpStream::connect(api.address).unwrap();
        let mut function = TcpStream::connect(api.address).unwrap();
        let before = Instant::now();
        function.write_all(b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\n\r\n").unwrap();
        let poll = api.poll().unwrap();
        assert!(poll.at >= before);
        function.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
        assert!(function.read(&mut [0]).is_err(), "no answer");
        drop(poll);
        function.set_read_timeout(Some(PATIENCE)).unwrap();
        // What was sent beyond the request's line was not read: then the end may come as a reset.
        match function.read(&mut [0]) {
            Ok(bytes) => assert_eq!(bytes, 0, "the end"),
            Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
        }
    }
}
