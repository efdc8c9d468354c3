//! What the rules of EN 16931 ask that people meet most: sums, VAT, decimals.

use super::Language;

/// What a rule asks, in words; nothing where its identifier has to do.
pub(super) fn asks(rule: &str, language: Language) -> Option<&'static str> {
    let asked = match rule {
        "BR-CO-10" => [
            "the sum of the lines is their total",
            "het totaal van de regels is hun som",
            "suma pozycji jest równa ich łącznej kwocie",
        ],
        "BR-CO-11" => [
            "the sum of the allowances is their total",
            "het totaal van de kortingen is hun som",
            "suma rabatów jest równa ich łącznej kwocie",
        ],
        "BR-CO-12" => [
            "the sum of the charges is their total",
            "het totaal van de toeslagen is hun som",
            "suma dopłat jest równa ich łącznej kwocie",
        ],
        "BR-CO-13" => [
            "the total without VAT is lines less allowances plus charges",
            "het totaal exclusief btw is regels min kortingen plus toeslagen",
            "kwota netto to pozycje minus rabaty plus dopłaty",
        ],
        "BR-CO-14" => [
            "the VAT total is the sum of the VAT per rate",
            "het btw-totaal is de som van de btw per tarief",
            "łączny VAT to suma VAT według stawek",
        ],
        "BR-CO-15" => [
            "the total with VAT is the total without VAT plus VAT",
            "het totaal inclusief btw is het totaal exclusief btw plus btw",
            "kwota brutto to kwota netto plus VAT",
        ],
        "BR-CO-16" => [
            "the amount to be paid is the total less what was prepaid, rounded",
            "het te betalen bedrag is het totaal min de vooruitbetaling, afgerond",
            "kwota do zapłaty to kwota brutto minus przedpłata, po zaokrągleniu",
        ],
        "BR-CO-17" => [
            "the VAT is the taxable amount times the rate",
            "de btw is het belaste bedrag maal het tarief",
            "VAT to podstawa opodatkowania razy stawka",
        ],
        "BR-CO-18" => ["there is a VAT breakdown", "er is een btw-specificatie", "dokument zawiera zestawienie VAT"],
        "BR-CO-26" => [
            "the seller can be identified by a number",
            "de verkoper is aan een nummer te herkennen",
            "sprzedawcę można zidentyfikować po numerze",
        ],
        "PEPPOL-EN16931-R120" => {
            ["a line is quantity times price", "een regel is aantal maal prijs", "wartość pozycji to ilość razy cena"]
        }
        "BR-01" | "BR-02" | "BR-03" | "BR-04" | "BR-05" | "BR-06" | "BR-07" | "BR-09" | "BR-11" | "BR-12" | "BR-13"
        | "BR-14" | "BR-15" | "BR-16" => {
            ["something mandatory is missing", "er ontbreekt een verplicht gegeven", "brakuje obowiązkowej informacji"]
        }
        _ if rule.starts_with("BR-DEC-") => [
            "amounts have two decimals at most",
            "bedragen hebben hoogstens twee decimalen",
            "kwoty mają najwyżej dwa miejsca po przecinku",
        ],
        _ if rule.starts_with("BR-CL-") => {
            ["codes come from their lists", "codes komen uit hun lijsten", "kody pochodzą z właściwych list"]
        }
        _ if rule.starts_with("BR-CO-") || rule.starts_with("BR-B-") => return None,
        _ => match rule.strip_prefix("BR-")?.split_once('-')?.1 {
            "01" => [
                "each VAT category that is used is in the VAT breakdown",
                "elke gebruikte btw-categorie staat in de btw-specificatie",
                "każda użyta kategoria VAT jest w zestawieniu VAT",
            ],
            "02" | "03" | "04" => [
                "the VAT category needs a VAT number",
                "de btw-categorie vraagt een btw-nummer",
                "kategoria VAT wymaga numeru VAT",
            ],
            "05" | "06" | "07" => [
                "the VAT rate fits the VAT category",
                "het btw-tarief past bij de btw-categorie",
                "stawka VAT pasuje do kategorii VAT",
            ],
            "08" => [
                "the taxable amount is that of its lines, allowances and charges",
                "het belaste bedrag is dat van regels, kortingen en toeslagen",
                "podstawa opodatkowania wynika z pozycji, rabatów i dopłat",
            ],
            "09" => [
                "the VAT fits the VAT category",
                "de btw past bij de btw-categorie",
                "kwota VAT pasuje do kategorii VAT",
            ],
            "10" => ["an exemption has a reason", "een vrijstelling heeft een reden", "zwolnienie ma podaną przyczynę"],
            _ => return None,
        },
    };
    Some(language.of(asked))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_and_vat_are_told_and_the_rest_has_its_identifier() {
        let dutch = |rule| asks(rule, Language::Dutch);
        assert_eq!(dutch("BR-CO-15"), Some("het totaal inclusief btw is het totaal exclusief btw plus btw"));
        assert_eq!(dutch("BR-AE-08"), dutch("BR-S-08"));
        assert_eq!(dutch("BR-DEC-12"), Some("bedragen hebben hoogstens twee decimalen"));
        assert_eq!(dutch("BR-53"), None);
        assert_eq!(dutch("BR-10"), None);
        assert_eq!(dutch("BR-B-01"), None);
    }
}
