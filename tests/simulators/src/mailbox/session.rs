//! What is said over one connection (SMTP, RFC 5321): commands and their order, addresses, the lines of a mail.

/// Bytes that a mail has at most.
pub(super) const MOST_BYTES: usize = 48 * 1024 * 1024;
/// Bytes that a line has at most, with its end.
pub(super) const LONGEST_LINE: usize = 1_000;
/// Addresses that a mail goes to at most.
const MOST_RECIPIENTS: usize = 100;
/// Bytes that an address has at most.
const LONGEST_ADDRESS: usize = 254;

/// A mail with those whom it names on its envelope.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Envelope {
    /// The sender; empty for what must not be answered.
    pub(super) from: String,
    /// The recipients.
    pub(super) to: Vec<String>,
    /// Its bytes.
    pub(super) raw: Vec<u8>,
}

/// What follows a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    /// It is answered.
    Reply(String),
    /// It is a line of a mail, and is not answered.
    Nothing,
    /// A mail is whole.
    Mail(Envelope),
    /// It is answered, and the connection ends.
    End(String),
}

/// How far a connection is.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Stage {
    /// Nobody has said who he is.
    New,
    /// Nothing is under way.
    Ready,
    /// A mail has a sender, and maybe recipients.
    Addressed(Envelope),
    /// Its lines come. What is wrong with it is said at its end.
    Lines { envelope: Envelope, wrong: Option<&'static str> },
}

/// A connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Session(Stage);

impl Session {
    /// A new one, and how it is greeted.
    pub(super) fn new() -> (Self, String) {
        (Self(Stage::New), "220 mailbox.invalid ESMTP".to_owned())
    }

    /// What was taken in of a mail is answered.
    pub(super) fn taken() -> &'static str {
        "250 2.0.0 Taken"
    }

    /// Takes a line, with its end.
    pub(super) fn line(&mut self, line: &[u8]) -> Next {
        match std::mem::replace(&mut self.0, Stage::Ready) {
            Stage::Lines { envelope, wrong } => self.part(line, envelope, wrong),
            stage @ (Stage::New | Stage::Ready | Stage::Addressed(_)) => {
                self.0 = stage;
                match line.strip_suffix(b"\r\n").map(std::str::from_utf8) {
                    Some(Ok(text)) if line.len() <= LONGEST_LINE => self.command(text),
                    _ => reply("500 5.5.2 Not a line"),
                }
            }
        }
    }

    /// A line of a mail. Only CR LF ends one, and only a dot alone ends the mail: whoever means else smuggles.
    fn part(&mut self, line: &[u8], mut envelope: Envelope, wrong: Option<&'static str>) -> Next {
        if line == b".\r\n" {
            return match wrong {
                None => Next::Mail(envelope),
                Some(wrong) => reply(wrong),
            };
        }
        let line = line.strip_prefix(b".").unwrap_or(line);
        let wrong = wrong
            .or_else(|| (line.len() > LONGEST_LINE).then_some("500 5.5.2 A line is too long"))
            .or_else(|| (!line.ends_with(b"\r\n")).then_some("554 5.6.0 A line ends with LF alone"))
            .or_else(|| (envelope.raw.len() + line.len() > MOST_BYTES).then_some("552 5.3.4 The mail is too large"));
        match wrong {
            None => envelope.raw.extend_from_slice(line),
            Some(_) => envelope.raw = Vec::new(),
        }
        self.0 = Stage::Lines { envelope, wrong };
        Next::Nothing
    }

    fn command(&mut self, line: &str) -> Next {
        let (verb, rest) = line.split_once(' ').unwrap_or((line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                self.0 = Stage::Ready;
                reply(&format!("250-mailbox.invalid\r\n250-SIZE {MOST_BYTES}\r\n250 8BITMIME"))
            }
            "HELO" => {
                self.0 = Stage::Ready;
                reply("250 mailbox.invalid")
            }
            "MAIL" => self.mail(rest),
            "RCPT" => self.recipient(rest),
            "DATA" => self.data(),
            "RSET" => {
                if self.0 != Stage::New {
                    self.0 = Stage::Ready;
                }
                reply("250 2.0.0 Forgotten")
            }
            "NOOP" => reply("250 2.0.0 Yes"),
            "VRFY" => reply("252 2.1.5 Send and see"),
            "QUIT" => Next::End("221 2.0.0 Bye".to_owned()),
            _ => reply("500 5.5.1 Not a command"),
        }
    }

    fn mail(&mut self, rest: &str) -> Next {
        match &self.0 {
            Stage::New => return reply("503 5.5.1 Say EHLO first"),
            Stage::Ready => {}
            Stage::Addressed(_) | Stage::Lines { .. } => return reply("503 5.5.1 A mail is under way"),
        }
        let Some((from, parameters)) = address(rest, "FROM:") else { return reply("501 5.1.7 Not a sender") };
        let size = parameters.split(' ').find_map(|part| part.to_ascii_uppercase().strip_prefix("SIZE=")?.parse().ok());
        if size.is_some_and(|size: usize| size > MOST_BYTES) {
            return reply("552 5.3.4 The mail is too large");
        }
        if !from.is_empty() && !from.contains('@') {
            return reply("501 5.1.7 Not a sender");
        }
        self.0 = Stage::Addressed(Envelope { from, ..Envelope::default() });
        reply("250 2.1.0 Sender taken")
    }

    fn recipient(&mut self, rest: &str) -> Next {
        let Stage::Addressed(envelope) = &mut self.0 else { return reply("503 5.5.1 Say MAIL first") };
        let to = address(rest, "TO:").map(|(to, _)| to);
        match to.filter(|to| to.split_once('@').is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty()))
        {
            None => reply("501 5.1.3 Not a recipient"),
            Some(_) if envelope.to.len() == MOST_RECIPIENTS => reply("452 4.5.3 Too many recipients"),
            Some(to) => {
                envelope.to.push(to);
                reply("250 2.1.5 Recipient taken")
            }
        }
    }

    fn data(&mut self) -> Next {
        match std::mem::replace(&mut self.0, Stage::Ready) {
            Stage::Addressed(envelope) if !envelope.to.is_empty() => {
                self.0 = Stage::Lines { envelope, wrong: None };
                reply("354 Send it, and a dot")
            }
            other => {
                self.0 = other;
                reply("503 5.5.1 Say RCPT first")
            }
        }
    }
}

fn reply(text: &str) -> Next {
    Next::Reply(text.to_owned())
}

/// The address in `FROM:<a@b> SIZE=1`, and what follows it.
fn address<'a>(text: &'a str, label: &str) -> Option<(String, &'a str)> {
    let (start, rest) = text.trim_start().split_at_checked(label.len())?;
    let (address, rest) = rest.trim_start().strip_prefix('<')?.split_once('>')?;
    let is_right = start.eq_ignore_ascii_case(label)
        && address.len() <= LONGEST_ADDRESS
        && !address.contains(|c: char| c <= ' ' || c == '<' || c == '\u{7f}');
    is_right.then(|| (address.to_owned(), rest.trim_start()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(session: &mut Session, line: &str) -> String {
        match session.line(format!("{line}\r\n").as_bytes()) {
            Next::Reply(text) | Next::End(text) => text,
            Next::Nothing => String::new(),
            Next::Mail(_) => Session::taken().to_owned(),
        }
    }

    fn addressed() -> Session {
        let (mut session, _) = Session::new();
        for line in ["EHLO me", "MAIL FROM:<a@b.example> SIZE=10", "RCPT TO:<c@d.example>", "DATA"] {
            assert!(said(&mut session, line).starts_with(['2', '3']), "{line}");
        }
        session
    }

    #[test]
    fn commands_have_an_order() {
        let (mut session, greeting) = Session::new();
        assert!(greeting.starts_with("220 "));
        for (line, code) in [
            ("MAIL FROM:<a@b.example>", "503"),
            ("RSET", "250"),
            ("MAIL FROM:<a@b.example>", "503"),
            ("ehlo me", "250-"),
            ("RCPT TO:<c@d.example>", "503"),
            ("DATA", "503"),
            ("mail from:<>", "250"),
            ("MAIL FROM:<a@b.example>", "503"),
            ("DATA", "503"),
            ("RCPT TO: <c@d.example>", "250"),
            ("RSET", "250"),
            ("RCPT TO:<c@d.example>", "503"),
            ("FLY", "500"),
            ("VRFY c", "252"),
            ("NOOP", "250"),
            ("QUIT", "221"),
        ] {
            let answer = said(&mut session, line);
            assert!(answer.starts_with(code), "{line}: {answer}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let (mut session, _) = Session::new();
        said(&mut session, "HELO me");
        for line in
            ["MAIL FROM:a@b.example", "MAIL FROM:<a>", "MAIL TO:<a@b.example>", "MAIL FROM:<a b@c.example>", "MAIL"]
        {
            assert!(said(&mut session, line).starts_with("501"), "{line}");
        }
        assert!(said(&mut session, "MAIL FROM:<a@b.example> SIZE=99999999").starts_with("552"));
        said(&mut session, "MAIL FROM:<a@b.example>");
        for line in ["RCPT TO:<>", "RCPT TO:<@b.example>", "RCPT TO:<a@>", "RCPT FROM:<a@b.example>"] {
            assert!(said(&mut session, line).starts_with("501"), "{line}");
        }
        for _ in 0..MOST_RECIPIENTS {
            assert!(said(&mut session, "RCPT TO:<c@d.example>").starts_with("250"));
        }
        assert!(said(&mut session, "RCPT TO:<c@d.example>").starts_with("452"));
    }

    #[test]
    fn dots_at_the_start_of_lines_are_one_less() {
        let mut session = addressed();
        for line in ["Subject: x", "", "..", "...a", "a."] {
            assert_eq!(said(&mut session, line), "");
        }
        let Next::Mail(mail) = session.line(b".\r\n") else { panic!("no mail") };
        assert_eq!((mail.from.as_str(), mail.to), ("a@b.example", vec!["c@d.example".to_owned()]));
        assert_eq!(mail.raw, b"Subject: x\r\n\r\n.\r\n..a\r\na.\r\n");
        assert!(said(&mut session, "MAIL FROM:<a@b.example>").starts_with("250"), "another may follow");
    }

    #[test]
    fn lines_end_with_both_and_have_an_end() {
        for (line, code) in [(b"a\n".to_vec(), "554"), (b".\n".to_vec(), "554"), (vec![b'a'; LONGEST_LINE + 1], "5")] {
            let mut session = addressed();
            assert_eq!(session.line(&line), Next::Nothing);
            assert_eq!(session.line(b"b\r\n"), Next::Nothing);
            let Next::Reply(answer) = session.line(b".\r\n") else { panic!("taken") };
            assert!(answer.starts_with(code), "{answer}");
        }
        assert!(matches!(addressed().line(b".\r\n"), Next::Mail(_)));
    }

    #[test]
    fn what_is_too_large_is_read_and_refused() {
        let mut session = addressed();
        let mut line = vec![b'a'; LONGEST_LINE - 2];
        line.extend_from_slice(b"\r\n");
        for _ in 0..=MOST_BYTES / LONGEST_LINE {
            assert_eq!(session.line(&line), Next::Nothing);
        }
        assert_eq!(session.line(b".\r\n"), reply("552 5.3.4 The mail is too large"));
    }
}
