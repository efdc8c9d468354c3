//! What the national system of invoices (KSeF) demands of a document, and what becomes of one that is sent there.

use super::create::is_on;
use super::refusal::{EMPTY, Faults, Refusal};
use super::state::{Account, Document, Ksef, Sends};

/// Kinds that go there.
const SENT: &[&str] = &["vat", "correction", "vat_mp", "vat_margin", "wdt", "export_products", "advance", "final"];

/// Whether documents of a kind go there at all.
pub(super) fn goes(document: &Document) -> bool {
    SENT.contains(&document.kind.as_str())
}

/// Checks a new document and sends it, where the account does so or it is asked for.
pub(super) fn on_create(account: &Account, document: &mut Document, wants: bool) -> Result<(), Refusal> {
    if !is_on(account.ksef) {
        return Ok(());
    }
    if !goes(document) {
        document.gov_status = Some("not_applicable".to_owned());
        return Ok(());
    }
    let faults = faults(document);
    let is_whole = faults.is_empty();
    match account.ksef {
        Ksef::Block => faults.refuse()?,
        Ksef::Persist | Ksef::Off => document.gov_errors = faults.texts().collect(),
    }
    let by_itself = match account.sends {
        Sends::Nothing => false,
        Sends::PolishCompanies => document.buyer.company && matches!(document.buyer.country.as_str(), "" | "PL"),
        Sends::Companies => document.buyer.company,
        Sends::Everything => true,
    };
    if is_whole && (wants || by_itself) {
        document.gov_status = Some("processing".to_owned());
    }
    Ok(())
}

fn faults(document: &Document) -> Faults {
    let mut faults = Faults::default();
    let (seller, buyer) = (&document.seller, &document.buyer);
    for (name, value) in [
        ("seller_street", &seller.street),
        ("seller_post_code", &seller.post_code),
        ("seller_city", &seller.city),
        ("seller_country", &seller.country),
    ] {
        if value.is_empty() {
            faults.add(name, EMPTY);
        }
    }
    if buyer.company && buyer.tax_no.is_empty() && buyer.tax_no_kind != "empty" {
        faults.add("buyer_tax_no", EMPTY);
    }
    if !buyer.company && buyer.first_name.is_empty() {
        faults.add("buyer_first_name", EMPTY);
    }
    if !buyer.company && buyer.last_name.is_empty() {
        faults.add("buyer_last_name", EMPTY);
    }
    let has = |tax: &str| document.positions.iter().any(|position| position.tax == tax);
    if has("zw") && document.exempt_tax_kind.is_empty() {
        faults.add("exempt_tax_kind", EMPTY);
    }
    if has("np") && document.np_tax_kind.is_empty() {
        faults.add("np_tax_kind", EMPTY);
    }
    for (name, value, most) in [
        ("buyer_phone", &buyer.phone, 16),
        ("description", &document.description, 256),
        ("correction_reason", &document.correction_reason, 256),
    ] {
        if value.chars().count() > most {
            faults.add(name, &format!("jest za długie (maksymalnie {most} znaków)"));
        }
    }
    if document.positions.iter().any(|position| position.name.chars().count() > 256) {
        faults.add("positions.name", "jest za długie (maksymalnie 256 znaków)");
    }
    faults
}

/// A read of a document moves what is under way there.
pub(super) fn on_read(account: &mut Account, id: u64, send: bool) {
    let (reads, outcome) = (account.ksef_reads, account.ksef_outcome.clone());
    let on = is_on(account.ksef);
    let Some(document) = account.document_mut(id) else { return };
    let status = document.gov_status.clone().unwrap_or_default();
    if status == "processing" {
        document.gov_reads += 1;
        if document.gov_reads > reads {
            let is_ok = outcome.is_empty() || outcome == "ok";
            if is_ok {
                document.gov_id = Some(format!("5260250274-{}-{:012X}-A1", document.issue_date.format("%Y%m%d"), id));
            } else {
                document.gov_errors = vec!["KSeF: dokument nie został przyjęty".to_owned()];
            }
            document.gov_status = Some(if is_ok { "ok".to_owned() } else { outcome });
        }
    } else if send && on && goes(document) && status != "ok" {
        document.gov_status = Some("processing".to_owned());
        document.gov_reads = 0;
    }
}
