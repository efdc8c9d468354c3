//! What the history of a document tells besides reasons.

use super::{ReasonName, Text, sentences};
use crate::time::Date;

sentences! {
    /// What happened to a document.
    Note as NoteKind {
        RuleMatched { rule: Text, version: u32 } = "rule_matched" => [
            "Automation rule {rule}, version {version}",
            "Regel voor automatisch boeken {rule}, versie {version}",
            "Reguła automatycznego księgowania {rule}, wersja {version}"
        ] or [
            "An automation rule took it",
            "Een regel voor automatisch boeken gold voor dit document",
            "Dokument objęła reguła automatycznego księgowania"
        ];
        HoldCleared { hold: ReasonName, reason: Text } = "hold_cleared" => [
            "{hold}: {reason}",
            "{hold}: {reason}",
            "{hold}: {reason}"
        ] or [
            "A hold was cleared",
            "Een blokkade is opgeheven",
            "Zdjęto blokadę"
        ];
        TemplateApplied { version: u32, contact: Text } = "template_applied" => [
            "The posting template of {contact}, version {version}",
            "Het boekingssjabloon van {contact}, versie {version}",
            "Szablon księgowania kontrahenta {contact}, wersja {version}"
        ] or [
            "The contact's posting template was applied",
            "Het boekingssjabloon van de relatie is toegepast",
            "Zastosowano szablon księgowania kontrahenta"
        ];
        WentOn = "went_on" => [
            "What it waited for is over; it went on by itself",
            "Waarop het wachtte is voorbij; het ging vanzelf verder",
            "To, na co czekał, minęło; dokument poszedł dalej sam"
        ];
        Reconnected = "reconnected" => [
            "Somebody signed in at the ledger; it goes on",
            "Iemand heeft bij het boekhoudpakket ingelogd; het gaat verder",
            "Ktoś zalogował się w programie księgowym; dokument idzie dalej"
        ];
        AttemptInterrupted = "attempt_interrupted" => [
            "An attempt to post it was interrupted; the ledger is asked for it before it is sent again",
            "Een poging om te boeken werd onderbroken; het boekhoudpakket wordt bevraagd voordat het opnieuw wordt gestuurd",
            "Próba zaksięgowania została przerwana; przed ponownym wysłaniem sprawdzany jest program księgowy"
        ];
        PassInterrupted = "pass_interrupted" => [
            "An attempt to pass it to the ledger was interrupted; the ledger is asked for it before it is sent again",
            "Een poging om het aan het boekhoudpakket door te geven werd onderbroken; dat wordt bevraagd voordat het opnieuw wordt gestuurd",
            "Próba przekazania do programu księgowego została przerwana; przed ponownym wysłaniem program jest sprawdzany"
        ];
        LookedUpFirst = "looked_up_first" => [
            "It is passed again once the ledger was asked and provably does not have it",
            "Het wordt opnieuw doorgegeven zodra het boekhoudpakket is bevraagd en het aantoonbaar niet heeft",
            "Zostanie przekazany ponownie, gdy program księgowy potwierdzi, że go nie ma"
        ];
        PaymentNotLinked { payment: Text } = "payment_not_linked" => [
            "The payment type {payment} is linked to none of the ledger, whose default was used: link it in the connector's settings. This is said once",
            "De betaalwijze {payment} is aan geen betaalwijze van het boekhoudpakket gekoppeld, waarvan de standaard is gebruikt: koppel haar in de instellingen van de koppeling. Dit wordt één keer gezegd",
            "Sposób płatności {payment} nie jest powiązany z żadnym w programie księgowym, użyto domyślnego: powiąż go w ustawieniach połączenia. Komunikat pojawia się raz"
        ] or [
            "A payment type is linked to none of the ledger",
            "Een betaalwijze is aan geen van het boekhoudpakket gekoppeld",
            "Sposób płatności nie jest powiązany z żadnym w programie księgowym"
        ];
        NoLedgerPdf = "no_ledger_pdf" => [
            "The ledger makes no PDF of this document: it is missing there",
            "Het boekhoudpakket maakt geen PDF van dit document: die ontbreekt daar",
            "Program księgowy nie tworzy PDF tego dokumentu: brakuje go tam"
        ];
        NotInLedger = "not_in_ledger_checked" => [
            "The ledger was asked and does not have it: pass it again",
            "Het boekhoudpakket is bevraagd en heeft het niet: geef het opnieuw door",
            "Program księgowy został zapytany i go nie ma: przekaż ponownie"
        ];
        NoConnector = "no_connector" => [
            "There are no settings for a ledger that gets issued documents: set the connector of the administration",
            "Er is niet ingesteld welk boekhoudpakket uitgegeven documenten krijgt: stel de koppeling van de administratie in",
            "Nie ustawiono programu księgowego dla wystawionych dokumentów: ustaw połączenie administracji"
        ];
        TokenNotRenewed = "token_not_renewed" => [
            "The ledger gave no new access when it was asked for it. It is tried again by itself",
            "Het boekhoudpakket gaf geen nieuwe toegang toen daarom werd gevraagd. Het wordt vanzelf opnieuw geprobeerd",
            "Program księgowy nie odnowił dostępu. Próba zostanie ponowiona automatycznie"
        ];
        AwaitsConsent = "reconnect_needed" => [
            "The connection to the ledger needs somebody to sign in there again; it goes on once that is done",
            "Voor de koppeling met het boekhoudpakket moet iemand daar opnieuw inloggen; daarna gaat het verder",
            "Połączenie z programem księgowym wymaga ponownego zalogowania; potem dokument pójdzie dalej"
        ];
        ContentMissing = "content_missing" => [
            "What was stored of the document is missing with us. Tag the document again, or book it by hand; we have to repair that",
            "Wat van het document was opgeslagen ontbreekt bij ons. Tag het document opnieuw of boek het zelf; wij moeten dat herstellen",
            "Brakuje u nas zapisanych danych dokumentu. Oznacz dokument ponownie albo zaksięguj go ręcznie; musimy to naprawić"
        ];
        InRun { run: Text, date: Date } = "in_export_run" => [
            "Export run {run}, posting date {date}",
            "Exportrun {run}, boekdatum {date}",
            "Przebieg eksportu {run}, data księgowania {date}"
        ] or [
            "An export run took it",
            "Een exportrun heeft dit document opgepakt",
            "Dokument objął przebieg eksportu"
        ];
        RunCancelled { run: Text, reason: Text } = "export_run_cancelled" => [
            "Export run {run} was cancelled: {reason}",
            "Exportrun {run} is geannuleerd: {reason}",
            "Przebieg eksportu {run} anulowano: {reason}"
        ] or [
            "The export run was cancelled",
            "De exportrun is geannuleerd",
            "Przebieg eksportu anulowano"
        ];
        MarkedExported { run: Text, comment: Text } = "marked_exported" => [
            "Marked as exported in run {run} by a person: {comment}",
            "Door iemand als geëxporteerd gemarkeerd in run {run}: {comment}",
            "Oznaczono ręcznie jako wyeksportowany w przebiegu {run}: {comment}"
        ] or [
            "A person marked it as exported",
            "Iemand heeft het als geëxporteerd gemarkeerd",
            "Oznaczono ręcznie jako wyeksportowany"
        ];
        ExportReverted { run: Text, reason: Text } = "export_reverted" => [
            "Export run {run} was taken back for this document: {reason}",
            "Exportrun {run} is voor dit document teruggedraaid: {reason}",
            "Eksport z przebiegu {run} cofnięto dla tego dokumentu: {reason}"
        ] or [
            "The export was taken back",
            "De export is teruggedraaid",
            "Eksport cofnięto"
        ];
        RateStored { rate: Text, date: Date, source: Text } = "rate_stored" => [
            "Exchange rate {rate} of {date} by {source}",
            "Wisselkoers {rate} van {date} volgens {source}",
            "Kurs wymiany {rate} z {date} według {source}"
        ] or [
            "An exchange rate was stored",
            "Er is een wisselkoers vastgelegd",
            "Zapisano kurs wymiany"
        ];
        FoundInLedger { number: Text } = "found_in_ledger" => [
            "The ledger has it as entry {number}",
            "Het boekhoudpakket heeft het als boekstuk {number}",
            "W programie księgowym jest to zapis {number}"
        ] or [
            "The ledger has it",
            "Het boekhoudpakket heeft het",
            "Program księgowy go ma"
        ];
    }
}
