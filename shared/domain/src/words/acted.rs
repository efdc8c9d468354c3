//! What came of the actions that are done to orders by themselves, and what they wait for.

use super::{Text, sentences};

sentences! {
    /// What came of an action, or what it waits for.
    Acted as ActedKind {
        Issued { number: Text } = "acted_issued" => [
            "Issued as {number}",
            "Uitgegeven als {number}",
            "Wystawiono jako {number}"
        ] or [
            "The document was issued",
            "Het document is uitgegeven",
            "Dokument wystawiono"
        ];
        Confirmed { number: Text } = "acted_confirmed" => [
            "The ledger confirmed its document {number}",
            "Het boekhoudpakket bevestigde zijn document {number}",
            "Program księgowy potwierdził swój dokument {number}"
        ] or [
            "The ledger confirmed its document",
            "Het boekhoudpakket bevestigde zijn document",
            "Program księgowy potwierdził swój dokument"
        ];
        KeptHere = "acted_kept_here" => [
            "The settings keep documents of this series here; nothing was passed",
            "Volgens de instellingen blijven documenten van deze reeks hier; er is niets doorgegeven",
            "Zgodnie z ustawieniami dokumenty tej serii pozostają tutaj; nic nie przekazano"
        ];
        AwaitsLedger = "awaits_ledger" => [
            "The ledger has still to confirm its document",
            "Het boekhoudpakket moet zijn document nog bevestigen",
            "Program księgowy nie potwierdził jeszcze swojego dokumentu"
        ];
        AwaitsPdf = "awaits_pdf" => [
            "The PDF of the document is not here yet",
            "De PDF van het document is er nog niet",
            "Nie ma jeszcze pliku PDF dokumentu"
        ];
        AwaitsKsef = "awaits_ksef" => [
            "The tax office has still to number the document in KSeF",
            "De belastingdienst moet het document nog een nummer in KSeF geven",
            "Dokument czeka na numer w KSeF"
        ];
        AwaitsMarketplace = "awaits_marketplace" => [
            "The marketplace has still to take the document",
            "De marktplaats moet het document nog aannemen",
            "Platforma sprzedażowa nie przyjęła jeszcze dokumentu"
        ];
        KsefRefused = "ksef_refused" => [
            "KSeF refused the document: look at it in the ledger",
            "KSeF heeft het document geweigerd: bekijk het in het boekhoudpakket",
            "KSeF odrzucił dokument: sprawdź go w programie księgowym"
        ];
        NotInLedgerYet = "not_in_ledger_yet" => [
            "The ledger's document is the one to show, and there is none yet: pass the document first",
            "Het document van het boekhoudpakket moet worden getoond, en dat is er nog niet: geef het document eerst door",
            "Klient ma zobaczyć dokument z programu księgowego, a tego jeszcze nie ma: najpierw przekaż dokument"
        ];
        NotTaken { why: Text } = "acted_not_taken" => [
            "The ledger has no document of it: {why}",
            "Het boekhoudpakket heeft er geen document van: {why}",
            "Program księgowy nie ma tego dokumentu: {why}"
        ] or [
            "The ledger has no document of it",
            "Het boekhoudpakket heeft er geen document van",
            "Program księgowy nie ma tego dokumentu"
        ];
        GaveUp { minutes: u32 } = "acted_gave_up" => [
            "It did not happen within {minutes} minutes. See to what it waits for, then have the actions go on",
            "Het gebeurde niet binnen {minutes} minuten. Verhelp waarop het wacht en laat de acties daarna verdergaan",
            "Nie nastąpiło to w ciągu {minutes} minut. Usuń przyczynę, a następnie wznów działania"
        ] or [
            "It did not happen in time",
            "Het gebeurde niet op tijd",
            "Nie nastąpiło to na czas"
        ];
        NotIssued { why: Text } = "acted_not_issued" => [
            "Nothing was issued: {why}",
            "Er is niets uitgegeven: {why}",
            "Niczego nie wystawiono: {why}"
        ] or [
            "Nothing was issued",
            "Er is niets uitgegeven",
            "Niczego nie wystawiono"
        ];
        NoDocument = "order_without_document" => [
            "Nothing was issued from the order yet",
            "Van de bestelling is nog niets uitgegeven",
            "Do zamówienia nie wystawiono jeszcze dokumentu"
        ];
        NoAddress = "customer_without_email" => [
            "The customer of the order has no e-mail address",
            "De klant van de bestelling heeft geen e-mailadres",
            "Klient w zamówieniu nie ma adresu e-mail"
        ];
        WrongAddress { why: Text } = "customer_email_wrong" => [
            "The customer's e-mail address on the order is none: {why}",
            "Het e-mailadres van de klant op de bestelling is er geen: {why}",
            "Adres e-mail klienta w zamówieniu jest nieprawidłowy: {why}"
        ] or [
            "The customer's e-mail address on the order is none",
            "Het e-mailadres van de klant op de bestelling is er geen",
            "Adres e-mail klienta w zamówieniu jest nieprawidłowy"
        ];
        MailHanded { address: Text } = "mail_handed" => [
            "Handed to e-mail delivery, to {address}",
            "Aan de e-mailbezorging gegeven, aan {address}",
            "Przekazano do wysyłki e-mail na adres {address}"
        ] or [
            "Handed to e-mail delivery",
            "Aan de e-mailbezorging gegeven",
            "Przekazano do wysyłki e-mail"
        ];
        StatusSet { status: Text } = "order_status_set" => [
            "The order's status is {status}",
            "De status van de bestelling is {status}",
            "Status zamówienia to {status}"
        ] or [
            "The order's status was set",
            "De status van de bestelling is gezet",
            "Ustawiono status zamówienia"
        ];
        ActorGone = "acting_user_gone" => [
            "Who saved the rule may not issue documents any more: have it saved by somebody who may",
            "Wie de regel heeft opgeslagen mag geen documenten meer uitgeven: laat hem opslaan door iemand die dat mag",
            "Osoba, która zapisała regułę, nie może już wystawiać dokumentów: niech zapisze ją ktoś uprawniony"
        ];
        OfficeClosed = "office_closed" => [
            "The deletion of this office is confirmed: nothing is done any more. After it is taken back, try the actions again",
            "De verwijdering van dit kantoor is bevestigd: er gebeurt niets meer. Probeer de acties opnieuw nadat die is ingetrokken",
            "Usunięcie tego biura zostało potwierdzone: nic się już nie dzieje. Po cofnięciu usunięcia ponów działania"
        ];
        NotForwarded = "forwarding_off" => [
            "Documents are not forwarded to this marketplace; nothing was sent",
            "Documenten worden niet naar deze marktplaats doorgestuurd; er is niets verzonden",
            "Dokumenty nie są przekazywane do tej platformy; niczego nie wysłano"
        ];
        Forwarded = "acted_forwarded" => [
            "The marketplace took the document",
            "De marktplaats heeft het document aangenomen",
            "Platforma sprzedażowa przyjęła dokument"
        ];
        ForwardRefused { why: Text } = "forward_refused" => [
            "The marketplace did not take the document: {why}",
            "De marktplaats nam het document niet aan: {why}",
            "Platforma sprzedażowa nie przyjęła dokumentu: {why}"
        ] or [
            "The marketplace did not take the document",
            "De marktplaats nam het document niet aan",
            "Platforma sprzedażowa nie przyjęła dokumentu"
        ];
    }
}
