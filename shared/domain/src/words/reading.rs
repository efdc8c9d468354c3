//! Why a document could not be read, and what was odd about one that could.

use super::{Language, Place, Sentence, Text, Value, sentences};

sentences! {
    /// Why a document could not be read, and what to do.
    Unread as UnreadKind {
        Empty = "empty" => [
            "The file is empty",
            "Het bestand is leeg",
            "Plik jest pusty"
        ];
        TooLarge = "too_large" => [
            "The file is larger than what is read: send it without its large attachments",
            "Het bestand is groter dan wat wordt gelezen: stuur het zonder de grote bijlagen",
            "Plik jest większy, niż można odczytać: wyślij go bez dużych załączników"
        ];
        NotXml = "not_xml" => [
            "The file is neither XML nor PDF by its content: send the invoice file itself, or a picture as a scan",
            "Het bestand is naar zijn inhoud geen XML en geen PDF: stuur het factuurbestand zelf, of een afbeelding als scan",
            "Plik według zawartości nie jest ani XML, ani PDF: wyślij sam plik faktury albo obraz jako skan"
        ];
        MalformedXml { place: Option<Place> } = "malformed_xml" => [
            "The XML is not well formed ({place}): ask the sender for a correct file",
            "De XML is niet welgevormd ({place}): vraag de afzender om een correct bestand",
            "XML jest niepoprawnie zbudowany ({place}): poproś nadawcę o poprawny plik"
        ] or [
            "The XML is not well formed: ask the sender for a correct file",
            "De XML is niet welgevormd: vraag de afzender om een correct bestand",
            "XML jest niepoprawnie zbudowany: poproś nadawcę o poprawny plik"
        ];
        DtdRefused = "dtd_refused" => [
            "The file has a document type declaration, which is refused: ask the sender for a file without it",
            "Het bestand bevat een documenttypedeclaratie, en die wordt geweigerd: vraag de afzender om een bestand zonder",
            "Plik zawiera deklarację typu dokumentu, która jest odrzucana: poproś nadawcę o plik bez niej"
        ];
        UnknownEntity { place: Option<Place> } = "unknown_entity" => [
            "The file refers to something that XML does not have ({place}): ask the sender for a correct file",
            "Het bestand verwijst naar iets dat XML niet kent ({place}): vraag de afzender om een correct bestand",
            "Plik odwołuje się do czegoś, czego XML nie zna ({place}): poproś nadawcę o poprawny plik"
        ] or [
            "The file refers to something that XML does not have: ask the sender for a correct file",
            "Het bestand verwijst naar iets dat XML niet kent: vraag de afzender om een correct bestand",
            "Plik odwołuje się do czegoś, czego XML nie zna: poproś nadawcę o poprawny plik"
        ];
        TooDeep = "too_deep" => [
            "The elements of the file are nested more deeply than in any invoice",
            "De elementen van het bestand zijn dieper genest dan in welke factuur ook",
            "Elementy pliku są zagnieżdżone głębiej niż w jakiejkolwiek fakturze"
        ];
        TooComplex = "too_complex" => [
            "The file has more content than is read",
            "Het bestand heeft meer inhoud dan wordt gelezen",
            "Plik ma więcej treści, niż można odczytać"
        ];
        BadEncoding = "bad_encoding" => [
            "The characters of the file cannot be read: ask the sender for a file in UTF-8",
            "De tekens van het bestand zijn niet te lezen: vraag de afzender om een bestand in UTF-8",
            "Nie można odczytać znaków pliku: poproś nadawcę o plik w UTF-8"
        ];
        UnknownRoot { element: Text } = "unknown_root" => [
            "The root element {element} is not the one of an invoice or credit note (UBL 2.1 or CII)",
            "Het hoofdelement {element} is niet dat van een factuur of creditnota (UBL 2.1 of CII)",
            "Element główny {element} nie należy do faktury ani faktury korygującej (UBL 2.1 lub CII)"
        ] or [
            "The root element is not the one of an invoice or credit note",
            "Het hoofdelement is niet dat van een factuur of creditnota",
            "Element główny nie należy do faktury ani faktury korygującej"
        ];
        WrongNamespace { element: Text } = "wrong_namespace" => [
            "The root element {element} is in another namespace than UBL 2.1 or CII, or in none",
            "Het hoofdelement {element} heeft een andere namespace dan UBL 2.1 of CII, of geen",
            "Element główny {element} ma inną przestrzeń nazw niż UBL 2.1 lub CII albo nie ma żadnej"
        ] or [
            "The root element is in another namespace than UBL 2.1 or CII",
            "Het hoofdelement heeft een andere namespace dan UBL 2.1 of CII",
            "Element główny ma inną przestrzeń nazw niż UBL 2.1 lub CII"
        ];
        RepeatedElement { element: Text, place: Option<Place> } = "repeated_element" => [
            "{element} stands twice where it may stand once ({place}): ask the sender for a correct file",
            "{element} staat er twee keer waar het één keer mag staan ({place}): vraag de afzender om een correct bestand",
            "{element} występuje dwa razy tam, gdzie może raz ({place}): poproś nadawcę o poprawny plik"
        ] or [
            "An element stands twice where it may stand once: ask the sender for a correct file",
            "Een element staat er twee keer waar het één keer mag staan: vraag de afzender om een correct bestand",
            "Element występuje dwa razy tam, gdzie może raz: poproś nadawcę o poprawny plik"
        ];
        MisplacedElement { place: Option<Place> } = "misplaced_element" => [
            "An element stands inside a value ({place}): ask the sender for a correct file",
            "Een element staat binnen een waarde ({place}): vraag de afzender om een correct bestand",
            "Element znajduje się wewnątrz wartości ({place}): poproś nadawcę o poprawny plik"
        ] or [
            "An element stands inside a value: ask the sender for a correct file",
            "Een element staat binnen een waarde: vraag de afzender om een correct bestand",
            "Element znajduje się wewnątrz wartości: poproś nadawcę o poprawny plik"
        ];
        BadAmount { place: Option<Place>, about: Text } = "bad_amount" => [
            "A number is no plain decimal number: {about} ({place})",
            "Een getal is geen gewoon decimaal getal: {about} ({place})",
            "Liczba nie jest zwykłą liczbą dziesiętną: {about} ({place})"
        ] or [
            "A number is no plain decimal number",
            "Een getal is geen gewoon decimaal getal",
            "Liczba nie jest zwykłą liczbą dziesiętną"
        ];
        BadDate { place: Option<Place>, about: Text } = "bad_date" => [
            "A date is not one of the calendar: {about} ({place})",
            "Een datum bestaat niet: {about} ({place})",
            "Nie ma takiej daty: {about} ({place})"
        ] or [
            "A date is not one of the calendar",
            "Een datum bestaat niet",
            "Jedna z dat nie istnieje"
        ];
        BadIndicator { place: Option<Place>, about: Text } = "bad_indicator" => [
            "A value is neither true nor false: {about} ({place})",
            "Een waarde is niet waar en niet onwaar: {about} ({place})",
            "Wartość nie jest ani prawdą, ani fałszem: {about} ({place})"
        ] or [
            "A value is neither true nor false",
            "Een waarde is niet waar en niet onwaar",
            "Wartość nie jest ani prawdą, ani fałszem"
        ];
        TrailingContent { place: Option<Place> } = "trailing_content" => [
            "Something follows the end of the document ({place}): send each document as a file of its own",
            "Na het einde van het document staat nog iets ({place}): stuur elk document als eigen bestand",
            "Po końcu dokumentu coś jeszcze jest ({place}): wyślij każdy dokument jako osobny plik"
        ] or [
            "Something follows the end of the document: send each document as a file of its own",
            "Na het einde van het document staat nog iets: stuur elk document als eigen bestand",
            "Po końcu dokumentu coś jeszcze jest: wyślij każdy dokument jako osobny plik"
        ];
        NotAPdfWithInvoice = "not_a_pdf_with_invoice" => [
            "The PDF has no structured invoice in it: send it with recognised fields, or key it in",
            "In de PDF zit geen gestructureerde factuur: stuur hem met herkende velden, of voer hem in",
            "PDF nie zawiera faktury ustrukturyzowanej: wyślij go z rozpoznanymi polami albo wprowadź dane ręcznie"
        ];
        EncryptedPdf = "encrypted_pdf" => [
            "The PDF is encrypted: ask the sender for one without password",
            "De PDF is versleuteld: vraag de afzender om een PDF zonder wachtwoord",
            "PDF jest zaszyfrowany: poproś nadawcę o plik bez hasła"
        ];
        MalformedPdf = "malformed_pdf" => [
            "The PDF is damaged: ask the sender for the file again",
            "De PDF is beschadigd: vraag de afzender het bestand opnieuw te sturen",
            "PDF jest uszkodzony: poproś nadawcę o ponowne przesłanie pliku"
        ];
        AmbiguousPdf = "ambiguous_pdf" => [
            "The PDF has two structured invoices in it: ask the sender for one with a single invoice",
            "In de PDF zitten twee gestructureerde facturen: vraag de afzender om een PDF met één factuur",
            "PDF zawiera dwie faktury ustrukturyzowane: poproś nadawcę o plik z jedną fakturą"
        ];
        OrderNotInvoice = "order_not_invoice" => [
            "The PDF has an order in it, which is no invoice",
            "In de PDF zit een bestelling, en dat is geen factuur",
            "PDF zawiera zamówienie, które nie jest fakturą"
        ];
        Zugferd1 = "zugferd_1_not_supported" => [
            "ZUGFeRD 1.0 is not read: ask the sender for ZUGFeRD 2 or Factur-X",
            "ZUGFeRD 1.0 wordt niet gelezen: vraag de afzender om ZUGFeRD 2 of Factur-X",
            "ZUGFeRD 1.0 nie jest obsługiwany: poproś nadawcę o ZUGFeRD 2 lub Factur-X"
        ];
        NotRecognised = "not_recognised" => [
            "The picture came without recognised fields: send it with them, or key it in",
            "De afbeelding kwam zonder herkende velden: stuur ze mee, of voer de factuur in",
            "Obraz przyszedł bez rozpoznanych pól: wyślij go z nimi albo wprowadź dane ręcznie"
        ];
        RecognisedFields { field: Text } = "recognised_fields" => [
            "The recognised fields cannot be read: {field}",
            "De herkende velden zijn niet te lezen: {field}",
            "Nie można odczytać rozpoznanych pól: {field}"
        ] or [
            "The recognised fields cannot be read",
            "De herkende velden zijn niet te lezen",
            "Nie można odczytać rozpoznanych pól"
        ];
    }
}

sentences! {
    /// What was odd about a document that could be read.
    Oddity as OddityKind {
        UndecodableAttachment { file: Text } = "undecodable_attachment" => [
            "The embedded file {file} cannot be decoded; the invoice itself is read",
            "Het ingesloten bestand {file} is niet te decoderen; de factuur zelf is gelezen",
            "Nie można zdekodować osadzonego pliku {file}; sama faktura została odczytana"
        ] or [
            "An embedded file cannot be decoded; the invoice itself is read",
            "Een ingesloten bestand is niet te decoderen; de factuur zelf is gelezen",
            "Nie można zdekodować osadzonego pliku; sama faktura została odczytana"
        ];
        MislabelledAttachment { file: Text } = "mislabelled_attachment" => [
            "The embedded file {file} is not what it says it is",
            "Het ingesloten bestand {file} is niet wat het zegt te zijn",
            "Osadzony plik {file} nie jest tym, za co się podaje"
        ] or [
            "An embedded file is not what it says it is",
            "Een ingesloten bestand is niet wat het zegt te zijn",
            "Osadzony plik nie jest tym, za co się podaje"
        ];
        AttachmentsLimited = "attachments_limited" => [
            "The document has more embedded files than are taken out",
            "Het document heeft meer ingesloten bestanden dan eruit worden gehaald",
            "Dokument ma więcej osadzonych plików, niż jest wyodrębnianych"
        ];
        AmountCurrency { about: Text } = "amount_currency" => [
            "An amount is in another currency than the document: {about}",
            "Een bedrag heeft een andere valuta dan het document: {about}",
            "Kwota jest w innej walucie niż dokument: {about}"
        ] or [
            "An amount is in another currency than the document",
            "Een bedrag heeft een andere valuta dan het document",
            "Kwota jest w innej walucie niż dokument"
        ];
        BadCurrency { about: Text } = "bad_currency" => [
            "'{about}' is not a currency code: three capital letters such as EUR",
            "'{about}' is geen valutacode: drie hoofdletters, zoals EUR",
            "'{about}' nie jest kodem waluty: trzy wielkie litery, na przykład EUR"
        ] or [
            "The currency is not three capital letters such as EUR",
            "De valuta is niet drie hoofdletters, zoals EUR",
            "Waluta nie składa się z trzech wielkich liter, na przykład EUR"
        ];
        IncompleteElement { about: Text } = "incomplete_element" => [
            "A part of the document lacks what gives it its meaning and was left out: {about}",
            "Een deel van het document mist wat het betekenis geeft en is weggelaten: {about}",
            "Części dokumentu brakuje tego, co nadaje jej znaczenie, i została pominięta: {about}"
        ] or [
            "A part of the document lacks what gives it its meaning and was left out",
            "Een deel van het document mist wat het betekenis geeft en is weggelaten",
            "Części dokumentu brakuje tego, co nadaje jej znaczenie, i została pominięta"
        ];
        UnknownField { about: Text } = "unknown_field" => [
            "The recognised field {about} is not known and was left out",
            "Het herkende veld {about} is niet bekend en is weggelaten",
            "Rozpoznane pole {about} nie jest znane i zostało pominięte"
        ] or [
            "A recognised field is not known and was left out",
            "Een herkend veld is niet bekend en is weggelaten",
            "Rozpoznane pole nie jest znane i zostało pominięte"
        ];
        UnreadableField { about: Text } = "unreadable_field" => [
            "The recognised field {about} holds something else than its kind and was left out",
            "Het herkende veld {about} bevat iets anders dan het hoort en is weggelaten",
            "Rozpoznane pole {about} zawiera co innego, niż powinno, i zostało pominięte"
        ] or [
            "A recognised field holds something else than its kind and was left out",
            "Een herkend veld bevat iets anders dan het hoort en is weggelaten",
            "Rozpoznane pole zawiera co innego, niż powinno, i zostało pominięte"
        ];
    }
}

/// Between the parts of an oddity that is itself the value of a sentence.
const PART: char = '\u{1e}';

impl Value for Oddity {
    fn stored(&self) -> String {
        std::iter::once(self.code().to_owned()).chain(self.values()).collect::<Vec<_>>().join(&PART.to_string())
    }

    fn read(stored: &str) -> Option<Self> {
        let mut parts = stored.split(PART).map(str::to_owned);
        let code = parts.next()?;
        Self::read(&code, &parts.collect::<Vec<_>>())
    }

    fn shown(&self, language: Language) -> String {
        self.write(language)
    }
}
