//! What is told of a document and of a decision: where it stands, each condition that was looked at, what would happen next.

use super::{Amount, FileKind, Moment, ReasonName, Text, sentences};

sentences! {
    /// Where a document stands.
    Stands as StandsKind {
        Received = "received" => [
            "Delivered and not tagged yet.",
            "Aangeleverd en nog niet getagd.",
            "Dostarczony i jeszcze nieoznaczony."
        ];
        Tagged = "tagged" => [
            "Tagged; it is being read and coded.",
            "Getagd; het wordt gelezen en gecodeerd.",
            "Oznaczony; jest odczytywany i dekretowany."
        ];
        Complete = "complete" => [
            "Complete; it waits in the validation overview.",
            "Compleet; het wacht in het validatieoverzicht.",
            "Kompletny; czeka na liście do weryfikacji."
        ];
        Incomplete = "incomplete" => [
            "Incomplete; it waits in the validation overview.",
            "Niet compleet; het wacht in het validatieoverzicht.",
            "Niekompletny; czeka na liście do weryfikacji."
        ];
        Unreadable = "unreadable" => [
            "It could not be read; the original is kept.",
            "Het kon niet worden gelezen; het origineel blijft bewaard.",
            "Nie udało się go odczytać; oryginał jest zachowany."
        ];
        Posting = "posting" => [
            "It is being posted.",
            "Het wordt geboekt.",
            "Jest księgowany."
        ];
        Posted = "posted" => [
            "Posted and locked.",
            "Geboekt en vergrendeld.",
            "Zaksięgowany i zablokowany."
        ];
        Rejected = "rejected" => [
            "Posting it failed; it waits in the validation overview.",
            "Het boeken is mislukt; het wacht in het validatieoverzicht.",
            "Księgowanie nie powiodło się; czeka na liście do weryfikacji."
        ];
        Uncertain = "uncertain" => [
            "Whether the ledger has it is not known: look it up there, or have it checked.",
            "Of het boekhoudpakket het heeft is niet bekend: zoek het daar op of laat het controleren.",
            "Nie wiadomo, czy jest w programie księgowym: sprawdź to tam albo zleć sprawdzenie."
        ];
        Archived = "archived" => [
            "Kept without being posted.",
            "Bewaard zonder te worden geboekt.",
            "Zachowany bez księgowania."
        ];
        Deleted = "deleted" => [
            "Deleted before it was tagged.",
            "Verwijderd voordat het werd getagd.",
            "Usunięty przed oznaczeniem."
        ];
        Ready = "ready_to_export" => [
            "Ready to export: the next run takes it.",
            "Klaar voor export: de volgende run neemt het mee.",
            "Gotowy do eksportu: obejmie go następny przebieg."
        ];
        Exporting = "exporting" => [
            "In an export run.",
            "In een exportrun.",
            "W trakcie eksportu."
        ];
        Exported = "exported" => [
            "Exported.",
            "Geëxporteerd.",
            "Wyeksportowany."
        ];
        Shared = "shared" => [
            "Shared with the accountant, whose package gets it by e-mail.",
            "Gedeeld met de accountant, wiens pakket het per e-mail krijgt.",
            "Udostępniony księgowemu, którego program otrzymuje go e-mailem."
        ];
    }
}

sentences! {
    /// A condition that a decision looked at, with both values and how it ended.
    Looked as LookedKind {
        Complete = "complete.passed" => [
            "Yes: the document is complete",
            "Ja: het document is compleet",
            "Tak: dokument jest kompletny"
        ];
        NotComplete = "complete.failed" => [
            "No: the document is not complete",
            "Nee: het document is niet compleet",
            "Nie: dokument nie jest kompletny"
        ];
        SwitchedOn { since: Moment } = "switched_on.passed" => [
            "Yes: automatic posting is switched on for the connection, since {since}",
            "Ja: automatisch boeken staat aan voor de koppeling, sinds {since}",
            "Tak: automatyczne księgowanie jest włączone dla połączenia od {since}"
        ] or [
            "Yes: automatic posting is switched on for the connection",
            "Ja: automatisch boeken staat aan voor de koppeling",
            "Tak: automatyczne księgowanie jest włączone dla połączenia"
        ];
        SwitchedOff = "switched_on.failed" => [
            "No: automatic posting is switched off for the connection",
            "Nee: automatisch boeken staat uit voor de koppeling",
            "Nie: automatyczne księgowanie jest wyłączone dla połączenia"
        ];
        AfterSwitch { received: Moment, since: Moment } = "received_after_switch.passed" => [
            "Yes: it was received on {received}, after automatic posting was switched on ({since})",
            "Ja: het is ontvangen op {received}, nadat automatisch boeken werd aangezet ({since})",
            "Tak: wpłynął {received}, po włączeniu automatycznego księgowania ({since})"
        ] or [
            "Yes: it was received after automatic posting was switched on",
            "Ja: het is ontvangen nadat automatisch boeken werd aangezet",
            "Tak: wpłynął po włączeniu automatycznego księgowania"
        ];
        BeforeSwitch { received: Moment, since: Moment } = "received_after_switch.failed" => [
            "No: it was received on {received}, before automatic posting was switched on ({since})",
            "Nee: het is ontvangen op {received}, voordat automatisch boeken werd aangezet ({since})",
            "Nie: wpłynął {received}, przed włączeniem automatycznego księgowania ({since})"
        ] or [
            "No: it was received before automatic posting was switched on",
            "Nee: het is ontvangen voordat automatisch boeken werd aangezet",
            "Nie: wpłynął przed włączeniem automatycznego księgowania"
        ];
        UserSet { user: Text } = "automation_user_set.passed" => [
            "Yes: the automation user is {user}",
            "Ja: de automatiseringsgebruiker is {user}",
            "Tak: użytkownikiem automatyzacji jest {user}"
        ] or [
            "Yes: an automation user is set",
            "Ja: er is een automatiseringsgebruiker ingesteld",
            "Tak: użytkownik automatyzacji jest ustawiony"
        ];
        UserNotSet = "automation_user_set.failed" => [
            "No: no automation user is set",
            "Nee: er is geen automatiseringsgebruiker ingesteld",
            "Nie: nie ustawiono użytkownika automatyzacji"
        ];
        UserValid { user: Text } = "automation_user_valid.passed" => [
            "Yes: the automation user {user} may post",
            "Ja: de automatiseringsgebruiker {user} mag boeken",
            "Tak: użytkownik automatyzacji {user} może księgować"
        ] or [
            "Yes: the automation user may post",
            "Ja: de automatiseringsgebruiker mag boeken",
            "Tak: użytkownik automatyzacji może księgować"
        ];
        UserInvalid { user: Text } = "automation_user_valid.failed" => [
            "No: the automation user {user} may no longer post",
            "Nee: de automatiseringsgebruiker {user} mag niet meer boeken",
            "Nie: użytkownik automatyzacji {user} nie może już księgować"
        ] or [
            "No: the automation user may no longer post",
            "Nee: de automatiseringsgebruiker mag niet meer boeken",
            "Nie: użytkownik automatyzacji nie może już księgować"
        ];
        UserInactive { user: Text } = "automation_user_valid.inactive" => [
            "No: the automation user {user} does not exist any more or is disabled",
            "Nee: de automatiseringsgebruiker {user} bestaat niet meer of is uitgeschakeld",
            "Nie: użytkownik automatyzacji {user} już nie istnieje albo jest wyłączony"
        ] or [
            "No: the automation user does not exist any more or is disabled",
            "Nee: de automatiseringsgebruiker bestaat niet meer of is uitgeschakeld",
            "Nie: użytkownik automatyzacji już nie istnieje albo jest wyłączony"
        ];
        UserNotAccountant { user: Text } = "automation_user_valid.not_accountant" => [
            "No: the automation user {user} does not have the role Accountant",
            "Nee: de automatiseringsgebruiker {user} heeft niet de rol Accountant",
            "Nie: użytkownik automatyzacji {user} nie ma roli Accountant"
        ] or [
            "No: the automation user does not have the role Accountant",
            "Nee: de automatiseringsgebruiker heeft niet de rol Accountant",
            "Nie: użytkownik automatyzacji nie ma roli Accountant"
        ];
        UserNoAccess { user: Text, administration: Text } = "automation_user_valid.no_access" => [
            "No: the automation user {user} has no access to {administration}, an administration of this connection",
            "Nee: de automatiseringsgebruiker {user} heeft geen toegang tot {administration}, een administratie van deze koppeling",
            "Nie: użytkownik automatyzacji {user} nie ma dostępu do {administration}, firmy tego połączenia"
        ] or [
            "No: the automation user has no access to an administration of this connection",
            "Nee: de automatiseringsgebruiker heeft geen toegang tot een administratie van deze koppeling",
            "Nie: użytkownik automatyzacji nie ma dostępu do jednej z firm tego połączenia"
        ];
        UserNotLinked { user: Text } = "automation_user_valid.not_linked" => [
            "No: the automation user {user} is not linked to a user in the ledger",
            "Nee: de automatiseringsgebruiker {user} is niet gekoppeld aan een gebruiker in het boekhoudpakket",
            "Nie: użytkownik automatyzacji {user} nie jest powiązany z użytkownikiem programu księgowego"
        ] or [
            "No: the automation user is not linked to a user in the ledger",
            "Nee: de automatiseringsgebruiker is niet gekoppeld aan een gebruiker in het boekhoudpakket",
            "Nie: użytkownik automatyzacji nie jest powiązany z użytkownikiem programu księgowego"
        ];
        Direct = "direct_link.passed" => [
            "Yes: the ledger is reached directly",
            "Ja: het boekhoudpakket is rechtstreeks gekoppeld",
            "Tak: program księgowy jest połączony bezpośrednio"
        ];
        Behind = "direct_link.failed" => [
            "No: another product stands between this system and the ledger",
            "Nee: tussen dit systeem en het boekhoudpakket zit een ander product",
            "Nie: między tym systemem a programem księgowym działa inny produkt"
        ];
        Offered = "auto_posting_offered.passed" => [
            "Yes: the ledger and its licence offer automatic posting",
            "Ja: het boekhoudpakket en de licentie staan automatisch boeken toe",
            "Tak: program księgowy i jego licencja umożliwiają automatyczne księgowanie"
        ];
        NotOffered = "auto_posting_offered.failed" => [
            "No: automatic posting is not offered for this ledger or licence country",
            "Nee: automatisch boeken is niet beschikbaar voor dit boekhoudpakket of dit land van de licentie",
            "Nie: automatyczne księgowanie nie jest dostępne dla tego programu księgowego lub kraju licencji"
        ];
        NotHeld = "hold.passed" => [
            "Yes: nothing holds the document",
            "Ja: niets houdt het document tegen",
            "Tak: nic nie wstrzymuje dokumentu"
        ];
        IsHeld { hold: ReasonName } = "hold.failed" => [
            "No: {hold}",
            "Nee: {hold}",
            "Nie: {hold}"
        ] or [
            "No: something holds the document",
            "Nee: iets houdt het document tegen",
            "Nie: coś wstrzymuje dokument"
        ];
        HasRules { count: u32 } = "has_rule.passed" => [
            "Yes: the contact's automation rules are {count} in number",
            "Ja: aantal regels voor automatisch boeken van de relatie: {count}",
            "Tak: liczba reguł automatycznego księgowania kontrahenta: {count}"
        ] or [
            "Yes: the contact has automation rules",
            "Ja: de relatie heeft regels voor automatisch boeken",
            "Tak: kontrahent ma reguły automatycznego księgowania"
        ];
        HasNoRule = "has_rule.failed" => [
            "No: the contact has no automation rule",
            "Nee: de relatie heeft geen regel voor automatisch boeken",
            "Nie: kontrahent nie ma reguły automatycznego księgowania"
        ];
        InUse = "rule_active.passed" => [
            "Yes: the rule is in use",
            "Ja: de regel is in gebruik",
            "Tak: reguła jest aktywna"
        ];
        Suspended = "rule_active.failed" => [
            "No: the rule is suspended, since the contact's posting template was deleted",
            "Nee: de regel is opgeschort, omdat het boekingssjabloon van de relatie is verwijderd",
            "Nie: reguła jest zawieszona, ponieważ usunięto szablon księgowania kontrahenta"
        ];
        TakesAll { file: FileKind } = "rule_documents.all" => [
            "Yes: the rule takes all documents, and this one came as {file}",
            "Ja: de regel geldt voor alle documenten, en dit kwam als {file}",
            "Tak: reguła obejmuje wszystkie dokumenty, a ten wpłynął jako {file}"
        ] or [
            "Yes: the rule takes all documents",
            "Ja: de regel geldt voor alle documenten",
            "Tak: reguła obejmuje wszystkie dokumenty"
        ];
        TakesUbl { file: FileKind } = "rule_documents.ubl" => [
            "Yes: the rule takes UBL only, and the document came as {file}",
            "Ja: de regel geldt alleen voor UBL, en het document kwam als {file}",
            "Tak: reguła obejmuje tylko UBL, a dokument wpłynął jako {file}"
        ] or [
            "Yes: the rule takes documents of this kind",
            "Ja: de regel geldt voor dit soort documenten",
            "Tak: reguła obejmuje dokumenty tego rodzaju"
        ];
        TakesUblOnly { file: FileKind } = "rule_documents.failed" => [
            "No: the rule takes UBL only, and the document came as {file}",
            "Nee: de regel geldt alleen voor UBL, en het document kwam als {file}",
            "Nie: reguła obejmuje tylko UBL, a dokument wpłynął jako {file}"
        ] or [
            "No: the rule takes UBL only",
            "Nee: de regel geldt alleen voor UBL",
            "Nie: reguła obejmuje tylko UBL"
        ];
        NoMaximum = "rule_maximum.open" => [
            "Yes: the rule has no maximum",
            "Ja: de regel heeft geen maximum",
            "Tak: reguła nie ma maksimum"
        ];
        Within { total: Amount, maximum: Amount } = "rule_maximum.passed" => [
            "Yes: the total including VAT of {total} is within the rule's maximum of {maximum}",
            "Ja: het totaal inclusief btw van {total} blijft binnen het maximum van de regel van {maximum}",
            "Tak: kwota brutto {total} mieści się w maksimum reguły {maximum}"
        ] or [
            "Yes: the total including VAT is within the rule's maximum",
            "Ja: het totaal inclusief btw blijft binnen het maximum van de regel",
            "Tak: kwota brutto mieści się w maksimum reguły"
        ];
        Above { total: Amount, maximum: Amount } = "rule_maximum.failed" => [
            "No: the total including VAT of {total} is above the rule's maximum of {maximum}",
            "Nee: het totaal inclusief btw van {total} is hoger dan het maximum van de regel van {maximum}",
            "Nie: kwota brutto {total} przekracza maksimum reguły {maximum}"
        ] or [
            "No: the total including VAT is above the rule's maximum",
            "Nee: het totaal inclusief btw is hoger dan het maximum van de regel",
            "Nie: kwota brutto przekracza maksimum reguły"
        ];
        NoTotal { maximum: Amount } = "rule_maximum.unknown" => [
            "No: the document has no total including VAT to compare with the rule's maximum of {maximum}",
            "Nee: het document heeft geen totaal inclusief btw om te vergelijken met het maximum van de regel van {maximum}",
            "Nie: dokument nie ma kwoty brutto do porównania z maksimum reguły {maximum}"
        ] or [
            "No: the document has no total including VAT",
            "Nee: het document heeft geen totaal inclusief btw",
            "Nie: dokument nie ma kwoty brutto"
        ];
        AfterRule { received: Moment, from: Moment } = "rule_effective.passed" => [
            "Yes: it was received on {received}, after the rule was made or edited ({from})",
            "Ja: het is ontvangen op {received}, nadat de regel werd gemaakt of gewijzigd ({from})",
            "Tak: wpłynął {received}, po utworzeniu lub zmianie reguły ({from})"
        ] or [
            "Yes: it was received after the rule was made or edited",
            "Ja: het is ontvangen nadat de regel werd gemaakt of gewijzigd",
            "Tak: wpłynął po utworzeniu lub zmianie reguły"
        ];
        BeforeRule { received: Moment, from: Moment } = "rule_effective.failed" => [
            "No: it was received on {received}, before the rule was made or edited ({from})",
            "Nee: het is ontvangen op {received}, voordat de regel werd gemaakt of gewijzigd ({from})",
            "Nie: wpłynął {received}, przed utworzeniem lub zmianą reguły ({from})"
        ] or [
            "No: it was received before the rule was made or edited",
            "Nee: het is ontvangen voordat de regel werd gemaakt of gewijzigd",
            "Nie: wpłynął przed utworzeniem lub zmianą reguły"
        ];
    }
}

sentences! {
    /// What would happen to the next invoice of a contact.
    Explained as ExplainedKind {
        Assumed = "assumed" => [
            "Received now, recognised and matched, coded by the contact's posting template, held by nothing.",
            "Nu ontvangen, herkend en aan de relatie gekoppeld, gecodeerd met het boekingssjabloon van de relatie, door niets tegengehouden.",
            "Wpływa teraz, jest rozpoznana i przypisana do kontrahenta, zadekretowana jego szablonem księgowania i niczym niewstrzymana."
        ];
        AnyAmount { file: FileKind } = "range.any" => [
            "An invoice of any amount that comes as {file}",
            "Een factuur met een willekeurig bedrag die als {file} komt",
            "Faktura na dowolną kwotę, która wpłynie jako {file}"
        ];
        UpTo { file: FileKind, up_to: Amount } = "range.up_to" => [
            "An invoice up to {up_to} including VAT that comes as {file}",
            "Een factuur tot en met {up_to} inclusief btw die als {file} komt",
            "Faktura do kwoty {up_to} brutto włącznie, która wpłynie jako {file}"
        ];
        Above { file: FileKind, above: Amount } = "range.above" => [
            "An invoice above {above} including VAT that comes as {file}",
            "Een factuur boven {above} inclusief btw die als {file} komt",
            "Faktura powyżej kwoty {above} brutto, która wpłynie jako {file}"
        ];
        Between { file: FileKind, above: Amount, up_to: Amount } = "range.between" => [
            "An invoice above {above} and up to {up_to} including VAT that comes as {file}",
            "Een factuur boven {above} en tot en met {up_to} inclusief btw die als {file} komt",
            "Faktura powyżej kwoty {above} i do {up_to} brutto włącznie, która wpłynie jako {file}"
        ];
        WouldPost { invoice: Text, rule: Text, version: u32, user: Text } = "would_post" => [
            "{invoice} would be posted by rule {rule}, version {version}, under user {user}.",
            "{invoice} zou worden geboekt door regel {rule}, versie {version}, op naam van gebruiker {user}.",
            "{invoice}, zostałaby zaksięgowana przez regułę {rule}, wersja {version}, w imieniu użytkownika {user}."
        ] or [
            "It would be posted.",
            "De factuur zou worden geboekt.",
            "Faktura zostałaby zaksięgowana."
        ];
        WouldStay { invoice: Text, reason: ReasonName } = "would_stay" => [
            "{invoice} would wait in the validation overview: {reason}.",
            "{invoice} zou wachten in het validatieoverzicht: {reason}.",
            "{invoice}, czekałaby na liście do weryfikacji: {reason}."
        ] or [
            "It would wait in the validation overview.",
            "De factuur zou wachten in het validatieoverzicht.",
            "Faktura czekałaby na liście do weryfikacji."
        ];
    }
}
