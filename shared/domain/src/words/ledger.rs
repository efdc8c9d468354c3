//! What a ledger refused or left open, in our words: what happened and what to do. The ledger's own words stand beside it as
//! they came.

use super::{Language, Sentence};

/// Makes the facts: a code and its sentence in each language, with the ledger's name.
macro_rules! facts {
    ($ledger:ident; $($name:ident = $code:literal => [$en:literal, $nl:literal, $pl:literal];)+) => {
        /// Which fact it is.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum LedgerFact {
            $(#[doc = $en] $name,)+
        }

        impl LedgerFact {
            /// Every fact.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Stable code.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)+ }
            }

            #[allow(clippy::useless_format, unused_variables, reason = "a sentence need not name the ledger")]
            fn write(self, $ledger: &str, language: Language) -> String {
                match self {
                    $(Self::$name => match language {
                        Language::English => format!($en),
                        Language::Dutch => format!($nl),
                        Language::Polish => format!($pl),
                    },)+
                }
            }
        }

        #[cfg(test)]
        pub(crate) const LEDGER_TEXTS: &[(&str, [&str; 3])] = &[$(($code, [$en, $nl, $pl]),)+];
    };
}

facts! { ledger;
    RateLimited = "rate_limited" => [
        "{ledger} takes no more requests for now. It is tried again by itself.",
        "{ledger} neemt nu geen verzoeken meer aan. Het wordt vanzelf opnieuw geprobeerd.",
        "{ledger} nie przyjmuje teraz kolejnych zapytań. Próba zostanie ponowiona automatycznie."
    ];
    ErrorBudget = "error_budget" => [
        "Too many requests to {ledger} failed within the hour. It is tried again by itself.",
        "Te veel verzoeken aan {ledger} mislukten binnen het uur. Het wordt vanzelf opnieuw geprobeerd.",
        "Zbyt wiele zapytań do {ledger} nie powiodło się w ciągu godziny. Próba zostanie ponowiona automatycznie."
    ];
    OutOfTime = "out_of_time" => [
        "There was no time left for another request in this turn; the next turn goes on from here.",
        "Er was in deze beurt geen tijd meer voor nog een verzoek; de volgende beurt gaat hier verder.",
        "W tej turze zabrakło czasu na kolejne zapytanie; następna pójdzie dalej od tego miejsca."
    ];
    Unavailable = "unavailable" => [
        "{ledger} is out of order at the moment. What it did is looked up before anything is sent again.",
        "{ledger} is op dit moment buiten dienst. Wat het deed wordt opgezocht voordat er opnieuw iets wordt gestuurd.",
        "{ledger} jest chwilowo niedostępny. Przed ponownym wysłaniem zostanie sprawdzone, co się stało."
    ];
    TimedOut = "timed_out" => [
        "{ledger} gave no answer in time. What it did is looked up before anything is sent again.",
        "{ledger} antwoordde niet op tijd. Wat het deed wordt opgezocht voordat er opnieuw iets wordt gestuurd.",
        "{ledger} nie odpowiedział na czas. Przed ponownym wysłaniem zostanie sprawdzone, co się stało."
    ];
    Unreachable = "unreachable" => [
        "{ledger} could not be reached. What it did is looked up before anything is sent again.",
        "{ledger} was niet te bereiken. Wat het deed wordt opgezocht voordat er opnieuw iets wordt gestuurd.",
        "Nie udało się połączyć z {ledger}. Przed ponownym wysłaniem zostanie sprawdzone, co się stało."
    ];
    MalformedAnswer = "malformed_answer" => [
        "{ledger} gave an answer that cannot be read. Look there whether the document arrived.",
        "{ledger} gaf een antwoord dat niet te lezen is. Kijk daar of het document is aangekomen.",
        "{ledger} zwrócił odpowiedź, której nie da się odczytać. Sprawdź tam, czy dokument dotarł."
    ];
    TokenRefused = "token_refused" => [
        "{ledger} did not accept our access. It is renewed by itself.",
        "{ledger} aanvaardde onze toegang niet. Die wordt vanzelf vernieuwd.",
        "{ledger} nie przyjął naszego dostępu. Zostanie odnowiony automatycznie."
    ];
    TokenTooEarly = "token_too_early" => [
        "A new access to {ledger} was asked for too early. It is tried again by itself.",
        "Er werd te vroeg om nieuwe toegang tot {ledger} gevraagd. Het wordt vanzelf opnieuw geprobeerd.",
        "O nowy dostęp do {ledger} poproszono zbyt wcześnie. Próba zostanie ponowiona automatycznie."
    ];
    ReconnectNeeded = "reconnect_needed" => [
        "The connection with {ledger} has ended. A person with access to {ledger} must connect again; documents wait until then.",
        "De koppeling met {ledger} is beëindigd. Iemand met toegang tot {ledger} moet opnieuw koppelen; documenten wachten tot dan.",
        "Połączenie z {ledger} wygasło. Osoba z dostępem do {ledger} musi połączyć się ponownie; dokumenty czekają do tego czasu."
    ];
    ConsentRefused = "consent_refused" => [
        "{ledger} did not accept what was given to connect: a consent is used up or too old, or a key is wrong or withdrawn. Connect again.",
        "{ledger} aanvaardde niet wat voor de koppeling is gegeven: een toestemming is al gebruikt of te oud, of een sleutel is onjuist of ingetrokken. Koppel opnieuw.",
        "{ledger} nie przyjął danych podanych do połączenia: zgoda została już użyta lub jest zbyt stara albo klucz jest błędny lub wycofany. Połącz się ponownie."
    ];
    AppRefused = "app_refused" => [
        "{ledger} does not know our registration or its secret. We have to repair that; documents wait.",
        "{ledger} kent onze registratie of het geheim ervan niet. Wij moeten dat herstellen; documenten wachten.",
        "{ledger} nie zna naszej rejestracji lub jej hasła. Musimy to naprawić; dokumenty czekają."
    ];
    UserBlocked = "user_blocked" => [
        "The {ledger} user of this connection is blocked or inactive. Unblock the user in {ledger}, or connect again with another one.",
        "De gebruiker van {ledger} voor deze koppeling is geblokkeerd of inactief. Deblokkeer de gebruiker in {ledger} of koppel opnieuw met een andere.",
        "Użytkownik {ledger} tego połączenia jest zablokowany lub nieaktywny. Odblokuj go w {ledger} albo połącz się jako inny użytkownik."
    ];
    UserRights = "user_rights" => [
        "The {ledger} user of this connection may not do this. Give the user the rights for entries and documents in this administration, then post again.",
        "De gebruiker van {ledger} voor deze koppeling mag dit niet. Geef de gebruiker rechten op boekingen en documenten in deze administratie en boek opnieuw.",
        "Użytkownik {ledger} tego połączenia nie ma do tego uprawnień. Nadaj mu prawa do zapisów i dokumentów w tej firmie i zaksięguj ponownie."
    ];
    AppScope = "app_scope" => [
        "Our registration with {ledger} lacks a permission for this. We have to repair that; nothing needs to be done in {ledger}.",
        "Onze registratie bij {ledger} mist hiervoor een recht. Wij moeten dat herstellen; in {ledger} hoeft niets te gebeuren.",
        "Naszej rejestracji w {ledger} brakuje do tego uprawnienia. Musimy to naprawić; w {ledger} nic nie trzeba robić."
    ];
    NoDivisionAccess = "no_division_access" => [
        "The {ledger} user or our app has no access to this administration. Give the user access to it and allow the app for it, then post again.",
        "De gebruiker van {ledger} of onze app heeft geen toegang tot deze administratie. Geef de gebruiker toegang, sta de app toe en boek opnieuw.",
        "Użytkownik {ledger} lub nasza aplikacja nie ma dostępu do tej firmy. Nadaj użytkownikowi dostęp, dopuść aplikację i zaksięguj ponownie."
    ];
    DivisionBlocked = "division_blocked" => [
        "This administration is blocked in {ledger}. Unblock it there, then post again.",
        "Deze administratie is geblokkeerd in {ledger}. Deblokkeer haar daar en boek opnieuw.",
        "Ta firma jest zablokowana w {ledger}. Odblokuj ją tam i zaksięguj ponownie."
    ];
    CustomerBlocked = "customer_blocked" => [
        "{ledger} blocked this customer. Contact {ledger}; posting goes on after that.",
        "{ledger} heeft deze klant geblokkeerd. Neem contact op met {ledger}; daarna gaat het boeken verder.",
        "{ledger} zablokował tego klienta. Skontaktuj się z {ledger}; potem księgowanie pójdzie dalej."
    ];
    LicenceExpired = "licence_expired" => [
        "The licence of {ledger} has ended. Renew it; posting goes on after that.",
        "De licentie van {ledger} is verlopen. Verleng haar; daarna gaat het boeken verder.",
        "Licencja {ledger} wygasła. Odnów ją; potem księgowanie pójdzie dalej."
    ];
    NotFound = "not_found" => [
        "Something that the document refers to is no longer in {ledger}. Refresh the lists of this connection and send the document again.",
        "Iets waarnaar het document verwijst staat niet meer in {ledger}. Ververs de lijsten van deze koppeling en verstuur het document opnieuw.",
        "Czegoś, do czego odwołuje się dokument, nie ma już w {ledger}. Odśwież listy tego połączenia i wyślij dokument ponownie."
    ];
    BadRequest = "bad_request" => [
        "{ledger} did not understand our request. We have to repair that; the document can be entered there by hand.",
        "{ledger} begreep ons verzoek niet. Wij moeten dat herstellen; het document kan daar met de hand worden ingevoerd.",
        "{ledger} nie zrozumiał naszego zapytania. Musimy to naprawić; dokument można wprowadzić tam ręcznie."
    ];
    MandatoryField = "mandatory_field" => [
        "{ledger} misses a mandatory field. Complete the document or the settings of the connection and post again.",
        "{ledger} mist een verplicht veld. Vul het document of de instellingen van de koppeling aan en boek opnieuw.",
        "{ledger} wymaga pola, którego brakuje. Uzupełnij dokument lub ustawienia połączenia i zaksięguj ponownie."
    ];
    PaymentConditionMissing = "payment_condition_missing" => [
        "{ledger} needs a due date or a payment condition. Enter a due date, or set a payment condition for the relation or in the connection, and post again.",
        "{ledger} heeft een vervaldatum of betalingsconditie nodig. Vul een vervaldatum in, of stel een betalingsconditie in bij de relatie of de koppeling, en boek opnieuw.",
        "{ledger} wymaga terminu lub warunków płatności. Podaj termin płatności albo ustaw warunki u kontrahenta lub w połączeniu i zaksięguj ponownie."
    ];
    UnknownVatCode = "unknown_vat_code" => [
        "The VAT code of the posting template cannot be used in this administration of {ledger}. Choose another one in the template and post again.",
        "De btw-code van het boekingssjabloon is niet te gebruiken in deze administratie van {ledger}. Kies een andere in het sjabloon en boek opnieuw.",
        "Kodu VAT z szablonu księgowania nie można użyć w tej firmie w {ledger}. Wybierz inny w szablonie i zaksięguj ponownie."
    ];
    UnknownAccount = "unknown_account" => [
        "A ledger account of the posting template does not exist in this administration of {ledger}, or is blocked. Choose another one in the template and post again.",
        "Een grootboekrekening van het boekingssjabloon bestaat niet in deze administratie van {ledger}, of is geblokkeerd. Kies een andere in het sjabloon en boek opnieuw.",
        "Konto z szablonu księgowania nie istnieje w tej firmie w {ledger} albo jest zablokowane. Wybierz inne w szablonie i zaksięguj ponownie."
    ];
    UnknownReference = "unknown_reference" => [
        "Something that the document names does not exist in this administration of {ledger}. Correct the settings of the connection, or the posting template, and send the document again.",
        "Iets wat het document noemt bestaat niet in deze administratie van {ledger}. Verbeter de instellingen van de koppeling, of het boekingssjabloon, en verstuur het document opnieuw.",
        "Czegoś, co wymienia dokument, nie ma w tej firmie w {ledger}. Popraw ustawienia połączenia lub szablon księgowania i wyślij dokument ponownie."
    ];
    NotASupplier = "not_a_supplier" => [
        "The relation is not a supplier in {ledger}. Make it one there, then post again.",
        "De relatie is geen leverancier in {ledger}. Maak haar daar leverancier en boek opnieuw.",
        "Kontrahent nie jest dostawcą w {ledger}. Oznacz go tam jako dostawcę i zaksięguj ponownie."
    ];
    NotACustomer = "not_a_customer" => [
        "The relation is not a customer in {ledger}. Make it one there, then post again.",
        "De relatie is geen klant in {ledger}. Maak haar daar klant en boek opnieuw.",
        "Kontrahent nie jest odbiorcą w {ledger}. Oznacz go tam jako odbiorcę i zaksięguj ponownie."
    ];
    ContactAccount = "contact_account" => [
        "The relation cannot be booked on its payable or receivable account. Check the accounts of the relation in {ledger}, then post again.",
        "De relatie kan niet op haar crediteuren- of debiteurenrekening worden geboekt. Controleer de rekeningen van de relatie in {ledger} en boek opnieuw.",
        "Kontrahenta nie można zaksięgować na jego koncie zobowiązań lub należności. Sprawdź konta kontrahenta w {ledger} i zaksięguj ponownie."
    ];
    WrongJournal = "wrong_journal" => [
        "The journal of the connection is of another kind. Choose a purchase or sales journal in the connection and post again.",
        "Het dagboek van de koppeling is van een andere soort. Kies een inkoop- of verkoopdagboek in de koppeling en boek opnieuw.",
        "Dziennik w ustawieniach połączenia jest innego rodzaju. Wybierz dziennik zakupów lub sprzedaży i zaksięguj ponownie."
    ];
    VatCodeNotAllowed = "vat_code_not_allowed" => [
        "The journal or the ledger account does not take this VAT code. Choose another VAT code in the posting template and post again.",
        "Het dagboek of de grootboekrekening staat deze btw-code niet toe. Kies een andere btw-code in het boekingssjabloon en boek opnieuw.",
        "Dziennik lub konto nie dopuszcza tego kodu VAT. Wybierz inny kod VAT w szablonie księgowania i zaksięguj ponownie."
    ];
    CurrencyNotAllowed = "currency_not_allowed" => [
        "The journal does not take this currency. Allow other currencies for the journal in {ledger}, or choose another journal in the connection, and post again.",
        "Het dagboek staat deze valuta niet toe. Sta vreemde valuta toe voor het dagboek in {ledger}, of kies een ander dagboek in de koppeling, en boek opnieuw.",
        "Dziennik nie dopuszcza tej waluty. Dopuść waluty obce dla dziennika w {ledger} albo wybierz inny dziennik w połączeniu i zaksięguj ponownie."
    ];
    VatPercentage = "vat_percentage" => [
        "The VAT code has no percentage for this date. Choose another VAT code in the posting template and post again.",
        "De btw-code heeft geen percentage voor deze datum. Kies een andere btw-code in het boekingssjabloon en boek opnieuw.",
        "Kod VAT nie ma stawki na ten dzień. Wybierz inny kod VAT w szablonie księgowania i zaksięguj ponownie."
    ];
    CostCentreLink = "cost_centre_link" => [
        "The cost centre does not belong to the ledger account. Choose another one in the posting template and post again.",
        "De kostenplaats hoort niet bij de grootboekrekening. Kies een andere in het boekingssjabloon en boek opnieuw.",
        "Miejsce powstawania kosztów nie pasuje do konta. Wybierz inne w szablonie księgowania i zaksięguj ponownie."
    ];
    AccountType = "account_type" => [
        "A ledger account of the posting template cannot be used for this. Choose another one in the template and post again.",
        "Een grootboekrekening van het boekingssjabloon is hiervoor niet te gebruiken. Kies een andere in het sjabloon en boek opnieuw.",
        "Konta z szablonu księgowania nie można do tego użyć. Wybierz inne w szablonie i zaksięguj ponownie."
    ];
    PeriodClosed = "period_closed" => [
        "The period is closed in {ledger}. Open it there and post again, or choose a booking date in the first open period.",
        "De periode is afgesloten in {ledger}. Open haar daar en boek opnieuw, of kies een boekdatum in de eerste open periode.",
        "Okres jest zamknięty w {ledger}. Otwórz go tam i zaksięguj ponownie albo wybierz datę księgowania w pierwszym otwartym okresie."
    ];
    YearMissing = "year_missing" => [
        "The financial year of the booking does not exist in {ledger}. Make it there and post again.",
        "Het boekjaar van de boeking bestaat niet in {ledger}. Maak het daar aan en boek opnieuw.",
        "Rok obrotowy księgowania nie istnieje w {ledger}. Utwórz go tam i zaksięguj ponownie."
    ];
    OutOfBalance = "out_of_balance" => [
        "The booking does not balance in {ledger}. Set an account for rounding differences there, or check the VAT code of the posting template, and post again.",
        "De boeking is niet in evenwicht in {ledger}. Stel daar een rekening voor afrondingsverschillen in, of controleer de btw-code van het boekingssjabloon, en boek opnieuw.",
        "Zapis w {ledger} się nie bilansuje. Ustaw tam konto różnic z zaokrągleń albo sprawdź kod VAT w szablonie księgowania i zaksięguj ponownie."
    ];
    NumberInUse = "number_in_use" => [
        "The number of this document is already used in {ledger}. Look whether the document is there already; if not, let {ledger} number documents in the settings and send it again.",
        "Het nummer van dit document is al in gebruik in {ledger}. Kijk of het document daar al staat; zo niet, laat {ledger} in de instellingen zelf nummeren en verstuur het opnieuw.",
        "Numer tego dokumentu jest już użyty w {ledger}. Sprawdź, czy dokument już tam jest; jeśli nie, ustaw numerację przez {ledger} i wyślij go ponownie."
    ];
    Chronology = "chronology" => [
        "Numbers and dates of the series would no longer follow each other in {ledger}. Look whether the series starts anew as often there as it does here, or let {ledger} number, and pass the document again.",
        "Nummers en datums van de reeks zouden in {ledger} niet meer op elkaar volgen. Kijk of de reeks daar even vaak opnieuw begint als hier, of laat {ledger} nummeren, en geef het document opnieuw door.",
        "Numery i daty serii w {ledger} nie następowałyby już po sobie. Sprawdź, czy seria zaczyna się tam od nowa tak samo często jak tutaj, albo pozwól {ledger} nadawać numery i przekaż dokument ponownie."
    ];
    LedgerSetting = "ledger_setting" => [
        "A setting in {ledger} does not let this document in. Change it there and pass the document again.",
        "Een instelling in {ledger} laat dit document niet toe. Wijzig haar daar en geef het document opnieuw door.",
        "Ustawienie w {ledger} nie pozwala przyjąć tego dokumentu. Zmień je tam i przekaż dokument ponownie."
    ];
    StockTooLow = "stock_too_low" => [
        "There is less in stock in {ledger} than this document sells. Correct the stock there, or allow it to fall below zero, and pass the document again.",
        "In {ledger} is minder op voorraad dan dit document verkoopt. Verbeter daar de voorraad, of sta toe dat zij onder nul komt, en geef het document opnieuw door.",
        "Stan magazynowy w {ledger} jest mniejszy niż sprzedaż na tym dokumencie. Popraw tam stan albo pozwól na stan ujemny i przekaż dokument ponownie."
    ];
    QuotaUsedUp = "quota_used_up" => [
        "The licence of {ledger} allows no more documents for now. Extend it there, or wait until it starts again; documents wait until then.",
        "De licentie van {ledger} staat nu geen documenten meer toe. Breid haar daar uit, of wacht tot zij opnieuw begint; documenten wachten tot dan.",
        "Licencja {ledger} nie pozwala teraz na więcej dokumentów. Rozszerz ją tam albo poczekaj na odnowienie limitu; dokumenty czekają do tego czasu."
    ];
    AlreadyProcessed = "already_processed" => [
        "{ledger} has already processed this. Look there whether the document arrived.",
        "{ledger} heeft dit al verwerkt. Kijk daar of het document is aangekomen.",
        "{ledger} już to przetworzył. Sprawdź tam, czy dokument dotarł."
    ];
    WrongDivision = "wrong_division" => [
        "{ledger} answered for another administration. Choose the one of the connection again.",
        "{ledger} antwoordde voor een andere administratie. Kies die van de koppeling opnieuw.",
        "{ledger} odpowiedział dla innej firmy. Wybierz ponownie firmę w połączeniu."
    ];
    DocumentType = "document_type" => [
        "The {ledger} user of this connection may not make documents of this type. Give the user the right and post again.",
        "De gebruiker van {ledger} voor deze koppeling mag geen documenten van deze soort maken. Geef de gebruiker dat recht en boek opnieuw.",
        "Użytkownik {ledger} tego połączenia nie może tworzyć dokumentów tego rodzaju. Nadaj mu to prawo i zaksięguj ponownie."
    ];
    Refused = "refused" => [
        "{ledger} refused the document. Correct it and send it again, or enter it there by hand.",
        "{ledger} weigerde het document. Verbeter het en verstuur het opnieuw, of voer het daar met de hand in.",
        "{ledger} odrzucił dokument. Popraw go i wyślij ponownie albo wprowadź go tam ręcznie."
    ];
    Duplicate = "duplicate" => [
        "{ledger} already has this document, booked by somebody else. Look at it there; if it is another document, post this one again and accept the duplicate.",
        "{ledger} heeft dit document al, door iemand anders geboekt. Bekijk het daar; is het een ander document, boek dit dan opnieuw en accepteer het dubbele nummer.",
        "{ledger} ma już ten dokument, zaksięgowany przez kogoś innego. Sprawdź go tam; jeśli to inny dokument, zaksięguj ten ponownie i zaakceptuj duplikat."
    ];
    Mismatch = "mismatch" => [
        "{ledger} booked something else than was asked. Correct or remove the entry in {ledger}, then settle this document by hand.",
        "{ledger} heeft iets anders geboekt dan gevraagd. Verbeter of verwijder het boekstuk in {ledger} en handel dit document met de hand af.",
        "{ledger} zaksięgował co innego, niż zlecono. Popraw lub usuń zapis w {ledger}, a potem rozstrzygnij ten dokument ręcznie."
    ];
    ContactMissing = "contact_missing" => [
        "The contact was not found in {ledger} by VAT number, registry number or bank account. Make it there or choose the right relation at the contact, and post again; or allow making relations in the connection.",
        "De relatie is in {ledger} niet gevonden op btw-nummer, KvK-nummer of bankrekening. Maak haar daar aan of kies de juiste bij de relatie, en boek opnieuw; of sta in de koppeling toe dat relaties worden aangemaakt.",
        "Nie znaleziono kontrahenta w {ledger} po numerze VAT, numerze rejestrowym ani rachunku. Dodaj go tam albo wybierz właściwego i zaksięguj ponownie; możesz też zezwolić w połączeniu na tworzenie kontrahentów."
    ];
    ContactAmbiguous = "contact_ambiguous" => [
        "Several relations of {ledger} have the identifiers of the contact. Choose the right one at the contact, and post again.",
        "Meerdere relaties in {ledger} hebben de nummers van deze relatie. Kies de juiste bij de relatie en boek opnieuw.",
        "Kilku kontrahentów w {ledger} ma numery tego kontrahenta. Wybierz właściwego i zaksięguj ponownie."
    ];
    ContactUnidentified = "contact_unidentified" => [
        "The contact was not found in {ledger}, and cannot be made there without a VAT number or a registry number. Complete it or choose the right relation of {ledger}, and post again.",
        "De relatie is in {ledger} niet gevonden en kan daar zonder btw-nummer of KvK-nummer niet worden aangemaakt. Vul haar aan of kies de juiste relatie van {ledger}, en boek opnieuw.",
        "Nie znaleziono kontrahenta w {ledger}, a bez numeru VAT lub rejestrowego nie można go tam dodać. Uzupełnij dane albo wybierz właściwego kontrahenta z {ledger} i zaksięguj ponownie."
    ];
    ContactBlocked = "contact_blocked" => [
        "The relation is blocked in {ledger}. Unblock it there, then post again.",
        "De relatie is geblokkeerd in {ledger}. Deblokkeer haar daar en boek opnieuw.",
        "Kontrahent jest zablokowany w {ledger}. Odblokuj go tam i zaksięguj ponownie."
    ];
    Option = "option" => [
        "A setting of the connection with {ledger} is missing or wrong. Set it in the connection and post again.",
        "Een instelling van de koppeling met {ledger} ontbreekt of klopt niet. Stel haar in bij de koppeling en boek opnieuw.",
        "Brakuje ustawienia połączenia z {ledger} lub jest ono błędne. Popraw je w połączeniu i zaksięguj ponownie."
    ];
    Held = "held" => [
        "How {ledger} wants this booked is not certain, so it is held for a person. Book it by hand; or try one in a test administration, set the option of the connection that is named here, and post again.",
        "Hoe {ledger} dit geboekt wil hebben staat niet vast, dus het wacht op een mens. Boek het met de hand; of probeer er een in een testadministratie, stel de optie van de koppeling in die hier genoemd wordt, en boek opnieuw.",
        "Nie jest pewne, jak {ledger} chce to zaksięgować, dlatego czeka na człowieka. Zaksięguj ręcznie albo wypróbuj w administracji testowej, ustaw wskazaną tu opcję połączenia i zaksięguj ponownie."
    ];
    FileTooLarge = "file_too_large" => [
        "A file of this document is larger than {ledger} takes. Choose other files to attach in the connection, or post the document with a smaller file.",
        "Een bestand van dit document is groter dan {ledger} toestaat. Kies in de koppeling andere bestanden om bij te voegen, of boek het document met een kleiner bestand.",
        "Plik tego dokumentu jest większy, niż przyjmuje {ledger}. Wybierz w połączeniu inne pliki do dołączenia albo zaksięguj dokument z mniejszym plikiem."
    ];
    SellerIncomplete = "seller_incomplete" => [
        "{ledger} lacks data of the seller, such as the name or the tax number. Complete the company or the department there, then pass the document again.",
        "In {ledger} ontbreken gegevens van de verkoper, zoals de naam of het belastingnummer. Vul daar het bedrijf of de afdeling aan en geef het document opnieuw door.",
        "W {ledger} brakuje danych sprzedawcy, na przykład nazwy lub numeru NIP. Uzupełnij tam dane firmy lub działu i przekaż dokument ponownie."
    ];
    CustomerRefused = "customer_refused" => [
        "{ledger} does not take the data of the customer as they stand on the order. Its own words say which field; enter this document there by hand.",
        "{ledger} neemt de gegevens van de klant niet aan zoals zij op de bestelling staan. De eigen woorden zeggen welk veld; voer dit document daar met de hand in.",
        "{ledger} nie przyjmuje danych klienta w postaci z zamówienia. Jego komunikat wskazuje pole; wprowadź ten dokument tam ręcznie."
    ];
    AccountProtection = "account_protection" => [
        "The level of protection that is chosen in {ledger} does not allow this. Choose another level in the settings of the account there, then pass the document again.",
        "Het beveiligingsniveau dat in {ledger} is gekozen staat dit niet toe. Kies daar een ander niveau in de instellingen van het account en geef het document opnieuw door.",
        "Poziom zabezpieczeń wybrany w {ledger} na to nie pozwala. Wybierz tam inny poziom w ustawieniach konta i przekaż dokument ponownie."
    ];
    InProgress = "in_progress" => [
        "{ledger} is still working on this document. It is asked again by itself what came of it.",
        "{ledger} is nog met dit document bezig. Vanzelf wordt opnieuw gevraagd wat ervan is geworden.",
        "{ledger} jeszcze przetwarza ten dokument. O wynik zapytamy ponownie automatycznie."
    ];
    NotSeen = "not_seen" => [
        "It is not certain whether {ledger} took this document: the answer was lost, and it is not there so far. Look there later, then say here whether it is there; if not, it can be passed again.",
        "Het is niet zeker of {ledger} dit document heeft aangenomen: het antwoord ging verloren en het staat er nog niet. Kijk daar later en zeg dan hier of het er staat; zo niet, dan kan het opnieuw worden doorgegeven.",
        "Nie ma pewności, czy {ledger} przyjął ten dokument: odpowiedź zaginęła, a dokumentu na razie tam nie ma. Sprawdź tam później i podaj tutaj, czy jest; jeśli nie, można go przekazać ponownie."
    ];
    OrderUnknown = "order_unknown" => [
        "{ledger} does not know the order of this document, or does not take its invoice yet. Check the number of the order, and that it was sent; then forward the document again.",
        "{ledger} kent de bestelling van dit document niet, of neemt de factuur nog niet aan. Controleer het nummer van de bestelling en of zij is verzonden; stuur het document dan opnieuw door.",
        "{ledger} nie zna zamówienia tego dokumentu albo jeszcze nie przyjmuje do niego faktury. Sprawdź numer zamówienia i czy zostało wysłane, a potem przekaż dokument ponownie."
    ];
    OrderOpen = "order_open" => [
        "The order of this document is not finished in {ledger}: it takes the invoice with the shipment. Finish the order there, then forward the document again.",
        "De bestelling van dit document is in {ledger} niet afgerond: de factuur wordt bij de verzending aangenomen. Rond de bestelling daar af en stuur het document opnieuw door.",
        "Zamówienie tego dokumentu nie jest zakończone w {ledger}: faktura jest przyjmowana przy wysyłce. Zakończ tam zamówienie i przekaż dokument ponownie."
    ];
    FileRefused = "file_refused" => [
        "{ledger} did not take the file of this document as a PDF that it can show. Look at the file; then forward the document again, or give it to the customer there by hand.",
        "{ledger} nam het bestand van dit document niet aan als pdf die het kan tonen. Bekijk het bestand; stuur het document dan opnieuw door of geef het de klant daar met de hand.",
        "{ledger} nie przyjął pliku tego dokumentu jako PDF, który może pokazać. Obejrzyj plik, a potem przekaż dokument ponownie albo udostępnij go tam klientowi ręcznie."
    ];
    SellerNotEnabled = "seller_not_enabled" => [
        "{ledger} does not let this seller give invoices of his own. Have that switched on in the account there; documents wait until then.",
        "{ledger} staat deze verkoper niet toe zelf facturen te verstrekken. Laat dat daar in het account inschakelen; documenten wachten tot dan.",
        "{ledger} nie pozwala temu sprzedawcy przekazywać własnych faktur. Włącz to tam w ustawieniach konta; dokumenty czekają do tego czasu."
    ];
    AddressNotAllowed = "address_not_allowed" => [
        "{ledger} lets no requests of this user in from here. Allow our address there and give the user the right to use the API; documents wait until then.",
        "{ledger} laat van hieruit geen verzoeken van deze gebruiker toe. Sta ons adres daar toe en geef de gebruiker het recht om de API te gebruiken; documenten wachten tot dan.",
        "{ledger} nie wpuszcza stąd zapytań tego użytkownika. Dopuść tam nasz adres i nadaj użytkownikowi prawo do korzystania z API; dokumenty czekają do tego czasu."
    ];
    AnswerLost = "answer_lost" => [
        "The answer of {ledger} was lost, and the document was found there afterwards. Its page and PDF are not known here, and customers get ours; compare the two documents.",
        "Het antwoord van {ledger} ging verloren en het document is daar later gevonden. De pagina en de PDF ervan zijn hier niet bekend, en klanten krijgen de onze; vergelijk de twee documenten.",
        "Odpowiedź {ledger} zaginęła, a dokument odnaleziono tam później. Jego strona i PDF nie są tu znane, więc klienci dostają nasz; porównaj oba dokumenty."
    ];
    Unsupported = "unsupported" => [
        "{ledger} cannot do this. Enter the document there by hand.",
        "{ledger} kan dit niet. Voer het document daar met de hand in.",
        "{ledger} tego nie obsługuje. Wprowadź dokument tam ręcznie."
    ];
    ForeignHost = "foreign_host" => [
        "A request would have left the hosts of {ledger}; nothing was sent. We have to repair that.",
        "Een verzoek zou buiten de servers van {ledger} zijn gegaan; er is niets gestuurd. Wij moeten dat herstellen.",
        "Zapytanie trafiłoby poza serwery {ledger}; nic nie wysłano. Musimy to naprawić."
    ];
}

/// A fact as a ledger told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerTold {
    /// Which fact.
    pub fact: LedgerFact,
    /// The ledger's name.
    pub ledger: String,
    /// What it is about: an account, a contact, an entry's number. May be empty.
    pub about: String,
    /// The ledger's own words, as they came. May be empty.
    pub words: String,
}

impl LedgerTold {
    /// The fact that was stored as this code with these values.
    pub fn read(code: &str, values: &[String]) -> Option<Self> {
        let fact = LedgerFact::ALL.iter().copied().find(|fact| fact.as_str() == code)?;
        let [ledger, about, words] = values else { return None };
        Some(Self { fact, ledger: ledger.clone(), about: about.clone(), words: words.clone() })
    }

    /// What a code says without values.
    pub(super) fn brief(code: &str, language: Language) -> Option<String> {
        let fact = LedgerFact::ALL.iter().copied().find(|fact| fact.as_str() == code)?;
        let ledger = language.of(["the ledger", "het boekhoudpakket", "program księgowy"]);
        Some(capital(&fact.write(ledger, language)))
    }

    /// Whether the last of the stored values may be cut: the ledger's own words.
    pub(super) fn ends_in_text(code: &str, values: &[String]) -> bool {
        Self::read(code, values).is_some()
    }
}

impl Sentence for LedgerTold {
    fn code(&self) -> &'static str {
        self.fact.as_str()
    }

    fn values(&self) -> Vec<String> {
        vec![self.ledger.clone(), self.about.clone(), self.words.clone()]
    }

    fn write(&self, language: Language) -> String {
        let about = if self.about.is_empty() { String::new() } else { format!(" ({})", self.about) };
        let own = if self.words.is_empty() { String::new() } else { format!(" {}: {}", self.ledger, self.words) };
        format!("{}{about}{own}", self.fact.write(&self.ledger, language))
    }
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}
