//! What Twinfield says, in the language of the connected user.

use rust_decimal::Decimal;

use super::books::Language;

fn say(language: Language, dutch: impl Into<String>, english: impl Into<String>) -> String {
    match language {
        Language::Nl => dutch.into(),
        Language::En => english.into(),
    }
}

macro_rules! sentences {
    ($($(#[$doc:meta])* $name:ident($($argument:ident: $kind:ty),*): $dutch:literal, $english:literal;)*) => {$(
        $(#[$doc])*
        pub fn $name(language: Language, $($argument: $kind),*) -> String {
            say(language, format!($dutch), format!($english))
        }
    )*};
}

sentences! {
    /// There is no such company.
    no_office(): "De administratie bestaat niet.", "The company does not exist.";
    /// The user may not open the company.
    no_access(): "U hebt geen toegang tot deze administratie.", "You have no access to this company.";
    /// A list or read of something that there is not.
    not_implemented(): "Type niet geïmplementeerd.", "Type not implemented.";
    /// A field that may not be sent.
    not_wanted(field: &str): "Het element '{field}' mag niet worden aangeleverd.", "The element '{field}' is not allowed.";
    /// `destiny` is missing or wrong.
    destiny(): "Incorrecte XML - de bestemming is ongeldig.", "Incorrect XML - the destiny is invalid.";
    /// A field is missing or cannot be read.
    field(name: &str): "Incorrecte XML - het veld {name} is ongeldig.", "Incorrect XML - the field {name} is invalid.";
    /// A text is too long.
    too_long(name: &str): "Het veld {name} is te lang.", "The field {name} is too long.";
    /// No such daybook.
    no_daybook(code: &str): "Dagboek {code} bestaat niet.", "Transaction type {code} does not exist.";
    /// The free text is not allowed.
    free_text(number: u8): "Vrij tekstveld {number} is niet toegestaan voor dit dagboek.",
        "Free text {number} is not allowed for this transaction type.";
    /// No such currency.
    no_currency(code: &str): "Valuta {code} bestaat niet.", "Currency {code} does not exist.";
    /// No such year.
    no_period(period: &str): "De boeking kan niet gemaakt worden omdat periode {period} niet bestaat.",
        "The transaction cannot be made because period {period} does not exist.";
    /// The period takes no bookings.
    closed(period: &str): "Periode {period} is gesloten.", "Period {period} is closed.";
    /// The date lies elsewhere.
    outside(date: &str, period: &str): "Datum {date} valt buiten de opgegeven periode ({period}).",
        "Date {date} is outside the given period ({period}).";
    /// No such dimension in a booking.
    no_dimension(code: &str, office: &str): "Dimensie {code} komt niet voor in administratie {office}.",
        "Dimension {code} does not exist in company {office}.";
    /// No such dimension when it is read.
    no_such(code: &str): "Dimensie {code} komt niet voor.", "Dimension {code} does not exist.";
    /// The account wants a cost centre.
    cost_centre(code: &str): "Grootboekrekening {code} vereist een kostenplaats.",
        "Ledger account {code} requires a cost centre.";
    /// No such VAT code.
    no_vat_code(code: &str): "Btw {code} bestaat niet of is (nog) niet actief.",
        "VAT {code} does not exist or is not (yet) active.";
    /// The VAT code is for the other side.
    vat_side(name: &str, code: &str, is: &str, should: &str):
        "{name} ({code}) is van het type {is} terwijl het dagboek van het btw-type {should} is.",
        "{name} ({code}) is of the type {is} while the transaction type is of the VAT type {should}.";
    /// A posting rule that the relation does not have.
    no_rule(id: &str): "Boekingsregel {id} bestaat niet.", "Posting rule {id} does not exist.";
    /// A part of a posting rule that is none.
    ratio(): "De verhouding is onjuist.", "The ratio is incorrect.";
    /// VAT where there can be none.
    vat_value(): "Het btw-bedrag is onjuist.", "The VAT amount is incorrect.";
    /// The invoice number is there already.
    same_number(number: &str): "Factuurnummer {number} komt reeds voor.", "Invoice number {number} already exists.";
    /// The listing of sales within the union wants it.
    performance(name: &str): "Het veld {name} is verplicht bij deze btw-code.", "The field {name} is mandatory for this VAT code.";
    /// No such booking.
    no_transaction(number: &str): "Boeking {number} bestaat niet.", "Transaction {number} does not exist.";
    /// A booking that is final.
    is_final(): "De boeking is definitief en kan niet worden gewijzigd.", "The transaction is final and cannot be changed.";
    /// The code of a new relation.
    code_format(mask: &str): "De code voldoet niet aan het formaat {mask}.", "The code does not match the format {mask}.";
    /// A field of a browse that there is not.
    no_column(name: &str): "Veld {name} bestaat niet.", "Field {name} does not exist.";
}

/// Debit and credit differ.
pub fn balance(language: Language, difference: Decimal) -> String {
    let amount = difference.abs();
    let (dutch, english) = if difference.is_sign_negative() { ("debet", "debit") } else { ("credit", "credit") };
    say(
        language,
        format!(
            "De boeking is niet in balans. Er ontbreekt {amount:.2} {dutch}.//De boeking is niet in balans in de basisvaluta."
        ),
        format!(
            "The transaction is not in balance. {amount:.2} {english} is missing.//The transaction is not in balance in the base currency."
        ),
    )
}
