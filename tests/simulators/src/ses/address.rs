//! Addresses, as strictly as SES reads them.

use super::refusal::Refusal;

/// An address with the text it stood in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mailbox {
    /// With the name, when it has one.
    pub(super) shown: String,
    /// The address alone.
    pub(super) address: String,
}

/// Reads one address: `a@b.example` or `Name <a@b.example>`.
pub(super) fn read(text: &str) -> Result<Mailbox, Refusal> {
    let text = text.trim();
    let address = match text.rsplit_once('<') {
        Some((_, rest)) => rest.strip_suffix('>').ok_or_else(|| Refusal::value("Missing '>'"))?,
        None => text,
    };
    check(address)?;
    Ok(Mailbox { shown: text.to_owned(), address: address.to_owned() })
}

/// Refuses an address that is none. It has the form `user@[sub.]domain.top`.
pub(super) fn check(address: &str) -> Result<(), Refusal> {
    let refuse = |message: &str| Err(Refusal::value(message));
    let Some((local, domain)) = address.rsplit_once('@') else { return refuse("Missing final '@domain'") };
    let strange = |c: char| c <= ' ' || c >= '\u{7f}';
    if local.is_empty() {
        return refuse("Missing local name");
    }
    if domain.is_empty() {
        return refuse("Missing domain");
    }
    if local.contains(strange) {
        return refuse("Local address contains control or whitespace");
    }
    if domain.contains(strange) {
        return refuse("Domain contains control or whitespace");
    }
    if local.contains(['(', ')', '<', '>', ',', ';', ':', '\\', '"', '[', ']', '@']) {
        return refuse("Local address contains illegal character");
    }
    if local.starts_with('.') {
        return refuse("Local address starts with dot");
    }
    if local.ends_with('.') {
        return refuse("Local address ends with dot");
    }
    if local.contains("..") {
        return refuse("Local address contains dot-dot");
    }
    if domain.contains(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '.') {
        return refuse("Domain contains illegal character");
    }
    if domain.starts_with('.') {
        return refuse("Domain starts with dot");
    }
    if domain.ends_with('.') {
        return refuse("Domain ends with dot");
    }
    if domain.contains("..") {
        return refuse("Domain contains dot-dot");
    }
    if !domain.contains('.') || local.len() > 64 || domain.len() > 255 {
        return refuse("Illegal address");
    }
    Ok(())
}

/// Whether an address is one of the mailbox simulator.
pub(super) fn is_simulator(address: &str) -> bool {
    address.to_ascii_lowercase().ends_with("@simulator.amazonses.com")
}
