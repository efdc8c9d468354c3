//! Tax numbers of buyers, as Polish ledgers tell them apart.

use domain::sales::{Country, Customer};

/// Letters that VAT numbers of other member states begin with.
const MEMBER_STATES: &[&str] = &[
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU",
    "LV", "MT", "NL", "PT", "RO", "SE", "SI", "SK", "XI",
];

/// The tax number of a buyer, without blanks and dashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TaxNumber {
    /// There is none.
    None,
    /// Ten digits of Poland.
    Nip(String),
    /// Of another member state: its letters, and the rest.
    Eu(String, String),
    /// Of elsewhere.
    Other(String),
}

impl TaxNumber {
    /// As the order states it (CO-24).
    pub(crate) fn of(customer: &Customer) -> Self {
        let Some(stated) = customer.name.tax_number() else { return Self::None };
        let number: String = stated.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '.')).collect();
        let number = number.to_ascii_uppercase();
        let is_nip = |digits: &str| digits.len() == 10 && digits.bytes().all(|digit| digit.is_ascii_digit());
        match number.split_at_checked(2) {
            Some(("PL", digits)) if is_nip(digits) => Self::Nip(digits.to_owned()),
            _ if customer.address.country == Country::POLAND && is_nip(&number) => Self::Nip(number),
            Some((letters, rest)) if MEMBER_STATES.contains(&letters) && rest.len() > 1 => {
                Self::Eu(letters.to_owned(), rest.to_owned())
            }
            _ => Self::Other(number),
        }
    }
}

/// The tax number of a buyer as it is sent, without blanks and dashes.
pub(crate) fn written(customer: &Customer) -> Option<String> {
    match TaxNumber::of(customer) {
        TaxNumber::None => None,
        TaxNumber::Nip(number) | TaxNumber::Other(number) => Some(number),
        TaxNumber::Eu(state, number) => Some(format!("{state}{number}")),
    }
}

/// The name of a country in Polish, for ledgers that write countries so; nothing for one that is not listed here.
pub(crate) fn polish_name(country: Country) -> Option<&'static str> {
    let known = COUNTRIES.iter().find(|(code, _)| *code == country.as_str());
    known.map(|(_, name)| *name)
}

const COUNTRIES: &[(&str, &str)] = &[
    ("AT", "Austria"),
    ("BE", "Belgia"),
    ("BG", "Bułgaria"),
    ("CH", "Szwajcaria"),
    ("CY", "Cypr"),
    ("CZ", "Czechy"),
    ("DE", "Niemcy"),
    ("DK", "Dania"),
    ("EE", "Estonia"),
    ("ES", "Hiszpania"),
    ("FI", "Finlandia"),
    ("FR", "Francja"),
    ("GB", "Wielka Brytania"),
    ("GR", "Grecja"),
    ("HR", "Chorwacja"),
    ("HU", "Węgry"),
    ("IE", "Irlandia"),
    ("IT", "Włochy"),
    ("LT", "Litwa"),
    ("LU", "Luksemburg"),
    ("LV", "Łotwa"),
    ("MT", "Malta"),
    ("NL", "Holandia"),
    ("NO", "Norwegia"),
    ("PL", "Polska"),
    ("PT", "Portugalia"),
    ("RO", "Rumunia"),
    ("SE", "Szwecja"),
    ("SI", "Słowenia"),
    ("SK", "Słowacja"),
    ("UA", "Ukraina"),
    ("US", "Stany Zjednoczone"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_says_where_it_is_from() {
        let of = |number: &str, country: &str| {
            let customer = serde_json::json!({
                "is": "company", "name": "Buk", "tax_number": number,
                "address": { "street": "Polna 3", "city": "Warszawa", "country": country }
            });
            TaxNumber::of(&serde_json::from_value(customer).unwrap())
        };
        let nip = TaxNumber::Nip("5260250274".into());
        assert_eq!([of("526-025-02-74", "PL"), of("PL 5260250274", "DE")], [nip.clone(), nip]);
        assert_eq!(of("de123456789", "DE"), TaxNumber::Eu("DE".into(), "123456789".into()));
        assert_eq!(of("5260250274", "US"), TaxNumber::Other("5260250274".into()));
        assert_eq!(of("123", "PL"), TaxNumber::Other("123".into()));
    }
}
