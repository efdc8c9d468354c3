//! Codes and identifiers of the flavours.

use domain::{
    invoice::{InvoiceKind, VatCategory},
    mail::UblFlavour,
};

/// One piece: the unit of what has none that a list knows.
pub(super) const UNIT: &str = "C62";

/// `CustomizationID` (BT-24). That of e-FFF 3.0 is the one under which it was registered for the Peppol network: an
/// extension of the second version of Peppol's BIS 5A, with a transaction for invoices and one for credit notes.
pub(super) fn customization(flavour: UblFlavour, kind: InvoiceKind) -> &'static str {
    match flavour {
        UblFlavour::PeppolBis3 => "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0",
        UblFlavour::SiUbl20 => "urn:cen.eu:en16931:2017#compliant#urn:fdc:nen.nl:nlcius:v1.0",
        UblFlavour::XRechnung => "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0",
        UblFlavour::EFff => match kind {
            InvoiceKind::Invoice => {
                "urn:www.cenbii.eu:transaction:biitrns010:ver2.0:extended:urn:www.peppol.eu:bis:peppol5a:ver2.0:extended:e-fff:ver3.0"
            }
            InvoiceKind::CreditNote => {
                "urn:www.cenbii.eu:transaction:biitrns014:ver2.0:extended:urn:www.peppol.eu:bis:peppol5a:ver2.0:extended:e-fff:ver3.0"
            }
        },
    }
}

/// `ProfileID` (BT-23): billing. Files of e-FFF 3.0 name the process of BIS 5A, in its version 2.0.
pub(super) fn profile(flavour: UblFlavour) -> &'static str {
    match flavour {
        UblFlavour::PeppolBis3 | UblFlavour::SiUbl20 | UblFlavour::XRechnung => {
            "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
        }
        UblFlavour::EFff => "urn:www.cenbii.eu:profile:bii05:ver2.0",
    }
}

/// `380` or `381`: what a document is that does not say more.
pub(super) fn usual_type(kind: InvoiceKind) -> &'static str {
    match kind {
        InvoiceKind::Invoice => "380",
        InvoiceKind::CreditNote => "381",
    }
}

/// A word of a list.
pub(super) fn listed(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|entry| entry == word)
}

/// Schemes of addresses on the Peppol network.
const NETWORK_SCHEMES: &str = "0002 0007 0009 0037 0060 0088 0096 0097 0106 0130 0135 0142 0151 0177 0183 0184 0188 0190 \
0191 0192 0193 0195 0196 0198 0199 0200 0201 0202 0204 0208 0209 0210 0211 0212 0213 0215 0216 0218 0221 0230 0235 9910 9913 \
9914 9915 9918 9919 9920 9922 9923 9924 9925 9926 9927 9928 9929 9930 9931 9932 9933 9934 9935 9936 9937 9938 9939 9940 9941 \
9942 9943 9944 9945 9946 9947 9948 9949 9950 9951 9952 9953 9957 9959";
/// Addresses outside that network: e-mail, which EN 16931 knows and Peppol does not.
const EMAIL_SCHEME: &str = "EM";

/// Whether a flavour takes addresses of a scheme.
pub(super) fn has_scheme(flavour: UblFlavour, scheme: &str) -> bool {
    let email = match flavour {
        UblFlavour::PeppolBis3 => false,
        UblFlavour::SiUbl20 | UblFlavour::EFff | UblFlavour::XRechnung => true,
    };
    listed(NETWORK_SCHEMES, scheme) || (email && scheme == EMAIL_SCHEME)
}

/// An e-mail address as an address on the network.
pub(super) fn email_endpoint(email: &str) -> String {
    format!("{EMAIL_SCHEME}:{email}")
}

/// The network's scheme for VAT numbers of a country, which take the number with its prefix.
pub(super) fn vat_scheme(vat: &str) -> Option<&'static str> {
    Some(match vat.get(..2)? {
        "AD" => "9922",
        "AL" => "9923",
        "AT" => "9914",
        "BA" => "9924",
        "BE" => "9925",
        "BG" => "9926",
        "CH" => "9927",
        "CY" => "9928",
        "CZ" => "9929",
        "DE" => "9930",
        "EE" => "9931",
        "EL" | "GR" => "9933",
        "ES" => "9920",
        "FI" => "0213",
        "FR" => "9957",
        "GB" => "9932",
        "HR" => "9934",
        "HU" => "9910",
        "IE" => "9935",
        "IT" => "0211",
        "LI" => "9936",
        "LT" => "9937",
        "LU" => "9938",
        "LV" => "9939",
        "MC" => "9940",
        "ME" => "9941",
        "MK" => "9942",
        "MT" => "9943",
        "NL" => "9944",
        "PL" => "9945",
        "PT" => "9946",
        "RO" => "9947",
        "RS" => "9948",
        "SI" => "9949",
        "SK" => "9950",
        "SM" => "9951",
        "TR" => "9952",
        "VA" => "9953",
        _ => return None,
    })
}

/// The scheme of a register number whose form tells it in its country: the Dutch chamber of commerce, Dutch authorities,
/// Belgian enterprises.
pub(super) fn registry_scheme(country: Option<&str>, number: &str) -> Option<&'static str> {
    let digits = number.bytes().all(|byte| byte.is_ascii_digit()).then_some(number.len());
    match (country, digits) {
        (Some("NL"), Some(8)) => Some("0106"),
        (Some("NL"), Some(20)) => Some("0190"),
        (Some("BE"), Some(10)) => Some("0208"),
        _ => None,
    }
}

/// Splits `0088:5790000436057` into scheme and identifier. What has no scheme of ISO 6523 before its colon has none.
pub(super) fn split_scheme(identifier: &str) -> (Option<&str>, &str) {
    match identifier.split_once(':') {
        Some((scheme, rest)) if is_icd(scheme) && !rest.is_empty() => (Some(scheme), rest),
        _ => (None, identifier),
    }
}

/// A scheme of ISO 6523: four digits, of which the list uses the first few hundred.
pub(super) fn is_icd(scheme: &str) -> bool {
    scheme.len() == 4 && scheme.starts_with('0') && scheme.bytes().all(|byte| byte.is_ascii_digit())
}

/// A unit as its list writes it: two or three capitals and digits. What people write instead becomes [`UNIT`].
pub(super) fn unit(text: Option<&str>) -> &str {
    const WORDS: &str = "PC PCS PCE STK STK1 ST STU QTY UN EA1 SZT";
    match text {
        Some(text)
            if (2..=3).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
                && !listed(WORDS, text) =>
        {
            text
        }
        _ => UNIT,
    }
}

/// Whether the list of means of payment (UNCL 4461) has a code.
pub(super) fn is_means(code: &str) -> bool {
    code == "ZZZ"
        || (code.bytes().all(|byte| byte.is_ascii_digit())
            && code.parse().is_ok_and(|code: u8| matches!(code, 1..=70 | 74..=78 | 91..=98)))
}

/// Why there is no VAT, where the category itself says so.
pub(super) fn reason_of(category: VatCategory) -> Option<&'static str> {
    match category {
        VatCategory::AE => Some("VATEX-EU-AE"),
        VatCategory::K => Some("VATEX-EU-IC"),
        VatCategory::G => Some("VATEX-EU-G"),
        VatCategory::O => Some("VATEX-EU-O"),
        VatCategory::S | VatCategory::Z | VatCategory::E | VatCategory::L | VatCategory::M | VatCategory::B => None,
    }
}

/// Whether a category's VAT is zero by definition.
pub(super) fn is_free(category: VatCategory) -> bool {
    match category {
        VatCategory::Z | VatCategory::E | VatCategory::AE | VatCategory::K | VatCategory::G | VatCategory::O => true,
        VatCategory::S | VatCategory::L | VatCategory::M | VatCategory::B => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_are_told_from_identifiers() {
        assert_eq!(split_scheme("0088:5790000436057"), (Some("0088"), "5790000436057"));
        for text in ["5790000436057", "GLN:5790000436057", "0088:", "9999:1", "12:34"] {
            assert_eq!(split_scheme(text), (None, text));
        }
        assert_eq!(registry_scheme(Some("NL"), "12345678"), Some("0106"));
        assert_eq!(registry_scheme(Some("DE"), "12345678"), None);
    }

    #[test]
    fn units_and_means_come_from_their_lists() {
        for (text, wanted) in [
            (Some("HUR"), "HUR"),
            (Some("4A"), "4A"),
            (Some("pcs"), UNIT),
            (Some("PCS"), UNIT),
            (Some("stuks"), UNIT),
            (None, UNIT),
        ] {
            assert_eq!(unit(text), wanted);
        }
        for (code, wanted) in [("30", true), ("ZZZ", true), ("0", false), ("71", false), ("+1", false), ("", false)] {
            assert_eq!(is_means(code), wanted, "{code}");
        }
    }
}
