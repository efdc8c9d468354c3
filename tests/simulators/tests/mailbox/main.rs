//! The mailbox takes mails by SMTP and shows them as they came.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails a test")]

use base64::{Engine as _, prelude::BASE64_STANDARD};
use serde_json::Value;
use simulators::program::{Program, Setup};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

struct Client {
    program: Program,
    http: reqwest::Client,
}

impl Client {
    async fn start() -> Self {
        Self::with(Setup { smtp_port: Some(0), ..Setup::default() }).await
    }

    async fn with(setup: Setup) -> Self {
        drop(rustls::crypto::ring::default_provider().install_default());
        Self { program: Program::start(&setup).await.unwrap(), http: reqwest::Client::new() }
    }

    async fn get(&self, path: &str) -> reqwest::Response {
        let (_, base) = self.program.addresses().find(|(_, address)| address.ends_with("/mailbox")).unwrap();
        self.http.get(format!("{base}{path}")).send().await.unwrap()
    }

    async fn list(&self, query: &str) -> Vec<Value> {
        self.get(&format!("/_messages{query}")).await.json().await.unwrap()
    }

    /// Says these lines, and hears the code of each answer.
    async fn say(&self, parts: &[&str]) -> Vec<String> {
        let mut stream = BufReader::new(TcpStream::connect(self.program.mailbox().unwrap()).await.unwrap());
        let mut codes = vec![answer(&mut stream).await];
        for part in parts {
            stream.get_mut().write_all(format!("{part}\r\n").as_bytes()).await.unwrap();
            codes.push(answer(&mut stream).await);
        }
        codes
    }
}

async fn answer(stream: &mut BufReader<TcpStream>) -> String {
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        if line.as_bytes().get(3) != Some(&b'-') {
            return line.chars().take(3).collect();
        }
    }
}

#[tokio::test]
async fn a_mail_is_kept_byte_for_byte_and_shown_by_its_parts() {
    let client = Client::start().await;
    let file: Vec<u8> = (0..=255).cycle().take(3_000).collect();
    let encoded = BASE64_STANDARD.encode(&file);
    let lines: Vec<_> = encoded.as_bytes().chunks(76).map(|line| std::str::from_utf8(line).unwrap()).collect();
    let mail = format!(
        "Message-ID: <1@mail.example>\r\nFrom: a@b.example\r\nTo: c@d.example\r\nSubject: Invoice 1\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/mixed; boundary=\"x\"\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n.Hello\r\n--x\r\n\
         Content-Type: application/xml\r\nContent-Disposition: attachment; filename=\"one.xml\"\r\n\
         Content-Transfer-Encoding: base64\r\n\r\n{}\r\n--x--\r\n",
        lines.join("\r\n")
    );
    let on_the_way = format!("{}.", mail.replace("\r\n.", "\r\n.."));
    let said = [
        "EHLO me",
        "MAIL FROM:<a@b.example>",
        "RCPT TO:<c@d.example>",
        "RCPT TO:<e@f.example>",
        "DATA",
        &on_the_way,
        "QUIT",
    ];
    assert_eq!(client.say(&said).await, ["220", "250", "250", "250", "250", "354", "250", "221"]);

    let [shown] = client.list("?to=e@f.example").await.try_into().unwrap();
    assert_eq!(shown["destinations"], serde_json::json!(["c@d.example", "e@f.example"]));
    assert_eq!((&shown["source"], &shown["subject"]), (&"a@b.example".into(), &"Invoice 1".into()));
    assert_eq!(shown["text"].as_str().map(str::trim_end), Some(".Hello"));
    assert_eq!(
        (&shown["attachments"][0]["name"], &shown["attachments"][0]["size"]),
        (&"one.xml".into(), &3_000.into())
    );
    assert_eq!(shown["headers"][0], serde_json::json!(["Message-ID", "<1@mail.example>"]));
    let id = shown["id"].as_str().unwrap();
    assert_eq!(client.get(&format!("/_messages/{id}")).await.bytes().await.unwrap(), mail.as_bytes());
    assert_eq!(client.get(&format!("/_messages/{id}/files/1")).await.bytes().await.unwrap(), file);
    assert_eq!(client.get(&format!("/_messages/{id}/files/2")).await.status(), 404);
    assert!(client.list("?to=g@h.example").await.is_empty());
    let page = client.get("/_sim").await.text().await.unwrap();
    assert!(page.contains("Invoice 1") && page.contains("one.xml (3000 bytes)"), "{page}");
}

#[tokio::test]
async fn what_is_not_whole_or_breaks_the_rules_is_not_kept() {
    let client = Client::start().await;
    let start = ["EHLO me", "MAIL FROM:<a@b.example>", "RCPT TO:<c@d.example>", "DATA"];
    // Gone before the dot.
    assert_eq!(client.say(&start).await.last().unwrap(), "354");
    for (lines, code) in [("Subject: x\n.\r\n.", "554"), (&*format!("{}\r\n.", "a".repeat(1_100)), "500")] {
        assert_eq!(client.say(&[&start[..], &[lines]].concat()).await.last().unwrap(), code, "{lines:.20}");
    }
    assert!(client.list("").await.is_empty());
}

#[tokio::test]
async fn mails_are_there_again_after_a_stop() {
    let folder = std::env::temp_dir().join(format!("ledgerpost-mailbox-{}", std::process::id()));
    let setup = Setup { smtp_port: Some(0), state_folder: Some(folder.clone()), ..Setup::default() };
    let client = Client::with(setup.clone()).await;
    client.say(&["HELO me", "MAIL FROM:<>", "RCPT TO:<c@d.example>", "DATA", "Subject: kept\r\n\r\n."]).await;
    client.program.stop().await.unwrap();
    let client = Client::with(setup).await;
    assert_eq!(client.list("").await[0]["subject"], "kept");
    std::fs::remove_dir_all(folder).unwrap();
}

#[tokio::test]
async fn without_a_port_it_takes_none() {
    let client = Client::with(Setup::default()).await;
    assert_eq!(client.program.mailbox(), None);
    assert!(client.list("").await.is_empty());
}
