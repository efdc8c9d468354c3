//! The examples: how a client is connected, what it gives, and what has to come of it. All of it is written by hand.

use serde_json::{Value, json};

/// An example.
pub struct Case {
    /// Stands in its addresses.
    pub key: &'static str,
    /// What is given, for people.
    pub given: &'static str,
    /// What is expected, for people.
    pub expected: &'static str,
    /// The settings of its package beside the name.
    pub package: fn() -> Value,
    /// The settings of its connection beside the package and the switch, which is on unless it is among them.
    pub connection: fn(&Addresses) -> Value,
    /// What the client gives.
    pub given_document: Given,
    /// When the client is connected.
    pub connected: Connected,
    /// The mail that goes out.
    pub mail: Option<Mail>,
    /// How the accountant finds the document: the status, and the code of its explanation.
    pub standing: (&'static str, &'static str),
}

/// What a client gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Given {
    /// A purchase invoice with a PDF inside, which is accepted.
    Purchase,
    /// A sales invoice with a PDF inside, which is marked as sent to its customer.
    Sales,
    /// A file of bank statements, with which nobody has to do anything.
    Statement,
}

/// When a client is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connected {
    /// Before its document comes.
    Before,
    /// When its document is accepted.
    Afterwards,
}

/// A mail, as it has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mail {
    /// To which address.
    pub to: Role,
    /// What is with it.
    pub carries: Carries,
    /// What becomes of it.
    pub state: &'static str,
}

/// What is with a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Carries {
    /// The file as it came.
    File,
    /// The same, and the PDF that was inside.
    FileAndPdf,
    /// An address that opens the file.
    Link,
}

/// What an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Purchases.
    Inbound,
    /// Sales.
    Outbound,
    /// Both.
    Both,
    /// Bank statements.
    Bank,
    /// None that there is: mails to it come back.
    Nobody,
}

impl Role {
    /// Each of them.
    pub const ALL: [Self; 5] = [Self::Inbound, Self::Outbound, Self::Both, Self::Bank, Self::Nobody];
}

/// The addresses of an example's client, which nobody else has, nor the same client in another run.
#[derive(Debug, Clone)]
pub struct Addresses(String);

impl Addresses {
    /// Those of an example in a run.
    pub fn of(case: &Case, run: &str) -> Self {
        Self(format!("{}.{run}", case.key))
    }

    /// One of them.
    pub fn address(&self, role: Role) -> String {
        let of = |name: &str| format!("{name}.{}@package.example", self.0);
        match role {
            Role::Inbound => of("inbound"),
            Role::Outbound => of("outbound"),
            Role::Both => of("documents"),
            Role::Bank => of("bank"),
            // Amazon's own address for trying this; what stands behind the plus makes no difference there.
            Role::Nobody => format!("bounce+{}@simulator.amazonses.com", self.0),
        }
    }
}

fn usual() -> Value {
    json!({})
}

fn separate(of: &Addresses) -> Value {
    json!({ "addresses": { "inbound": of.address(Role::Inbound), "outbound": of.address(Role::Outbound) } })
}

const GONE: (&str, &str) = ("ready_to_process", "mail_gone");

/// One mail to the inbound address that arrives.
const fn inbound(carries: Carries) -> Mail {
    Mail { to: Role::Inbound, carries, state: "delivered" }
}

/// What an example has when it says nothing else.
const USUAL: Case = Case {
    key: "",
    given: "",
    expected: "",
    package: usual,
    connection: separate,
    given_document: Given::Purchase,
    connected: Connected::Before,
    mail: None,
    standing: GONE,
};

/// All examples but the address that takes no mail.
pub const CASES: [Case; 8] = [
    Case {
        key: "separate",
        given: "separate addresses; a purchase invoice is accepted",
        expected: "one mail to the inbound address, with the e-invoice and without its PDF",
        mail: Some(inbound(Carries::File)),
        ..USUAL
    },
    Case {
        key: "same",
        given: "same address for inbound and outbound; a sales invoice was sent to the customer",
        expected: "one mail to the single address",
        connection: |of| json!({ "addresses": { "mode": "same", "both": of.address(Role::Both) } }),
        given_document: Given::Sales,
        mail: Some(Mail { to: Role::Both, carries: Carries::File, state: "delivered" }),
        ..USUAL
    },
    Case {
        key: "bank",
        given: "an address for bank statements; a file of statements arrives",
        expected: "one mail, to the bank address only, with the file as it is",
        connection: |of| {
            let address = |role| of.address(role);
            json!({ "addresses": {
                "inbound": address(Role::Inbound), "outbound": address(Role::Outbound), "bank_statements": address(Role::Bank)
            } })
        },
        given_document: Given::Statement,
        mail: Some(Mail { to: Role::Bank, carries: Carries::File, state: "delivered" }),
        ..USUAL
    },
    Case {
        key: "no-bank",
        given: "no address for bank statements; a file of statements arrives",
        expected: "no mail",
        given_document: Given::Statement,
        standing: ("queued", "mail_no_address"),
        ..USUAL
    },
    Case {
        key: "pdf",
        given: "PDFs alongside are off at the package and on at the client; a purchase invoice is accepted",
        expected: "one mail to the inbound address, with the e-invoice and its PDF",
        package: || json!({ "pdf_alongside": false }),
        connection: |of| {
            let mut connection = separate(of);
            connection["pdf_alongside"] = json!(true);
            connection
        },
        mail: Some(inbound(Carries::FileAndPdf)),
        ..USUAL
    },
    Case {
        key: "off",
        given: "the switch to share documents is off; a purchase invoice is accepted",
        expected: "no mail",
        connection: |of| {
            let mut connection = separate(of);
            connection["share"] = json!(false);
            connection
        },
        standing: ("queued", "mail_not_sharing"),
        ..USUAL
    },
    Case {
        key: "before",
        given: "a purchase invoice is accepted before the client is connected",
        expected: "no mail",
        connected: Connected::Afterwards,
        standing: ("queued", "mail_before_activation"),
        ..USUAL
    },
    Case {
        key: "link",
        given: "the package wants a download link; a purchase invoice is accepted",
        expected: "one mail to the inbound address without attachment, with a link that opens the e-invoice",
        package: || json!({ "attach": "link" }),
        mail: Some(inbound(Carries::Link)),
        ..USUAL
    },
];

/// An address that takes no mail.
pub const BOUNCES: Case = Case {
    key: "bounce",
    given: "the inbound address takes no mail; a purchase invoice is accepted",
    expected: "the mail comes back, which shows as an error, and the address is suspended",
    connection: |of| json!({ "addresses": { "inbound": of.address(Role::Nobody) } }),
    mail: Some(Mail { to: Role::Nobody, carries: Carries::File, state: "bounced" }),
    standing: ("error", "mail_bounced"),
    ..USUAL
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_has_addresses_of_its_own() {
        let mut keys: Vec<&str> = CASES.iter().chain([&BOUNCES]).map(|case| case.key).collect();
        let count = keys.len();
        keys.sort_unstable();
        keys.dedup();
        assert_eq!(keys.len(), count);
        let addresses = Addresses::of(&BOUNCES, "1a");
        assert_eq!(addresses.address(Role::Nobody), "bounce+bounce.1a@simulator.amazonses.com");
        assert_eq!(addresses.address(Role::Both), "documents.bounce.1a@package.example");
    }
}
