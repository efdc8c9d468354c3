//! Connections on which mails come.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::session::{Envelope, LONGEST_LINE, Next, Session};

/// Who says nothing for so long is let go.
const SILENCE: Duration = Duration::from_mins(1);
/// Connections at a time; more wait.
const MOST_CONNECTIONS: usize = 32;

/// Takes a mail in.
pub(super) type Keep = Arc<dyn Fn(Envelope) + Send + Sync>;

/// Listens on the loopback interface; ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Listener {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Listener {
    /// Listens at a port; 0 takes a free one. Fails when it is taken.
    pub(super) fn start(port: u16, keep: Keep) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
        listener.set_nonblocking(true)?;
        let listener = TcpListener::from_std(listener)?;
        let address = listener.local_addr()?;
        Ok(Self { address, task: tokio::spawn(listen(listener, keep)) })
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn listen(listener: TcpListener, keep: Keep) {
    let places = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let keep = Arc::clone(&keep);
                tokio::spawn(async move {
                    // Whoever goes away in the middle has sent nothing.
                    let _ = converse(stream, &keep).await;
                    drop(place);
                });
            }
            // Out of file descriptors, or the client is gone again: neither ends the mailbox.
            Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn converse(stream: TcpStream, keep: &Keep) -> io::Result<()> {
    let _ = stream.set_nodelay(true);
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    let (mut session, greeting) = Session::new();
    write.write_all(format!("{greeting}\r\n").as_bytes()).await?;
    loop {
        let line = timeout(SILENCE, line(&mut read)).await??;
        if line.is_empty() {
            return Ok(());
        }
        let answer = match session.line(&line) {
            Next::Nothing => continue,
            Next::Reply(text) => text,
            Next::Mail(mail) => {
                keep(mail);
                Session::taken().to_owned()
            }
            Next::End(text) => return write.write_all(format!("{text}\r\n").as_bytes()).await,
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

/// The bytes up to a line's end; of one that is too long, its beginning. Empty at the end of the stream.
async fn line(read: &mut BufReader<impl AsyncRead + Unpin>) -> io::Result<Vec<u8>> {
    let mut line = Vec::new();
    let most = u64::try_from(LONGEST_LINE + 1).unwrap_or(u64::MAX);
    (&mut *read).take(most).read_until(b'\n', &mut line).await?;
    if line.len() > LONGEST_LINE {
        let mut rest = line.clone();
        while !rest.is_empty() && !rest.ends_with(b"\n") {
            rest.clear();
            (&mut *read).take(most).read_until(b'\n', &mut rest).await?;
        }
    }
    Ok(line)
}
