//! What Fakturowo writes as numbers.

/// Currencies: each has the number of its place.
const CURRENCIES: &[&str] = &[
    "PLN", "EUR", "USD", "GBP", "CHF", "CAD", "AUD", "JPY", "THB", "HKD", "NZD", "SGD", "HUF", "UAH", "CZK", "DKK",
    "ISK", "NOK", "SEK", "HRK", "RON", "BGN", "TRY", "ILS", "CLP", "PHP", "MXN", "ZAR", "BRL", "MYR", "RUB", "IDR",
    "INR", "KRW", "CNY", "XDR",
];

/// Ways of payment: the whole list.
pub(super) const PAYMENTS: &[(&str, &str)] = &[
    ("0", "przelew"),
    ("1", "przelew 1 dzień"),
    ("2", "przelew 2 dni"),
    ("3", "przelew 3 dni"),
    ("4", "przelew 4 dni"),
    ("5", "przelew 5 dni"),
    ("6", "przelew 6 dni"),
    ("7", "przelew 7 dni"),
    ("36", "przelew 8 dni"),
    ("37", "przelew 9 dni"),
    ("38", "przelew 10 dni"),
    ("39", "przelew 11 dni"),
    ("40", "przelew 12 dni"),
    ("41", "przelew 13 dni"),
    ("8", "przelew 14 dni"),
    ("9", "przelew 21 dni"),
    ("42", "przelew 28 dni"),
    ("10", "przelew 30 dni"),
    ("32", "przelew 35 dni"),
    ("33", "przelew 40 dni"),
    ("43", "przelew 43 dni"),
    ("30", "przelew 45 dni"),
    ("34", "przelew 50 dni"),
    ("35", "przelew 55 dni"),
    ("11", "przelew 60 dni"),
    ("44", "przelew 65 dni"),
    ("12", "za pobraniem"),
    ("13", "gotówka"),
    ("14", "zapłacono przelewem"),
    ("15", "zapłacono gotówką"),
    ("16", "PayPal"),
    ("17", "Dotpay"),
    ("18", "PayU"),
    ("19", "CashBill"),
    ("20", "Przelewy24"),
    ("21", "karta płatnicza"),
    ("22", "barter"),
    ("23", "czek"),
    ("24", "weksel"),
    ("25", "kompensata"),
    ("26", "akredytywa"),
    ("27", "przedpłata"),
    ("28", "terminal"),
    ("29", "kredyt"),
    ("31", "płatność internetowa"),
];

/// By transfer, and by a transfer that has come.
pub(super) const TRANSFER: &str = "0";
pub(super) const TRANSFERRED: &str = "14";

/// Units whose codes are known: of a piece, and of a service.
const PIECE: &str = "2";
const SERVICE: &str = "1";

/// The number of a currency.
pub(super) fn currency(code: &str) -> Option<usize> {
    CURRENCIES.iter().position(|known| *known == code)
}

/// The code of a unit; nothing for one whose code is not known.
pub(super) fn unit(word: Option<&str>) -> Option<&'static str> {
    let Some(word) = word else { return Some(PIECE) };
    match word.trim().trim_end_matches('.').to_lowercase().as_str() {
        "szt" | "sztuka" | "sztuki" | "sztuk" | "pcs" | "pc" | "piece" => Some(PIECE),
        "usł" | "usl" | "usługa" | "usługi" | "service" => Some(SERVICE),
        _ => None,
    }
}
