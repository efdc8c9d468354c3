//! Why a document is not in an export file.

use super::{Amount, Text, sentences};
use crate::time::Date;

sentences! {
    /// Why a format cannot take a document, and what to do about it.
    Unfit as UnfitKind {
        NoRate { currency: Text, books: Text } = "no_rate" => [
            "There is no exchange rate from {currency} to {books} with the document: store it with its date and source",
            "Bij het document staat geen wisselkoers van {currency} naar {books}: leg hem vast met datum en bron",
            "Dokument nie ma kursu wymiany z {currency} na {books}: zapisz go z datą i źródłem"
        ] or [
            "There is no exchange rate with the document",
            "Bij het document staat geen wisselkoers",
            "Dokument nie ma kursu wymiany"
        ];
        ValueMissing { field: Text } = "export_value_missing" => [
            "The export needs a value that the document does not have: {field}",
            "De export heeft een gegeven nodig dat niet bij het document staat: {field}",
            "Eksport wymaga danych, których dokument nie ma: {field}"
        ] or [
            "The document lacks a value that the export needs",
            "Bij het document ontbreekt een gegeven dat de export nodig heeft",
            "Dokument nie ma danych potrzebnych do eksportu"
        ];
        SettingMissing { setting: Text, code: Text } = "export_setting_missing" => [
            "The export's settings do not say what {code} becomes: add it to {setting}",
            "De instellingen van de export zeggen niet wat {code} wordt: vul {setting} aan",
            "Ustawienia eksportu nie określają, czym staje się {code}: uzupełnij {setting}"
        ] or [
            "A code of the document is missing from the export's settings",
            "Een code van het document ontbreekt in de instellingen van de export",
            "W ustawieniach eksportu brakuje kodu z dokumentu"
        ];
        Characters { field: Text, value: Text } = "export_characters" => [
            "The format cannot express characters of {field}: {value}",
            "Het formaat kan tekens van {field} niet weergeven: {value}",
            "Format nie może zapisać znaków pola {field}: {value}"
        ] or [
            "The format cannot express some characters of the document",
            "Het formaat kan sommige tekens van het document niet weergeven",
            "Format nie może zapisać niektórych znaków dokumentu"
        ];
        TooLong { field: Text, limit: u32 } = "export_too_long" => [
            "The format has room for {limit} characters of {field}: shorten it",
            "Het formaat heeft plaats voor {limit} tekens van {field}: kort het in",
            "Format mieści {limit} znaków pola {field}: skróć je"
        ] or [
            "A value of the document is too long for the format",
            "Een gegeven van het document is te lang voor het formaat",
            "Wartość z dokumentu jest za długa dla tego formatu"
        ];
        OutsidePeriod { date: Date, from: Date, to: Date } = "export_outside_period" => [
            "The posting date {date} is not between {from} and {to}, which the file is for",
            "De boekdatum {date} ligt niet tussen {from} en {to}, waarvoor het bestand is",
            "Data księgowania {date} nie mieści się między {from} a {to}, dla których jest plik"
        ] or [
            "The posting date is outside the period of the file",
            "De boekdatum valt buiten de periode van het bestand",
            "Data księgowania jest poza okresem pliku"
        ];
        Unbalanced { lines: Amount, total: Amount } = "export_unbalanced" => [
            "The rows would add up to {lines} and the document to {total}: check what the export's settings make of its VAT codes",
            "De regels zouden optellen tot {lines} en het document tot {total}: controleer wat de instellingen van de btw-codes maken",
            "Wiersze dałyby razem {lines}, a dokument {total}: sprawdź, co ustawienia eksportu robią z jego kodami VAT"
        ] or [
            "The rows of the document would not add up to its total",
            "De regels van het document zouden niet optellen tot zijn totaal",
            "Wiersze dokumentu nie dałyby jego kwoty razem"
        ];
        OutOfRange { field: Text, value: Text } = "export_out_of_range" => [
            "The format does not take {value} as {field}",
            "Het formaat neemt {value} niet aan als {field}",
            "Format nie przyjmuje {value} jako {field}"
        ] or [
            "The format does not take a number of the document",
            "Het formaat neemt een getal van het document niet aan",
            "Format nie przyjmuje jednej z liczb dokumentu"
        ];
        Digits { field: Text, digits: u32, value: Text } = "export_digits" => [
            "{field} has to be {digits} digits in this format, and is {value}",
            "{field} moet in dit formaat {digits} cijfers zijn, en is {value}",
            "{field} musi mieć w tym formacie {digits} cyfr, a jest to {value}"
        ] or [
            "An account of the document is not the number that the format needs",
            "Een rekening van het document is niet het nummer dat het formaat nodig heeft",
            "Konto z dokumentu nie jest numerem, jakiego wymaga format"
        ];
        TooManyRows { rows: u32, limit: u32 } = "export_too_many_rows" => [
            "The file would have {rows} rows and the format takes {limit}: export more often, or fewer documents at once",
            "Het bestand zou {rows} regels hebben en het formaat neemt er {limit}: exporteer vaker, of minder documenten tegelijk",
            "Plik miałby {rows} wierszy, a format przyjmuje {limit}: eksportuj częściej albo mniej dokumentów naraz"
        ] or [
            "The file would have more rows than the format takes: export fewer documents at once",
            "Het bestand zou meer regels hebben dan het formaat aanneemt: exporteer minder documenten tegelijk",
            "Plik miałby więcej wierszy, niż przyjmuje format: eksportuj mniej dokumentów naraz"
        ];
        SalesOnly = "export_sales_only" => [
            "The format takes sales documents only",
            "Het formaat neemt alleen verkoopdocumenten op",
            "Format obejmuje tylko dokumenty sprzedaży"
        ];
        NotUbl = "export_not_ubl" => [
            "The document did not come as UBL: export it another way, or let the settings take other files along",
            "Het document is niet als UBL binnengekomen: exporteer het anders, of laat de instellingen andere bestanden meenemen",
            "Dokument nie przyszedł jako UBL: wyeksportuj go inaczej albo pozwól w ustawieniach dołączać inne pliki"
        ];
    }
}

sentences! {
    /// Why an export run could not begin.
    Stop as StopKind {
        NoFinanceUser = "no_finance_user" => [
            "None of the users on whose behalf the job runs has the role Finance and access to the administration any more: choose one",
            "Geen van de gebruikers namens wie de taak loopt heeft nog de rol Finance en toegang tot de administratie: kies er een",
            "Żaden z użytkowników, w których imieniu działa zadanie, nie ma już roli Finance i dostępu do administracji: wybierz kogoś"
        ] or [
            "No user with the role Finance is left for the job",
            "De taak heeft geen gebruiker met de rol Finance meer",
            "Zadanie nie ma już użytkownika z rolą Finance"
        ];
        ConnectionGone = "export_connection_gone" => [
            "The connection to the ledger no longer serves this administration: choose another one in the facility",
            "De koppeling met het boekhoudpakket bedient deze administratie niet meer: kies een andere in de exportinstelling",
            "Połączenie z programem księgowym nie obsługuje już tej administracji: wybierz inne w ustawieniach eksportu"
        ];
        SettingsIncomplete { problems: Text } = "export_settings_incomplete" => [
            "The export's settings cannot be used: {problems}",
            "De instellingen van de export zijn niet bruikbaar: {problems}",
            "Nie można użyć ustawień eksportu: {problems}"
        ] or [
            "The export's settings cannot be used",
            "De instellingen van de export zijn niet bruikbaar",
            "Nie można użyć ustawień eksportu"
        ];
        NotComplete = "export_not_complete" => [
            "What was read of the document is no complete booking: send it back for review",
            "Wat van het document is gelezen is geen volledige boeking: stuur het terug voor controle",
            "To, co odczytano z dokumentu, nie jest pełnym księgowaniem: odeślij go do sprawdzenia"
        ];
        DateShared { field: Text } = "export_date_shared" => [
            "The ledger has one date only ({field}), and the run would have to change that of the document: post it by hand or choose another policy",
            "Het boekhoudpakket kent één datum ({field}) en de run zou die van het document moeten wijzigen: boek het zelf of kies een ander beleid",
            "Program księgowy zna tylko jedną datę ({field}), a przebieg musiałby zmienić datę dokumentu: zaksięguj go ręcznie lub zmień zasadę"
        ] or [
            "The ledger has one date only, and it would have to change",
            "Het boekhoudpakket kent één datum, en die zou moeten wijzigen",
            "Program księgowy zna tylko jedną datę, którą trzeba by zmienić"
        ];
    }
}
