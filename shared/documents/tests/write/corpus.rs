//! Every published invoice that breaks no rule, in every flavour.

use super::{assert_same, details, read_back};
use documents::write::{CannotWrite, Fact, Gap};
use domain::{arithmetic, invoice::Invoice, mail::UblFlavour, profile::Profile};
use std::{fs, path::PathBuf};

fn sound() -> Vec<(String, Invoice)> {
    let corpus = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/ubl");
    let mut found = Vec::new();
    for folder in fs::read_dir(corpus).unwrap() {
        for file in fs::read_dir(folder.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let Ok(document) = documents::read(&fs::read(&path).unwrap()) else { continue };
            if document.findings.is_empty() && arithmetic::check(&document.invoice).is_empty() {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                found.push((name, document.invoice));
            }
        }
    }
    found.sort_by(|a, b| a.0.cmp(&b.0));
    found
}

/// What was left out of the original because the flavour has no place for it.
fn expected(original: &Invoice, flavour: UblFlavour) -> Invoice {
    let mut invoice = original.clone();
    if flavour == UblFlavour::XRechnung {
        invoice.delivery_country = None;
    }
    if flavour == UblFlavour::PeppolBis3 {
        for party in [&mut invoice.supplier, &mut invoice.customer] {
            party.endpoint = party.endpoint.take().filter(|address| !address.starts_with("EM:"));
        }
    }
    invoice
}

#[test]
fn what_is_written_reads_back_as_it_was() {
    let sound = sound();
    assert!(sound.len() >= 25, "{}", sound.len());
    for flavour in UblFlavour::ALL {
        let mut count = 0;
        for (name, original) in &sound {
            let what = format!("{name} in {}", flavour.as_str());
            match documents::write::ubl(original, flavour, &details()) {
                Ok(bytes) => {
                    let back = read_back(&bytes);
                    assert_same(&expected(original, flavour), &back, &what);
                    assert_eq!(arithmetic::check(&back), [], "{what}");
                    let again = documents::write::ubl(&back, flavour, &details()).unwrap();
                    assert_eq!(again, bytes, "{what}: written again");
                    count += 1;
                }
                Err(CannotWrite { gaps }) => {
                    for gap in gaps {
                        assert!(may_lack(flavour, &gap), "{what}: {gap}");
                    }
                }
            }
        }
        assert!(count * 2 > sound.len(), "{}: {count} of {}", flavour.as_str(), sound.len());
    }
}

/// What published invoices of other rules lack in a flavour.
fn may_lack(flavour: UblFlavour, gap: &Gap) -> bool {
    if let Gap::Rule { violation } = gap {
        return flavour == UblFlavour::PeppolBis3 && violation.rule.as_str() == "PEPPOL-EN16931-R120";
    }
    let (Gap::Missing { fact } | Gap::NotInFlavour { fact, .. }) = gap else { return false };
    match flavour {
        UblFlavour::PeppolBis3 => {
            matches!(fact, Fact::SupplierEndpoint | Fact::CustomerEndpoint | Fact::TypeCode | Fact::Mandate)
        }
        UblFlavour::SiUbl20 => {
            matches!(fact, Fact::SupplierRegistry | Fact::CustomerRegistry | Fact::PaymentMeans | Fact::TypeCode)
        }
        UblFlavour::XRechnung => {
            matches!(fact, Fact::BuyerReference | Fact::PaymentMeans | Fact::TypeCode | Fact::DeliveryAddress)
        }
        UblFlavour::EFff => false,
    }
}

#[test]
fn each_flavour_says_what_it_is() {
    let write = |invoice: &Invoice, flavour| documents::write::ubl(invoice, flavour, &details());
    let in_all = |invoice: &Invoice| UblFlavour::ALL.iter().all(|flavour| write(invoice, *flavour).is_ok());
    let (_, invoice) = sound().into_iter().find(|(_, invoice)| in_all(invoice)).unwrap();
    for (flavour, profile) in [
        (UblFlavour::PeppolBis3, Profile::PeppolBilling),
        (UblFlavour::SiUbl20, Profile::Nlcius),
        (UblFlavour::XRechnung, Profile::XRechnung),
        (UblFlavour::EFff, Profile::Unknown),
    ] {
        let back = read_back(&write(&invoice, flavour).unwrap());
        assert_eq!(Profile::of(back.profile.as_deref()), profile);
    }
}
