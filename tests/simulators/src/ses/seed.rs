//! The demo: our domain is verified, and our configuration set is there.

use super::state::{ConfigurationSet, Ses};

/// The domain that mail comes from.
pub const DOMAIN: &str = "mail.ledgerpost.example";
/// The configuration set.
pub const CONFIGURATION_SET: &str = "ledgerpost";

/// The demo.
pub fn demo() -> Ses {
    let mut ses = Ses::default();
    ses.verify(DOMAIN);
    ses.sets.insert(CONFIGURATION_SET.to_owned(), ConfigurationSet::default());
    ses
}
