//! The words on documents. A word without one of the languages does not compile.

use domain::sales::{Country, DocumentLanguage, IssuedKind, SalesVat};

/// A word in each language.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    /// Polish.
    pub pl: &'static str,
    /// English.
    pub en: &'static str,
}

impl Word {
    /// In a language.
    pub fn of(self, language: DocumentLanguage) -> &'static str {
        match language {
            DocumentLanguage::Polish => self.pl,
            DocumentLanguage::English => self.en,
        }
    }
}

/// The language as files name it.
pub fn tag(language: DocumentLanguage) -> &'static str {
    Word { pl: "pl", en: "en" }.of(language)
}

macro_rules! words {
    ($($name:ident: $pl:literal, $en:literal;)*) => {
        $(#[allow(missing_docs, reason = "the words are their own description")]
        pub const $name: Word = Word { pl: $pl, en: $en };)*
    };
}

words! {
    NUMBER: "nr", "No.";
    ISSUED: "Data wystawienia", "Date of issue";
    SOLD: "Data sprzedaży", "Date of sale";
    PLACE: "Miejsce wystawienia", "Place of issue";
    ORDER: "Zamówienie", "Order";
    OUR_NUMBER: "Numer własny", "Our number";
    SELLER: "Sprzedawca", "Seller";
    BUYER: "Nabywca", "Buyer";
    DELIVERY: "Adres dostawy", "Delivered to";
    TAX_NUMBER_PL: "NIP", "VAT no.";
    TAX_NUMBER: "Nr VAT", "VAT no.";
    CORRECTED: "Korygowana faktura", "Corrected invoice";
    OF: "z dnia", "of";
    REASON: "Przyczyna korekty", "Reason for correction";
    LINE: "Lp.", "#";
    NAME: "Nazwa towaru lub usługi", "Description";
    QUANTITY: "Ilość", "Quantity";
    UNIT: "J.m.", "Unit";
    NET_PRICE: "Cena netto", "Net price";
    GROSS_PRICE: "Cena brutto", "Gross price";
    RATE: "VAT", "VAT rate";
    NET: "Wartość netto", "Net";
    VAT: "Kwota VAT", "VAT";
    GROSS: "Wartość brutto", "Gross";
    BEFORE: "przed", "before";
    AFTER: "po", "after";
    DIFFERENCE: "różnica", "difference";
    TOTAL: "Razem", "Total";
    BY_RATE: "w tym", "of which";
    TOTAL_BEFORE: "Przed korektą", "Before correction";
    TOTAL_AFTER: "Po korekcie", "After correction";
    TOTAL_DIFFERENCE: "Różnica", "Difference";
    PAYMENT: "Sposób płatności", "Payment";
    DUE: "Termin płatności", "Due date";
    ACCOUNT: "Rachunek bankowy", "Bank account";
    PAID_ON: "Data zapłaty", "Date of payment";
    PAID: "Zapłacono", "Paid";
    LEFT_TO_PAY: "Do zapłaty", "Left to pay";
    OVERPAID: "Nadpłata", "Overpaid";
    TO_RETURN: "Do zwrotu", "To be refunded";
    VAT_IN: "VAT w", "VAT in";
    EXCHANGE: "Kurs", "Exchange rate";
    PAGE: "Strona", "Page";
    PAGES: "z", "of";
    GROUNDS: "Podstawa zwolnienia z VAT", "Grounds of the exemption from VAT";
    NOTE: "Uwagi", "Note";
    SPLIT_PAYMENT: "Mechanizm podzielonej płatności.", "Split payment (mechanizm podzielonej płatności): VAT is paid into the \
        seller's VAT account.";
    CASH_ACCOUNTING: "Metoda kasowa.", "Cash accounting (metoda kasowa): VAT is owed once the document is paid.";
    NO_INVOICE: "Dokument nie jest fakturą VAT.", "This document is not a VAT invoice.";
}

/// What a document is.
pub fn title(kind: IssuedKind) -> Word {
    match kind {
        IssuedKind::Invoice => Word { pl: "Faktura", en: "Invoice" },
        IssuedKind::Receipt => Word { pl: "Paragon", en: "Receipt" },
        IssuedKind::Correction => Word { pl: "Faktura korygująca", en: "Corrective invoice" },
        IssuedKind::ProForma => Word { pl: "Faktura pro forma", en: "Pro forma invoice" },
    }
}

/// The rate of a line, or the word in its place.
pub fn rate(vat: SalesVat, language: DocumentLanguage) -> String {
    let word = match vat {
        SalesVat::Rate(percent) => {
            let percent = crate::number::plain(percent.value(), 0, language);
            return format!("{percent}{}", Word { pl: "\u{a0}%", en: "%" }.of(language));
        }
        SalesVat::Exempt => Word { pl: "zw", en: "exempt" },
        SalesVat::ReverseCharge => Word { pl: "oo", en: "reverse charge" },
        SalesVat::IntraCommunity => Word { pl: "0\u{a0}% WDT", en: "0% intra-EU" },
        SalesVat::Export => Word { pl: "0\u{a0}% eksport", en: "0% export" },
        SalesVat::OutOfScope => Word { pl: "np", en: "not subject" },
    };
    word.of(language).to_owned()
}

/// What the law wants said of a line that is taxed like this, by a seller there; the grounds of an exemption are the document's own.
pub fn clause(vat: SalesVat, seller: Country, language: DocumentLanguage) -> Option<&'static str> {
    let word = match vat {
        SalesVat::Rate(_) | SalesVat::Exempt => return None,
        // Polish law names these very words (art. 106e ust. 1 pkt 18), whatever the language of the rest.
        SalesVat::ReverseCharge if seller == Country::POLAND => Word {
            pl: "oo – odwrotne obciążenie: podatek rozlicza nabywca.",
            en: "Reverse charge (odwrotne obciążenie): VAT is accounted for by the buyer.",
        },
        SalesVat::ReverseCharge => Word {
            pl: "oo – odwrotne obciążenie: podatek rozlicza nabywca.",
            en: "Reverse charge: VAT is accounted for by the buyer.",
        },
        SalesVat::IntraCommunity => Word {
            pl: "WDT – wewnątrzwspólnotowa dostawa towarów (art. 138 dyrektywy 2006/112/WE).",
            en: "Intra-EU – intra-Community supply of goods (article 138 of Directive 2006/112/EC).",
        },
        SalesVat::Export => Word {
            pl: "Eksport towarów poza Unię Europejską (art. 146 dyrektywy 2006/112/WE).",
            en: "Export of goods outside the European Union (article 146 of Directive 2006/112/EC).",
        },
        SalesVat::OutOfScope => Word {
            pl: "np – nie podlega opodatkowaniu VAT w kraju sprzedawcy.",
            en: "Not subject – outside the scope of VAT in the seller's country.",
        },
    };
    Some(word.of(language))
}
