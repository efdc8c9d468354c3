//! What the history of a document tells besides reasons.

use super::{ReasonName, Text, sentences};

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
