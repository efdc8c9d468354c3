//! Contacts and how the other side of a document is recognised (AP-55).

use crate::{
    ids::ContactId,
    invoice::Invoice,
    ledger::{Direction, LedgerContact},
    party::{Iban, Party, RegistryNumber, VatNumber, normalise},
};
use serde::{Deserialize, Serialize};

/// A supplier or a customer of an administration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Id.
    pub id: ContactId,
    /// Supplier (purchase) or customer (sales).
    pub direction: Direction,
    /// Name, for people.
    pub name: String,
    /// VAT number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vat_number: Option<VatNumber>,
    /// Number in the trade register.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registry_number: Option<RegistryNumber>,
    /// Bank accounts that were seen and accepted. Any other one on a document holds it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ibans: Vec<Iban>,
    /// Accounts that are no IBAN (a bankgiro, for example), seen and accepted; letters and digits only.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_accounts: Vec<String>,
    /// Days after the invoice date at which payment is due, when the document states no due date (AP-57).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_days: Option<u16>,
    /// The same contact in the ledger, once known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_contact: Option<LedgerContact>,
    /// Counts edits, from 1.
    pub version: u32,
}

impl Contact {
    /// Whether this account was seen and accepted for the contact.
    pub fn knows_account(&self, account: &str) -> bool {
        match account.parse::<Iban>() {
            Ok(iban) => self.ibans.contains(&iban),
            Err(_) => self.other_accounts.contains(&normalise(account)),
        }
    }

    /// The keys under which this contact is found.
    pub fn match_keys(&self) -> Vec<MatchKey> {
        let vat = self.vat_number.clone().map(MatchKey::Vat);
        let registry = self.registry_number.clone().map(MatchKey::Registry);
        vat.into_iter().chain(registry).chain(self.ibans.iter().cloned().map(MatchKey::Iban)).collect()
    }
}

/// Unique data by which a contact is recognised (AP-55). A name is not enough.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MatchKey {
    /// VAT number.
    Vat(VatNumber),
    /// Number in a trade register.
    Registry(RegistryNumber),
    /// Bank account.
    Iban(Iban),
}

impl MatchKey {
    /// What kind of key, and its text: `("vat", "NL123456789B01")`.
    pub fn parts(&self) -> (&'static str, &str) {
        match self {
            Self::Vat(number) => ("vat", number.as_str()),
            Self::Registry(number) => ("registry", number.as_str()),
            Self::Iban(iban) => ("iban", iban.as_str()),
        }
    }
}

/// What identifies an administration itself: never taken for the other side of a document (AP-55), and what the buyer
/// of a purchase document has to be.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnIdentifiers {
    /// Legal and trading names.
    pub names: Vec<String>,
    /// VAT numbers.
    pub vat_numbers: Vec<VatNumber>,
    /// Trade register numbers.
    pub registry_numbers: Vec<RegistryNumber>,
    /// Bank accounts.
    pub ibans: Vec<Iban>,
}

impl OwnIdentifiers {
    fn has(&self, key: &MatchKey) -> bool {
        match key {
            MatchKey::Vat(number) => self.vat_numbers.contains(number),
            MatchKey::Registry(number) => self.registry_numbers.contains(number),
            MatchKey::Iban(iban) => self.ibans.contains(iban),
        }
    }

    /// Whether a party of a document is this administration: by any identifier; by name only when the party states no
    /// VAT or registry number at all.
    pub fn is(&self, party: &Party) -> bool {
        let vat = party.vat_number();
        let registry = party.registry_number();
        if vat.as_ref().is_some_and(|vat| self.vat_numbers.contains(vat))
            || registry.as_ref().is_some_and(|number| self.registry_numbers.contains(number))
        {
            return true;
        }
        let anonymous = party.vat.is_none() && registry.is_none();
        anonymous
            && party.name.as_deref().is_some_and(|name| {
                let name = comparable_name(name);
                !name.is_empty() && self.names.iter().any(|own| comparable_name(own) == name)
            })
    }
}

fn comparable_name(name: &str) -> String {
    let plain = normalise(name);
    if plain.is_empty() { name.trim().to_lowercase() } else { plain }
}

/// The party of a document that is the contact: the supplier of a purchase document, the customer of a sales document.
pub fn other_side(invoice: &Invoice, direction: Direction) -> &Party {
    match direction {
        Direction::Purchase => &invoice.supplier,
        Direction::Sales => &invoice.customer,
    }
}

/// The party of a document that has to be the administration.
pub fn own_side(invoice: &Invoice, direction: Direction) -> &Party {
    match direction {
        Direction::Purchase => &invoice.customer,
        Direction::Sales => &invoice.supplier,
    }
}

/// The IBANs that a document asks to be paid to, each once.
pub fn stated_ibans(invoice: &Invoice) -> Vec<Iban> {
    let mut ibans: Vec<Iban> =
        invoice.payment_means.iter().filter_map(|means| means.account.as_deref()?.parse().ok()).collect();
    ibans.sort();
    ibans.dedup();
    ibans
}

/// The keys by which the other side of a document may be found, best first, the administration's own data left out
/// (AP-55). The bank account counts for suppliers only: on a sales document it is our own.
pub fn match_keys(invoice: &Invoice, direction: Direction, own: &OwnIdentifiers) -> Vec<MatchKey> {
    let party = other_side(invoice, direction);
    let ibans = match direction {
        Direction::Purchase => stated_ibans(invoice),
        Direction::Sales => Vec::new(),
    };
    party
        .vat_number()
        .map(MatchKey::Vat)
        .into_iter()
        .chain(party.registry_number().map(MatchKey::Registry))
        .chain(ibans.into_iter().map(MatchKey::Iban))
        .filter(|key| !own.has(key))
        .collect()
}

/// What the look-ups by [`match_keys`] come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// All keys that are known name one contact.
    One(ContactId),
    /// No key is known.
    Nobody,
    /// The keys name different contacts: a person decides.
    Several(Vec<ContactId>),
}

/// Concludes from the contacts found by each key.
pub fn conclude(found: impl IntoIterator<Item = ContactId>) -> Match {
    let mut contacts: Vec<ContactId> = found.into_iter().collect();
    contacts.sort();
    contacts.dedup();
    match contacts.as_slice() {
        [] => Match::Nobody,
        [one] => Match::One(*one),
        [..] => Match::Several(contacts),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ids::Id, invoice::PaymentMeans};

    fn party(name: &str, vat: Option<&str>, registry: Option<&str>) -> Party {
        Party {
            name: Some(name.into()),
            vat: vat.map(Into::into),
            registry: registry.map(Into::into),
            ..Party::default()
        }
    }

    fn own() -> OwnIdentifiers {
        OwnIdentifiers {
            names: vec!["Bakkerij De Ster B.V.".into()],
            vat_numbers: vec!["NL001234567B01".parse().unwrap()],
            registry_numbers: vec!["12345678".parse().unwrap()],
            ibans: vec!["NL91ABNA0417164300".parse().unwrap()],
        }
    }

    fn invoice() -> Invoice {
        Invoice {
            supplier: party("Molen", Some("NL 0011.22.334 B01"), Some("87654321")),
            customer: party("Bakkerij De Ster BV", Some("NL001234567B01"), None),
            payment_means: vec![PaymentMeans {
                account: Some("GB82 WEST 1234 5698 7654 32".into()),
                ..PaymentMeans::default()
            }],
            ..Invoice::default()
        }
    }

    #[test]
    fn keys_go_from_vat_over_registry_to_iban() {
        let kinds: Vec<_> = match_keys(&invoice(), Direction::Purchase, &own()).iter().map(|k| k.parts().0).collect();
        assert_eq!(kinds, ["vat", "registry", "iban"]);
    }

    #[test]
    fn own_data_is_never_the_other_side() {
        let mut sales = invoice();
        std::mem::swap(&mut sales.supplier, &mut sales.customer);
        sales.customer = party("Bakkerij De Ster", Some("NL001234567B01"), Some("12345678"));
        assert_eq!(match_keys(&sales, Direction::Sales, &own()), []);
        let mut purchase = invoice();
        purchase.payment_means[0].account = Some("NL91ABNA0417164300".into());
        assert!(match_keys(&purchase, Direction::Purchase, &own()).iter().all(|key| key.parts().0 != "iban"));
    }

    #[test]
    fn an_identifier_beats_a_name() {
        assert!(own().is(&party("anything", Some("NL001234567B01"), None)));
        assert!(own().is(&party("bakkerij de ster bv", None, None)));
        assert!(
            !own().is(&party("Bakkerij De Ster B.V.", Some("NL999999999B01"), None)),
            "the stated VAT number is another's"
        );
        assert!(!own().is(&party("Bakkerij De Maan", None, None)));
        assert!(!own().is(&Party::default()));
    }

    #[test]
    fn keys_that_disagree_are_for_a_person() {
        let id = |n| ContactId::from_ulid(ulid::Ulid::from_parts(n, 0));
        assert_eq!(conclude([]), Match::Nobody);
        assert_eq!(conclude([id(1), id(1)]), Match::One(id(1)));
        assert_eq!(conclude([id(2), id(1)]), Match::Several(vec![id(1), id(2)]));
    }
}
