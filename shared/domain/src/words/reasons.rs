//! Why a document waits: what is missing, what holds it, why it was not posted without a person.

use super::{Amount, Confidences, FieldNames, Oddity, Rate, RuleNames, Text, sentences};
use crate::time::Date;

sentences! {
    /// What keeps a document from being complete, and what to do about it.
    Lacking as LackingKind {
        Contact = "contact_unknown" => [
            "No contact is known by the VAT number, registry number or IBAN on the document: choose or create it",
            "Geen relatie heeft het btw-nummer, KvK-nummer of IBAN van dit document: kies de relatie of maak haar aan",
            "Żaden kontrahent nie ma numeru VAT, numeru rejestrowego ani IBAN z tego dokumentu: wybierz kontrahenta lub go dodaj"
        ] or [
            "No contact is known by the document's numbers",
            "Er is geen relatie met de nummers van dit document",
            "Nie ma kontrahenta o numerach z tego dokumentu"
        ];
        ContactRemoved { contact: Text } = "contact_unknown" => [
            "The contact {contact} was removed: choose another one and tag the document again",
            "De relatie {contact} is verwijderd: kies een andere en tag het document opnieuw",
            "Kontrahent {contact} został usunięty: wybierz innego i oznacz dokument ponownie"
        ] or [
            "The contact was removed: choose another one and tag the document again",
            "De relatie is verwijderd: kies een andere en tag het document opnieuw",
            "Kontrahent został usunięty: wybierz innego i oznacz dokument ponownie"
        ];
        ContactAmbiguous = "contact_ambiguous" => [
            "The VAT number, registry number and IBAN on the document belong to different contacts: choose one",
            "Het btw-nummer, KvK-nummer en IBAN op het document horen bij verschillende relaties: kies er een",
            "Numer VAT, numer rejestrowy i IBAN na dokumencie należą do różnych kontrahentów: wybierz jednego"
        ] or [
            "The document's numbers belong to different contacts",
            "De nummers van het document horen bij verschillende relaties",
            "Numery z dokumentu należą do różnych kontrahentów"
        ];
        Template = "template_missing" => [
            "The contact has no posting template: save one",
            "De relatie heeft geen boekingssjabloon: sla er een op",
            "Kontrahent nie ma szablonu księgowania: zapisz go"
        ] or [
            "The contact has no posting template",
            "De relatie heeft geen boekingssjabloon",
            "Kontrahent nie ma szablonu księgowania"
        ];
        Number = "number_missing" => [
            "The invoice number is missing",
            "Het factuurnummer ontbreekt",
            "Brakuje numeru faktury"
        ];
        IssueDate = "issue_date_missing" => [
            "The invoice date is missing",
            "De factuurdatum ontbreekt",
            "Brakuje daty wystawienia faktury"
        ];
        Currency = "currency_missing" => [
            "The currency is missing or not an ISO 4217 code",
            "De valuta ontbreekt of is geen code van ISO 4217",
            "Brakuje waluty lub nie jest ona kodem ISO 4217"
        ] or [
            "The currency is missing",
            "De valuta ontbreekt",
            "Brakuje waluty"
        ];
        Gross = "gross_missing" => [
            "The total including VAT is missing",
            "Het totaal inclusief btw ontbreekt",
            "Brakuje kwoty brutto"
        ];
        VatBreakdown = "vat_breakdown_missing" => [
            "The document does not state its VAT per rate, and its totals do not fit the posting template",
            "Het document vermeldt de btw niet per tarief en de totalen passen niet bij het boekingssjabloon",
            "Dokument nie podaje VAT według stawek, a jego sumy nie pasują do szablonu księgowania"
        ] or [
            "The document does not state its VAT per rate",
            "Het document vermeldt de btw niet per tarief",
            "Dokument nie podaje VAT według stawek"
        ];
        TotalsDisagree { net: Amount, vat: Amount, gross: Amount } = "totals_disagree" => [
            "The amounts do not add up: net {net} and VAT {vat} are not the total {gross}",
            "De bedragen tellen niet op: netto {net} en btw {vat} zijn samen niet het totaal {gross}",
            "Kwoty się nie sumują: netto {net} i VAT {vat} nie dają kwoty brutto {gross}"
        ] or [
            "The amounts do not add up",
            "De bedragen tellen niet op",
            "Kwoty się nie sumują"
        ];
        Precision { amount: Amount } = "precision" => [
            "The amount {amount} has more than two decimals",
            "Het bedrag {amount} heeft meer dan twee decimalen",
            "Kwota {amount} ma więcej niż dwa miejsca po przecinku"
        ] or [
            "An amount has more than two decimals",
            "Een bedrag heeft meer dan twee decimalen",
            "Jedna z kwot ma więcej niż dwa miejsca po przecinku"
        ];
        VatGroupWithoutLine { category: Text, rate: Rate } = "vat_group_without_line" => [
            "The posting template has no line for VAT category {category} at {rate}",
            "Het boekingssjabloon heeft geen regel voor btw-categorie {category} met {rate}",
            "Szablon księgowania nie ma pozycji dla kategorii VAT {category} ze stawką {rate}"
        ] or [
            "The posting template has no line for a VAT rate of the document",
            "Het boekingssjabloon heeft geen regel voor een btw-tarief van het document",
            "Szablon księgowania nie ma pozycji dla jednej ze stawek VAT dokumentu"
        ];
        VatCategory { category: Text } = "vat_category_unsupported" => [
            "VAT category '{category}' cannot be booked from a template: post the document by hand in the ledger",
            "Btw-categorie '{category}' kan niet vanuit een sjabloon worden geboekt: boek het document zelf in het boekhoudpakket",
            "Kategorii VAT '{category}' nie można zaksięgować z szablonu: zaksięguj dokument ręcznie w programie księgowym"
        ] or [
            "VAT of this category cannot be booked from here",
            "Btw van deze categorie kan van hieruit niet worden geboekt",
            "VAT tej kategorii nie można stąd zaksięgować"
        ];
        VatOnReverseCharge { category: Text, vat: Amount } = "vat_on_reverse_charge" => [
            "VAT category {category} states VAT of {vat}; under it the buyer owes the VAT and the document states none",
            "Btw-categorie {category} vermeldt {vat} btw; hierbij is de btw verlegd naar de afnemer en staat er geen op het document",
            "Kategoria VAT {category} wykazuje VAT {vat}; przy niej VAT rozlicza nabywca i na dokumencie nie powinno go być"
        ] or [
            "VAT is stated where the buyer owes it",
            "Er staat btw op het document terwijl die is verlegd",
            "Dokument wykazuje VAT, który rozlicza nabywca"
        ];
        Lines = "lines_missing" => [
            "The booking has no lines: add one",
            "De boeking heeft geen regels: voeg er een toe",
            "Księgowanie nie ma pozycji: dodaj pozycję"
        ] or [
            "The booking has no lines",
            "De boeking heeft geen regels",
            "Księgowanie nie ma pozycji"
        ];
        LineAccount { line: u32 } = "line_account_missing" => [
            "Line {line} has no ledger account",
            "Regel {line} heeft geen grootboekrekening",
            "Pozycja {line} nie ma konta księgowego"
        ] or [
            "A line has no ledger account",
            "Een regel heeft geen grootboekrekening",
            "Jedna z pozycji nie ma konta księgowego"
        ];
        LineVatCode { line: u32 } = "line_vat_code_missing" => [
            "Line {line} has no VAT code",
            "Regel {line} heeft geen btw-code",
            "Pozycja {line} nie ma kodu VAT"
        ] or [
            "A line has no VAT code",
            "Een regel heeft geen btw-code",
            "Jedna z pozycji nie ma kodu VAT"
        ];
        LineAmount { line: u32 } = "line_amount_missing" => [
            "Line {line} has no amount",
            "Regel {line} heeft geen bedrag",
            "Pozycja {line} nie ma kwoty"
        ] or [
            "A line has no amount",
            "Een regel heeft geen bedrag",
            "Jedna z pozycji nie ma kwoty"
        ];
        LineVatCategory { line: u32 } = "line_vat_category_missing" => [
            "Line {line} does not say which VAT category and rate of the document it belongs to",
            "Regel {line} zegt niet bij welke btw-categorie en welk tarief van het document hij hoort",
            "Pozycja {line} nie wskazuje, do której kategorii i stawki VAT dokumentu należy"
        ] or [
            "A line does not say to which VAT of the document it belongs",
            "Een regel zegt niet bij welke btw van het document hij hoort",
            "Jedna z pozycji nie wskazuje, do którego VAT dokumentu należy"
        ];
        LineWithoutGroup { line: u32, category: Text, rate: Rate } = "line_without_vat_group" => [
            "Line {line} is for VAT category {category} at {rate}, which the document does not have",
            "Regel {line} is voor btw-categorie {category} met {rate}, die niet op het document staat",
            "Pozycja {line} dotyczy kategorii VAT {category} ze stawką {rate}, której na dokumencie nie ma"
        ] or [
            "A line is for VAT that the document does not have",
            "Een regel is voor btw die niet op het document staat",
            "Jedna z pozycji dotyczy VAT, którego na dokumencie nie ma"
        ];
        VatCodeMisfit { line: u32, code: Text, category: Text, rate: Rate } = "vat_code_misfit" => [
            "VAT code {code} of line {line} does not fit VAT category {category} at {rate}",
            "Btw-code {code} van regel {line} past niet bij btw-categorie {category} met {rate}",
            "Kod VAT {code} w pozycji {line} nie pasuje do kategorii VAT {category} ze stawką {rate}"
        ] or [
            "The VAT code of a line does not fit its VAT category",
            "De btw-code van een regel past niet bij de btw-categorie",
            "Kod VAT jednej z pozycji nie pasuje do jej kategorii VAT"
        ];
        LinesDisagree {
            category: Text, rate: Rate, lines_net: Amount, lines_vat: Amount, net: Amount, vat: Amount
        } = "lines_disagree" => [
            "The lines for VAT category {category} at {rate} add up to {lines_net} and VAT {lines_vat}; the document has {net} and VAT {vat}",
            "De regels voor btw-categorie {category} met {rate} tellen op tot {lines_net} en {lines_vat} btw; het document heeft {net} en {vat} btw",
            "Pozycje dla kategorii VAT {category} ze stawką {rate} dają {lines_net} i VAT {lines_vat}; na dokumencie jest {net} i VAT {vat}"
        ] or [
            "The lines do not add up to the document",
            "De regels tellen niet op tot het document",
            "Pozycje nie sumują się do kwot dokumentu"
        ];
    }
}

sentences! {
    /// What holds a document, with what was found.
    Held as HeldKind {
        DuplicateSuspected = "duplicate_suspected" => [
            "Another document of this contact has the same number, or the same date and total",
            "Een ander document van deze relatie heeft hetzelfde nummer, of dezelfde datum en hetzelfde totaal",
            "Inny dokument tego kontrahenta ma ten sam numer albo tę samą datę i kwotę"
        ];
        WrongBuyer { party: Text } = "wrong_buyer" => [
            "The document is not addressed to this administration: {party}",
            "Het document is niet aan deze administratie gericht: {party}",
            "Dokument nie jest wystawiony na tę firmę: {party}"
        ] or [
            "The document is not addressed to this administration",
            "Het document is niet aan deze administratie gericht",
            "Dokument nie jest wystawiony na tę firmę"
        ];
        NewIban { account: Text } = "new_iban" => [
            "The bank account on the document was never seen for this contact: {account}",
            "De bankrekening op het document is nieuw voor deze relatie: {account}",
            "Rachunek bankowy na dokumencie nie był dotąd znany u tego kontrahenta: {account}"
        ] or [
            "The bank account on the document was never seen for this contact",
            "De bankrekening op het document is nieuw voor deze relatie",
            "Rachunek bankowy na dokumencie nie był dotąd znany u tego kontrahenta"
        ];
        OtherPayee { payee: Text } = "other_payee" => [
            "Somebody else than the supplier is to be paid: {payee}",
            "Er moet aan een ander dan de leverancier worden betaald: {payee}",
            "Zapłata ma trafić do kogoś innego niż dostawca: {payee}"
        ] or [
            "Somebody else than the supplier is to be paid",
            "Er moet aan een ander dan de leverancier worden betaald",
            "Zapłata ma trafić do kogoś innego niż dostawca"
        ];
        Prepaid { amount: Amount } = "prepaid" => [
            "An amount of {amount} was paid in advance: its VAT may already be in the books",
            "Er is {amount} vooruitbetaald: de btw daarover staat misschien al in de boeken",
            "Kwotę {amount} zapłacono z góry: jej VAT może już być w księgach"
        ] or [
            "An amount was paid in advance: its VAT may already be in the books",
            "Er is een bedrag vooruitbetaald: de btw daarover staat misschien al in de boeken",
            "Część kwoty zapłacono z góry: jej VAT może już być w księgach"
        ];
        DocumentType { code: Text } = "document_type" => [
            "The document is of a type that is not posted automatically: type code {code}",
            "Het document is van een soort die niet automatisch wordt geboekt: typecode {code}",
            "Dokumentów tego rodzaju nie księguje się automatycznie: kod rodzaju {code}"
        ] or [
            "The document is of a type that is not posted automatically",
            "Het document is van een soort die niet automatisch wordt geboekt",
            "Dokumentów tego rodzaju nie księguje się automatycznie"
        ];
        Arithmetic { rules: RuleNames } = "arithmetic" => [
            "The document breaks a rule of EN 16931: {rules}",
            "Het document voldoet niet aan een regel van EN 16931: {rules}",
            "Dokument narusza regułę normy EN 16931: {rules}"
        ] or [
            "The document breaks a rule of EN 16931",
            "Het document voldoet niet aan een regel van EN 16931",
            "Dokument narusza regułę normy EN 16931"
        ];
        Sums { rules: RuleNames, stated: Amount, computed: Amount } = "arithmetic" => [
            "The document breaks a rule of EN 16931: {rules}; it states {stated} and should state {computed}",
            "Het document voldoet niet aan een regel van EN 16931: {rules}; er staat {stated} en het moet {computed} zijn",
            "Dokument narusza regułę normy EN 16931: {rules}; podano {stated}, a powinno być {computed}"
        ] or [
            "The document breaks a rule of EN 16931",
            "Het document voldoet niet aan een regel van EN 16931",
            "Dokument narusza regułę normy EN 16931"
        ];
        FutureDate { date: Date } = "future_date" => [
            "The invoice date is in the future: {date}",
            "De factuurdatum ligt in de toekomst: {date}",
            "Data wystawienia faktury jest z przyszłości: {date}"
        ] or [
            "The invoice date is in the future",
            "De factuurdatum ligt in de toekomst",
            "Data wystawienia faktury jest z przyszłości"
        ];
        DueBeforeIssue { due: Date, issued: Date } = "due_before_issue" => [
            "The due date is before the invoice date: due {due}, issued {issued}",
            "De vervaldatum ligt vóór de factuurdatum: te betalen op {due}, gedateerd {issued}",
            "Termin płatności jest wcześniejszy niż data wystawienia: termin {due}, wystawiono {issued}"
        ] or [
            "The due date is before the invoice date",
            "De vervaldatum ligt vóór de factuurdatum",
            "Termin płatności jest wcześniejszy niż data wystawienia"
        ];
        LowConfidence { fields: Confidences, threshold: Amount } = "low_confidence" => [
            "A recognised field is uncertain: {fields} (wanted: {threshold})",
            "Een herkend veld is onzeker: {fields} (gewenst: {threshold})",
            "Rozpoznane pole jest niepewne: {fields} (wymagane: {threshold})"
        ] or [
            "A recognised field is uncertain",
            "Een herkend veld is onzeker",
            "Rozpoznane pole jest niepewne"
        ];
        NegativeCreditNote { total: Amount } = "negative_credit_note" => [
            "A credit note with a negative total raises the debt: {total}",
            "Een creditnota met een negatief totaal verhoogt de schuld: {total}",
            "Faktura korygująca o ujemnej kwocie zwiększa zobowiązanie: {total}"
        ] or [
            "A credit note with a negative total raises the debt",
            "Een creditnota met een negatief totaal verhoogt de schuld",
            "Faktura korygująca o ujemnej kwocie zwiększa zobowiązanie"
        ];
        UnknownProfile { profile: Text } = "unknown_profile" => [
            "The document follows rules that are not known here: {profile}",
            "Het document volgt regels die hier niet bekend zijn: {profile}",
            "Dokument stosuje reguły, które nie są tu znane: {profile}"
        ] or [
            "The document follows rules that are not known here",
            "Het document volgt regels die hier niet bekend zijn",
            "Dokument stosuje reguły, które nie są tu znane"
        ];
        OddContent { about: Oddity } = "odd_content" => [
            "Part of the document makes no sense: {about}",
            "Een deel van het document klopt niet: {about}",
            "Część dokumentu nie ma sensu: {about}"
        ] or [
            "Part of the document makes no sense",
            "Een deel van het document klopt niet",
            "Część dokumentu nie ma sensu"
        ];
        PictureDisagrees { fields: FieldNames } = "picture_disagrees" => [
            "The picture of the document and its data disagree: {fields}",
            "Het beeld van het document en de gegevens erin verschillen: {fields}",
            "Obraz dokumentu i jego dane różnią się: {fields}"
        ] or [
            "The picture of the document and its data disagree",
            "Het beeld van het document en de gegevens erin verschillen",
            "Obraz dokumentu i jego dane różnią się"
        ];
        InLedger = "in_ledger" => [
            "The ledger already has a booking of this number, or may have one",
            "Het boekhoudpakket heeft al een boeking met dit nummer, of heeft die misschien",
            "W programie księgowym jest już księgowanie z tym numerem albo może być"
        ];
    }
}

sentences! {
    /// Why a document was left to a person.
    Stays as StaysKind {
        NotWaiting = "not_waiting" => [
            "The document is not waiting to be posted",
            "Het document wacht niet op boeking",
            "Dokument nie czeka na zaksięgowanie"
        ];
        Incomplete = "incomplete" => [
            "The document is incomplete",
            "Het document is niet compleet",
            "Dokument jest niekompletny"
        ];
        AutomationOff = "automation_off" => [
            "Automatic posting is switched off for this connection",
            "Automatisch boeken staat uit voor deze koppeling",
            "Automatyczne księgowanie jest wyłączone dla tego połączenia"
        ];
        ReceivedBeforeSwitch = "received_before_switch" => [
            "The document was received before automatic posting was switched on",
            "Het document is ontvangen voordat automatisch boeken werd aangezet",
            "Dokument wpłynął, zanim włączono automatyczne księgowanie"
        ];
        AutomationUserMissing = "automation_user_missing" => [
            "No automation user is set for this connection",
            "Voor deze koppeling is geen automatiseringsgebruiker ingesteld",
            "Dla tego połączenia nie ustawiono użytkownika automatyzacji"
        ];
        AutomationUserInvalid = "automation_user_invalid" => [
            "The automation user may no longer post: check role, access and ledger link",
            "De automatiseringsgebruiker mag niet meer boeken: controleer rol, toegang en koppeling met het boekhoudpakket",
            "Użytkownik automatyzacji nie może już księgować: sprawdź rolę, dostęp i powiązanie z programem księgowym"
        ];
        Intermediary = "intermediary" => [
            "Another product stands between this system and the ledger",
            "Tussen dit systeem en het boekhoudpakket zit een ander product",
            "Między tym systemem a programem księgowym działa inny produkt"
        ];
        AutoPostingNotOffered = "auto_posting_not_offered" => [
            "Automatic posting is not offered for this ledger or licence country",
            "Automatisch boeken is niet beschikbaar voor dit boekhoudpakket of dit land van de licentie",
            "Automatyczne księgowanie nie jest dostępne dla tego programu księgowego lub kraju licencji"
        ];
        NoRule = "no_rule" => [
            "The contact has no automation rule",
            "De relatie heeft geen regel voor automatisch boeken",
            "Kontrahent nie ma reguły automatycznego księgowania"
        ];
        RuleSuspended = "rule_suspended" => [
            "The contact's automation rules are suspended: its posting template was deleted",
            "De regels voor automatisch boeken van de relatie zijn opgeschort: het boekingssjabloon is verwijderd",
            "Reguły automatycznego księgowania kontrahenta są zawieszone: usunięto szablon księgowania"
        ];
        NotUbl = "not_ubl" => [
            "The contact's automation rules take UBL only",
            "De regels voor automatisch boeken van de relatie gelden alleen voor UBL",
            "Reguły automatycznego księgowania kontrahenta obejmują tylko UBL"
        ];
        AboveMaximum = "above_maximum" => [
            "The total including VAT is above the maximum of the automation rule",
            "Het totaal inclusief btw is hoger dan het maximum van de regel voor automatisch boeken",
            "Kwota brutto przekracza maksimum z reguły automatycznego księgowania"
        ];
        ReceivedBeforeRule = "received_before_rule" => [
            "The document was received before the automation rule was made or edited",
            "Het document is ontvangen voordat de regel voor automatisch boeken werd gemaakt of gewijzigd",
            "Dokument wpłynął, zanim utworzono lub zmieniono regułę automatycznego księgowania"
        ];
        NoRuleMatches = "no_rule_matches" => [
            "None of the contact's automation rules takes this document",
            "Geen van de regels voor automatisch boeken van de relatie geldt voor dit document",
            "Żadna reguła automatycznego księgowania kontrahenta nie obejmuje tego dokumentu"
        ];
    }
}
