//! What goes over the wire. The text that is signed is the text that is sent, with amounts as they are written here.

use crate::json::Number;
use domain::time::Date;
use serde::Serialize;

/// An invoice that is to be made. Members that iFirma does not know spoil the whole request.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Invoice<'a> {
    pub(super) zaplacono: Number,
    pub(super) zaplacono_na_dokumencie: Number,
    #[serde(rename = "LiczOd")]
    pub(super) prices: Counted,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) split_payment: Option<bool>,
    pub(super) data_wystawienia: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) miejsce_wystawienia: Option<&'a str>,
    pub(super) data_sprzedazy: Date,
    pub(super) format_daty_sprzedazy: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) termin_platnosci: Option<Date>,
    pub(super) sposob_zaplaty: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nazwa_serii_numeracji: Option<&'a str>,
    pub(super) rodzaj_podpisu_odbiorcy: &'static str,
    pub(super) uwagi: String,
    pub(super) widoczny_numer_gios: bool,
    /// The next one of the series when it is null.
    pub(super) numer: Option<u32>,
    pub(super) kontrahent: Buyer<'a>,
    pub(super) pozycje: Vec<Line<'a>>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) foreign: Option<Foreign<'a>>,
}

/// Whether prices include VAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Counted {
    #[serde(rename = "NET")]
    Net,
    #[serde(rename = "BRT")]
    Gross,
}

/// What only an invoice in another currency says.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Foreign<'a> {
    pub(super) waluta: &'a str,
    pub(super) typ_sprzedazy: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Buyer<'a> {
    pub(super) nazwa: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nazwa2: Option<String>,
    #[serde(rename = "PrefiksUE", skip_serializing_if = "Option::is_none")]
    pub(super) prefiks_ue: Option<String>,
    #[serde(rename = "NIP", skip_serializing_if = "Option::is_none")]
    pub(super) nip: Option<String>,
    pub(super) ulica: &'a str,
    pub(super) kod_pocztowy: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kraj: Option<&'static str>,
    pub(super) kod_kraju: String,
    pub(super) miejscowosc: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) telefon: Option<&'a str>,
    pub(super) osoba_fizyczna: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Line<'a> {
    pub(super) typ_stawki_vat: &'static str,
    /// A fraction; null for an exempt line.
    pub(super) stawka_vat: Option<Number>,
    pub(super) ilosc: Number,
    pub(super) cena_jednostkowa: Number,
    pub(super) nazwa_pelna: String,
    pub(super) jednostka: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nazwa_pelna_obca: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) jednostka_obca: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) podstawa_prawna: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stawka_ryczaltu: Option<Number>,
}
