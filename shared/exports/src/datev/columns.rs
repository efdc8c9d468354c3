//! The columns of the Buchungsstapel, by position. Names and numbers are those of DATEV's description of the format.

use domain::export_format::DatevVersion;

/// A column that is filled, by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub(super) enum Field {
    Umsatz = 1,
    SollHaben = 2,
    WkzUmsatz = 3,
    Kurs = 4,
    Basisumsatz = 5,
    WkzBasisumsatz = 6,
    Konto = 7,
    Gegenkonto = 8,
    BuSchluessel = 9,
    Belegdatum = 10,
    Belegfeld1 = 11,
    Buchungstext = 14,
    Kost1 = 37,
    Kost2 = 38,
    EuUstId = 40,
    Festschreibung = 114,
    Leistungsdatum = 115,
    Steuerperiode = 116,
    Faelligkeit = 117,
}

impl Field {
    /// The name by which people know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Umsatz => "Umsatz",
            Self::SollHaben => "Soll/Haben-Kennzeichen",
            Self::WkzUmsatz => "WKZ Umsatz",
            Self::Kurs => "Kurs",
            Self::Basisumsatz => "Basis-Umsatz",
            Self::WkzBasisumsatz => "WKZ Basis-Umsatz",
            Self::Konto => "Konto",
            Self::Gegenkonto => "Gegenkonto",
            Self::BuSchluessel => "BU-Schlüssel",
            Self::Belegdatum => "Belegdatum",
            Self::Belegfeld1 => "Belegfeld 1",
            Self::Buchungstext => "Buchungstext",
            Self::Kost1 => "KOST1",
            Self::Kost2 => "KOST2",
            Self::EuUstId => "EU-Land u. UStID",
            Self::Festschreibung => "Festschreibung",
            Self::Leistungsdatum => "Leistungsdatum",
            Self::Steuerperiode => "Datum Zuord. Steuerperiode",
            Self::Faelligkeit => "Fälligkeit",
        }
    }
}

const FIRST: [&str; 20] = [
    "Umsatz (ohne Soll/Haben-Kz)",
    "Soll/Haben-Kennzeichen",
    "WKZ Umsatz",
    "Kurs",
    "Basis-Umsatz",
    "WKZ Basis-Umsatz",
    "Konto",
    "Gegenkonto (ohne BU-Schlüssel)",
    "BU-Schlüssel",
    "Belegdatum",
    "Belegfeld 1",
    "Belegfeld 2",
    "Skonto",
    "Buchungstext",
    "Postensperre",
    "Diverse Adressnummer",
    "Geschäftspartnerbank",
    "Sachverhalt",
    "Zinssperre",
    "Beleglink",
];

const MIDDLE: [&str; 11] = [
    "KOST1 - Kostenstelle",
    "KOST2 - Kostenstelle",
    "Kost-Menge",
    "EU-Land u. UStID (Bestimmung)",
    "EU-Steuersatz (Bestimmung)",
    "Abw. Versteuerungsart",
    "Sachverhalt L+L",
    "Funktionsergänzung L+L",
    "BU 49 Hauptfunktionstyp",
    "BU 49 Hauptfunktionsnummer",
    "BU 49 Funktionsergänzung",
];

const LAST: [&str; 38] = [
    "Stück",
    "Gewicht",
    "Zahlweise",
    "Forderungsart",
    "Veranlagungsjahr",
    "Zugeordnete Fälligkeit",
    "Skontotyp",
    "Auftragsnummer",
    "Buchungstyp",
    "USt-Schlüssel (Anzahlungen)",
    "EU-Land (Anzahlungen)",
    "Sachverhalt L+L (Anzahlungen)",
    "EU-Steuersatz (Anzahlungen)",
    "Erlöskonto (Anzahlungen)",
    "Herkunft-Kz",
    "Buchungs GUID",
    "KOST-Datum",
    "SEPA-Mandatsreferenz",
    "Skontosperre",
    "Gesellschaftername",
    "Beteiligtennummer",
    "Identifikationsnummer",
    "Zeichnernummer",
    "Postensperre bis",
    "Bezeichnung SoBil-Sachverhalt",
    "Kennzeichen SoBil-Buchung",
    "Festschreibung",
    "Leistungsdatum",
    "Datum Zuord. Steuerperiode",
    "Fälligkeit",
    "Generalumkehr (GU)",
    "Steuersatz",
    "Land",
    "Abrechnungsreferenz",
    "BVV-Position",
    "EU-Land u. UStID (Ursprung)",
    "EU-Steuersatz (Ursprung)",
    "Abw. Skontokonto",
];

/// The line of names: those of the version are the first ones of the newest.
pub(super) fn names(version: DatevVersion) -> String {
    let documents = (1..=8).flat_map(|n| [format!("Beleginfo - Art {n}"), format!("Beleginfo - Inhalt {n}")]);
    let more =
        (1..=20).flat_map(|n| [format!("Zusatzinformation - Art {n}"), format!("Zusatzinformation- Inhalt {n}")]);
    let owned = |names: &'static [&'static str]| names.iter().map(|name| (*name).to_owned());
    let all = owned(&FIRST).chain(documents).chain(owned(&MIDDLE)).chain(more).chain(owned(&LAST));
    all.take(version.columns()).collect::<Vec<_>>().join(";")
}

/// Whether a column has text, which stands in quotes though it is empty.
pub(super) fn is_text(number: usize) -> bool {
    matches!(
        number,
        2 | 3 | 6 | 9 | 11 | 12 | 14 | 16 | 20..=38 | 40 | 42 | 48..=87 | 91 | 95 | 96 | 98 | 102 | 103 | 105 | 107 | 109
            | 110 | 112 | 120 | 121 | 123
    )
}
