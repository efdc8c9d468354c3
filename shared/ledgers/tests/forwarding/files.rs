//! Where documents are fetched from: a server on a thread of its own, so that whoever fetches may wait for it.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
};

type Pages = Arc<Mutex<BTreeMap<String, (u16, Vec<u8>)>>>;

/// Files by their path.
pub struct Files {
    base: String,
    pages: Pages,
}

impl Files {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let pages = Pages::default();
        let served = Arc::clone(&pages);
        // It ends with the process.
        thread::spawn(move || listener.incoming().flatten().for_each(|stream| drop(serve(&served, stream))));
        Self { base, pages }
    }

    /// Puts a file there; returns its address.
    pub fn put(&self, path: &str, status: u16, body: &[u8]) -> String {
        self.pages.lock().unwrap().insert(path.to_owned(), (status, body.to_vec()));
        format!("{}{path}", self.base)
    }
}

fn serve(pages: &Pages, mut stream: TcpStream) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut first = String::new();
    reader.read_line(&mut first)?;
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 || line.trim().is_empty() {
            break;
        }
    }
    let path = first.split_whitespace().nth(1).unwrap_or_default().to_owned();
    let (status, body) = pages.lock().unwrap().get(&path).cloned().unwrap_or((404, Vec::new()));
    write!(stream, "HTTP/1.1 {status} X\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len())?;
    stream.write_all(&body)
}
