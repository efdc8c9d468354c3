//! What is said of documents that go by mail: why one waits, what came of it, and how the accountant finds it.

use super::{Text, sentences};

sentences! {
    /// What is said of a delivery, or of a document that is to be delivered.
    Mailed as MailedKind {
        NotSharing = "mail_not_sharing" => [
            "The client's documents are not shared with the accountant: turn the switch on. What came before is sent by hand",
            "De documenten van de klant worden niet met de accountant gedeeld: zet de schakelaar aan. Wat eerder kwam wordt met de hand verstuurd",
            "Dokumenty klienta nie są udostępniane księgowemu: włącz udostępnianie. Wcześniejsze dokumenty wysyła się ręcznie"
        ];
        BeforeActivation = "mail_before_activation" => [
            "It was shared before the connection was turned on: send it by hand if it is wanted",
            "Het is gedeeld voordat de koppeling werd aangezet: verstuur het met de hand als dat nodig is",
            "Udostępniono go przed włączeniem połączenia: w razie potrzeby wyślij ręcznie"
        ];
        NoAddress = "mail_no_address" => [
            "The connection has no address for such documents",
            "De koppeling heeft geen adres voor zulke documenten",
            "Połączenie nie ma adresu dla takich dokumentów"
        ];
        OutOfScope = "mail_out_of_scope" => [
            "The connection sends sales documents only",
            "De koppeling verstuurt alleen verkoopdocumenten",
            "Połączenie wysyła tylko dokumenty sprzedaży"
        ];
        AlreadyPosted = "mail_already_posted" => [
            "It is in the ledger already, and the connection asks for no copies",
            "Het staat al in het boekhoudpakket en de koppeling vraagt geen kopieën",
            "Jest już w programie księgowym, a połączenie nie wysyła kopii"
        ];
        ByHand = "mail_by_hand" => [
            "The connection sends when a person says so",
            "De koppeling verstuurt wanneer iemand dat vraagt",
            "Połączenie wysyła na polecenie użytkownika"
        ];
        NoPackage = "mail_no_package" => [
            "The connection's package was deleted: choose another",
            "Het pakket van de koppeling is verwijderd: kies een ander",
            "Pakiet połączenia został usunięty: wybierz inny"
        ];
        NoConnection = "mail_no_connection" => [
            "The client has no connection over which documents are mailed",
            "De klant heeft geen koppeling waarover documenten worden gemaild",
            "Klient nie ma połączenia do wysyłania dokumentów"
        ];
        SwitchedOff = "mail_switched_off" => [
            "Sharing was turned off before it was sent: send it by hand if it is wanted",
            "Het delen werd uitgezet voordat het was verstuurd: verstuur het met de hand als dat nodig is",
            "Udostępnianie wyłączono przed wysłaniem: w razie potrzeby wyślij ręcznie"
        ];
        Suspended { address: Text } = "mail_suspended" => [
            "A mail to {address} came back: confirm the address or enter another",
            "Een mail aan {address} kwam terug: bevestig het adres of voer een ander in",
            "Wiadomość na adres {address} wróciła: potwierdź adres lub podaj inny"
        ] or [
            "A mail to this address came back: confirm the address or enter another",
            "Een mail aan dit adres kwam terug: bevestig het adres of voer een ander in",
            "Wiadomość na ten adres wróciła: potwierdź adres lub podaj inny"
        ];
        PutOff { why: Text } = "mail_put_off" => [
            "The mail service does not take it for now, it is tried again: {why}",
            "De maildienst neemt het nu niet aan, het wordt opnieuw geprobeerd: {why}",
            "Usługa pocztowa chwilowo go nie przyjmuje, nastąpi ponowna próba: {why}"
        ] or [
            "The mail service does not take it for now, it is tried again",
            "De maildienst neemt het nu niet aan, het wordt opnieuw geprobeerd",
            "Usługa pocztowa chwilowo go nie przyjmuje, nastąpi ponowna próba"
        ];
        Refused { why: Text } = "mail_refused" => [
            "The mail service refused it: {why}",
            "De maildienst weigerde het: {why}",
            "Usługa pocztowa odrzuciła wiadomość: {why}"
        ] or [
            "The mail service refused it",
            "De maildienst weigerde het",
            "Usługa pocztowa odrzuciła wiadomość"
        ];
        Lost = "mail_lost" => [
            "The mail service did not answer, and it is not known whether the mail went out: ask the receiver, then mark it as arrived or send it again",
            "De maildienst antwoordde niet en het is onbekend of de mail is verstuurd: vraag het de ontvanger en markeer het dan als aangekomen of verstuur het opnieuw",
            "Usługa pocztowa nie odpowiedziała i nie wiadomo, czy wiadomość wyszła: zapytaj odbiorcę, a potem oznacz jako dostarczoną lub wyślij ponownie"
        ];
        Bounced { why: Text } = "mail_bounced" => [
            "The mail came back, the address does not take mail: {why}",
            "De mail kwam terug, het adres neemt geen mail aan: {why}",
            "Wiadomość wróciła, adres nie przyjmuje poczty: {why}"
        ] or [
            "The mail came back, the address does not take mail",
            "De mail kwam terug, het adres neemt geen mail aan",
            "Wiadomość wróciła, adres nie przyjmuje poczty"
        ];
        BouncedForNow { why: Text } = "mail_bounced_for_now" => [
            "The mail came back for a reason that may pass: {why}",
            "De mail kwam terug om een reden die kan overgaan: {why}",
            "Wiadomość wróciła z przyczyny, która może być przejściowa: {why}"
        ] or [
            "The mail came back for a reason that may pass",
            "De mail kwam terug om een reden die kan overgaan",
            "Wiadomość wróciła z przyczyny, która może być przejściowa"
        ];
        Complained = "mail_complained" => [
            "The receiver called the mail unwanted: agree with them, then confirm the address",
            "De ontvanger noemde de mail ongewenst: overleg en bevestig daarna het adres",
            "Odbiorca oznaczył wiadomość jako niechcianą: wyjaśnij to, a potem potwierdź adres"
        ];
        Delayed { why: Text } = "mail_delayed" => [
            "The receiving server does not take the mail for now: {why}",
            "De ontvangende server neemt de mail nu niet aan: {why}",
            "Serwer odbiorcy chwilowo nie przyjmuje wiadomości: {why}"
        ] or [
            "The receiving server does not take the mail for now",
            "De ontvangende server neemt de mail nu niet aan",
            "Serwer odbiorcy chwilowo nie przyjmuje wiadomości"
        ];
        ThrownAway { why: Text } = "mail_thrown_away" => [
            "The mail service took the mail and threw it away: {why}",
            "De maildienst nam de mail aan en gooide hem weg: {why}",
            "Usługa pocztowa przyjęła wiadomość i ją usunęła: {why}"
        ] or [
            "The mail service took the mail and threw it away",
            "De maildienst nam de mail aan en gooide hem weg",
            "Usługa pocztowa przyjęła wiadomość i ją usunęła"
        ];
        NoFile = "mail_no_file" => [
            "The stored file is missing: whoever runs the system has to bring it back, then send it again",
            "Het bewaarde bestand ontbreekt: de beheerder moet het terugzetten, verstuur het daarna opnieuw",
            "Brakuje zapisanego pliku: administrator systemu musi go przywrócić, potem wyślij ponownie"
        ];
        NotMade { why: Text } = "mail_not_made" => [
            "The mail could not be made: {why}",
            "De mail kon niet worden gemaakt: {why}",
            "Nie udało się utworzyć wiadomości: {why}"
        ] or [
            "The mail could not be made",
            "De mail kon niet worden gemaakt",
            "Nie udało się utworzyć wiadomości"
        ];
        LinkForSize { megabytes: u32 } = "mail_link_for_size" => [
            "With its files the mail would have {megabytes} MB, more than can be sent: it went as a link",
            "Met de bestanden zou de mail {megabytes} MB zijn, meer dan kan worden verstuurd: hij is als link verstuurd",
            "Z plikami wiadomość miałaby {megabytes} MB, więcej niż można wysłać: wysłano odnośnik"
        ] or [
            "With its files the mail would have been too large: it went as a link",
            "Met de bestanden zou de mail te groot zijn: hij is als link verstuurd",
            "Z plikami wiadomość byłaby za duża: wysłano odnośnik"
        ];
        NotExported { why: Text } = "mail_not_written" => [
            "It went as PDF only, since no e-invoice could be written: {why}",
            "Het is alleen als PDF verstuurd, omdat er geen e-factuur kon worden gemaakt: {why}",
            "Wysłano tylko PDF, ponieważ nie udało się utworzyć e-faktury: {why}"
        ] or [
            "It went as PDF only, since no e-invoice could be written",
            "Het is alleen als PDF verstuurd, omdat er geen e-factuur kon worden gemaakt",
            "Wysłano tylko PDF, ponieważ nie udało się utworzyć e-faktury"
        ];
        WantsSharing = "mail_wants_sharing" => [
            "It is not shared with the accountant yet: accept it, mark it as sent, archive it or put it into the shared folder",
            "Het is nog niet met de accountant gedeeld: accepteer het, markeer het als verstuurd, archiveer het of zet het in de gedeelde map",
            "Nie udostępniono go jeszcze księgowemu: zaakceptuj go, oznacz jako wysłany, zarchiwizuj lub dodaj do wspólnego folderu"
        ];
        WaitsToGo = "mail_waits_to_go" => [
            "It is about to be sent",
            "Het wordt verstuurd",
            "Oczekuje na wysłanie"
        ];
        Gone = "mail_gone" => [
            "It was sent to the accounting package and can be processed there",
            "Het is naar het boekhoudpakket verstuurd en kan daar worden verwerkt",
            "Wysłano go do programu księgowego, można go tam zaksięgować"
        ];
        ProcessedByHand = "mail_processed_by_hand" => [
            "Somebody marked it as processed",
            "Iemand heeft het als verwerkt gemarkeerd",
            "Ktoś oznaczył go jako zaksięgowany"
        ];
        MarkedSent = "mail_marked_sent" => [
            "Marked as sent to the customer; it is shared with the accountant",
            "Gemarkeerd als verstuurd aan de klant; het is met de accountant gedeeld",
            "Oznaczono jako wysłany do klienta; udostępniono go księgowemu"
        ];
        ArchivedDirectly = "mail_archived_directly" => [
            "Archived without being sent to the customer; it is shared with the accountant",
            "Gearchiveerd zonder het aan de klant te versturen; het is met de accountant gedeeld",
            "Zarchiwizowano bez wysyłania do klienta; udostępniono go księgowemu"
        ];
        InLedger = "mail_in_ledger" => [
            "It is in the ledger",
            "Het staat in het boekhoudpakket",
            "Jest w programie księgowym"
        ];
    }
}
