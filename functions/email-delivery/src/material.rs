//! What goes along with a mail: fetched as it is when the mail is made, never kept from before (CO-31).

use crate::letter::{ClientNamed, ClientNumber, Letter};
use documents::{statement, write};
use domain::{
    automation::DocumentFormat,
    contact::OwnIdentifiers,
    content::{Content, Source},
    document::Document,
    ids::{DocumentId, IssuedId, RunId},
    invoice::{AttachmentSource, InvoiceKind},
    ledger::Direction,
    mail::{Delivery, Home, Identifier, MailConnection, MailKind, MailLanguage, MailPackage, Purpose, UblFlavour},
    money::Money,
    office::{Administration, Choice},
    reason::Reason,
    sales::{CustomerCopy, DocumentLanguage, Issued, IssuedContent, IssuedKind, LinkTarget},
    words::{Acted, Mailed, Text},
};
use mail::{
    AttachmentName, MediaType,
    names::{self, Ending, Filing, Stem},
};
use store::{
    ErrorKind, Read, StoreError, TenantStore,
    document::{File as DocumentFile, SOURCE_BYTES_MAX},
    sales::IssuedPdf,
    settings::MailSettings,
};

/// A file that goes along.
#[derive(Debug, Clone)]
pub struct Enclosed {
    /// Under which name.
    pub name: AttachmentName,
    /// What it is.
    pub media: MediaType,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// What an address in the mail would open, and how its file ends.
#[derive(Debug, Clone)]
pub struct Opens {
    /// What it opens.
    pub target: LinkTarget,
    /// How the address ends.
    pub extension: String,
}

/// All that a mail is made of.
#[derive(Debug, Clone)]
pub struct Material {
    /// What it says.
    pub letter: Letter,
    /// In which language.
    pub language: MailLanguage,
    /// The files, the one that counts first.
    pub files: Vec<Enclosed>,
    /// What its address opens, where it may have one.
    pub opens: Option<Opens>,
    /// What is to be known of it later.
    pub note: Option<Reason>,
}

/// Why there is nothing to mail.
#[derive(Debug)]
pub enum NoMaterial {
    /// It will be there by itself.
    Awaited(Reason),
    /// There is none.
    Missing(Reason),
    /// Tables or bucket.
    Store(StoreError),
}

impl From<StoreError> for NoMaterial {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Where everything is.
#[derive(Debug, Clone, Copy)]
pub struct Around<'a> {
    /// The tenant.
    pub tenant: &'a TenantStore,
    /// Whose documents.
    pub administration: &'a Administration,
    /// What says where they go.
    pub settings: &'a MailSettings,
    /// The office's packages.
    pub packages: &'a [MailPackage],
}

fn missing_file(error: StoreError) -> NoMaterial {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::TooLarge => NoMaterial::Missing(Reason::said(&Mailed::NoFile)),
        ErrorKind::Retryable | ErrorKind::Conflict | ErrorKind::BadCursor | ErrorKind::Bug => NoMaterial::Store(error),
    }
}

/// What a delivery is made of.
pub async fn of(around: Around<'_>, delivery: &Delivery) -> Result<Material, NoMaterial> {
    match (&delivery.purpose, delivery.home) {
        (Purpose::Accounting { kind, pdf_alongside, .. }, Home::Received(id)) => {
            let package = around.package(delivery)?;
            Box::pin(received(around, package, id, *kind, *pdf_alongside, delivery)).await
        }
        (Purpose::Accounting { pdf_alongside, .. }, Home::Issued(id)) => {
            let package = around.package(delivery)?;
            Box::pin(issued(around, package, id, *pdf_alongside, delivery)).await
        }
        (Purpose::Customer { issued }, _) => Box::pin(customer(around, *issued)).await,
        (Purpose::ExportFile { .. }, Home::Run(run)) => Box::pin(export(around, run)).await,
        (Purpose::Test, Home::Connection(_)) => {
            let package = around.package(delivery)?;
            let office = around.tenant.office().get(Read::Eventual).await?;
            let office = office.map_or_else(String::new, |office| office.value.name);
            let client = around.client(package);
            let letter = Letter::Test { office, client, package: package.name.clone() };
            Ok(Material { letter, language: package.language, files: Vec::new(), opens: None, note: None })
        }
        (Purpose::Accounting { .. } | Purpose::ExportFile { .. } | Purpose::Test, _) => {
            Err(NoMaterial::Missing(Reason::said(&Mailed::NoFile)))
        }
    }
}

impl Around<'_> {
    /// The connection over which it goes, with its package.
    pub fn connected(&self, delivery: &Delivery) -> Option<(&MailConnection, &MailPackage)> {
        let connection = delivery.connection();
        let connection = self.settings.connections.iter().find(|one| Some(one.id) == connection)?;
        let package = self.packages.iter().find(|package| package.id == connection.package)?;
        Some((connection, package))
    }

    fn package(&self, delivery: &Delivery) -> Result<&MailPackage, NoMaterial> {
        let connected = self.connected(delivery);
        connected.map(|(_, package)| package).ok_or_else(|| NoMaterial::Missing(Reason::said(&Mailed::NoPackage)))
    }

    fn client(&self, package: &MailPackage) -> ClientNamed {
        let own = &self.administration.own;
        let identifier = match package.identifier {
            Identifier::VatNumber => own.vat_numbers.first().map(|vat| ClientNumber::Vat(vat.to_string())),
            Identifier::RegisterNumber => {
                own.registry_numbers.first().map(|number| ClientNumber::Register(number.to_string()))
            }
            Identifier::None => None,
        };
        ClientNamed { name: self.administration.name.clone(), identifier }
    }
}

fn filing(kind: MailKind, of: Option<InvoiceKind>) -> Filing {
    let of = of.unwrap_or_default();
    match kind {
        MailKind::Purchase => Filing::Invoice { direction: Direction::Purchase, kind: of },
        MailKind::Sales => Filing::Invoice { direction: Direction::Sales, kind: of },
        MailKind::Other | MailKind::BankStatement => Filing::Other,
    }
}

fn amount(document: &Document) -> Option<Money> {
    Some(Money::new(document.gross?, document.currency?))
}

/// A document as it was received; written as e-invoice where it came without one and its data is complete (ED-22).
async fn received(
    around: Around<'_>,
    package: &MailPackage,
    id: DocumentId,
    kind: MailKind,
    pdf_alongside: Choice,
    delivery: &Delivery,
) -> Result<Material, NoMaterial> {
    let documents = around.tenant.documents();
    let delivered = documents.delivered_at_least(id, 1).await?;
    let delivered = delivered.ok_or_else(|| NoMaterial::Missing(Reason::said(&Mailed::NoFile)))?;
    let source = documents.source(&delivered).await.map_err(missing_file)?;
    let document = &delivered.document;
    let client = around.client(package);
    if document.format == DocumentFormat::Statement {
        return Ok(bank_statement(document, client, source, package.language));
    }
    let content = match document.content_version {
        Some(_) => documents.content_now(document).await?,
        None => None,
    };
    let filing = filing(kind, document.kind);
    let stem = Stem::of_document(filing, document.number.as_deref(), document.issue_date, id);
    let letter = Letter::Document {
        filing,
        number: document.number.clone(),
        client,
        contact: document.party.clone(),
        date: document.issue_date,
        amount: amount(document),
    };
    let own = |extension: &str| {
        Some(Opens { target: LinkTarget::Received { document: id }, extension: extension.to_owned() })
    };
    let alike = |ending: Ending| AttachmentName::new(stem.file(ending).as_str());
    let material = |files, opens, note| Material { letter, language: package.language, files, opens, note };
    let is_hybrid = content.as_ref().is_some_and(|content| content.source == Some(Source::HybridPdf));
    match document.format {
        DocumentFormat::Ubl => {
            let mut files = vec![Enclosed { name: alike(Ending::Xml), media: MediaType::Xml, bytes: source }];
            if pdf_alongside == Choice::Yes
                && let Some(pdf) = embedded_pdf(around.tenant, document, content.as_ref()).await?
            {
                files.push(Enclosed { name: alike(Ending::Pdf), media: MediaType::Pdf, bytes: pdf });
            }
            Ok(material(files, own("xml"), None))
        }
        // The PDF is the e-invoice: it holds it.
        DocumentFormat::Pdf if is_hybrid => {
            let file = Enclosed { name: alike(Ending::Pdf), media: MediaType::Pdf, bytes: source };
            Ok(material(vec![file], own("pdf"), None))
        }
        DocumentFormat::Pdf | DocumentFormat::Scan | DocumentFormat::Statement => {
            let (original, extension) = as_received(document, &stem, source);
            match written(content.as_ref(), document, &around.administration.own, package.flavour) {
                Ok(xml) => {
                    let opens = Some(opens_written(delivery));
                    let mut files = vec![Enclosed { name: alike(Ending::Xml), media: MediaType::Xml, bytes: xml }];
                    if pdf_alongside == Choice::Yes {
                        files.push(original);
                    }
                    Ok(material(files, opens, None))
                }
                Err(note) => Ok(material(vec![original], own(&extension), note)),
            }
        }
    }
}

/// An e-invoice that was written is kept with its delivery, where an address opens it.
fn opens_written(delivery: &Delivery) -> Opens {
    Opens { target: LinkTarget::Written { delivery: delivery.id }, extension: "xml".to_owned() }
}

fn bank_statement(document: &Document, client: ClientNamed, source: Vec<u8>, language: MailLanguage) -> Material {
    let format = statement::sniff(&source);
    let summary = format.map(|format| statement::summary(&source, format)).unwrap_or_default();
    let (name, media) = match format {
        Some(format) => {
            let media = match format {
                domain::mail::StatementFormat::Camt053 => MediaType::Xml,
                domain::mail::StatementFormat::Mt940 | domain::mail::StatementFormat::Coda => MediaType::PlainText,
            };
            (names::statement(&document.file_name, format, document.id).to_string(), media)
        }
        None => (document.file_name.clone(), MediaType::OctetStream),
    };
    let extension = name.rsplit_once('.').map_or("txt", |(_, extension)| extension).to_owned();
    let letter = Letter::Statement { client, file: name.clone(), account: summary.account, date: summary.to };
    let opens = Some(Opens { target: LinkTarget::Received { document: document.id }, extension });
    let files = vec![Enclosed { name: AttachmentName::new(&name), media, bytes: source }];
    Material { letter, language, files, opens, note: None }
}

/// What has no e-invoice in it, under a name that says what it is.
fn as_received(document: &Document, stem: &Stem, bytes: Vec<u8>) -> (Enclosed, String) {
    if bytes.starts_with(b"%PDF-") {
        let name = AttachmentName::new(stem.file(Ending::Pdf).as_str());
        return (Enclosed { name, media: MediaType::Pdf, bytes }, "pdf".to_owned());
    }
    let extension = document.file_name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let extension =
        extension.filter(|it| !it.is_empty() && it.len() <= 5 && it.bytes().all(|b| b.is_ascii_alphanumeric()));
    let extension = extension.unwrap_or_else(|| "bin".to_owned());
    let pdf = stem.file(Ending::Pdf).to_string();
    let name = AttachmentName::new(&format!("{}.{extension}", pdf.trim_end_matches(".pdf")));
    (Enclosed { name, media: MediaType::OctetStream, bytes }, extension)
}

/// The e-invoice that the data of a document makes; without data there is nothing to say about it.
fn written(
    content: Option<&Content>,
    document: &Document,
    own: &OwnIdentifiers,
    flavour: UblFlavour,
) -> Result<Vec<u8>, Option<Reason>> {
    let mut invoice = content.and_then(Content::corrected).ok_or(None)?;
    let ours = match document.tag {
        Some(Direction::Purchase) => Some(&mut invoice.customer),
        Some(Direction::Sales) => Some(&mut invoice.supplier),
        None => None,
    };
    if let Some(ours) = ours {
        // A recognised document seldom says whom it is for; it is known.
        ours.name = ours.name.take().or_else(|| own.names.first().cloned());
        ours.vat = ours.vat.take().or_else(|| own.vat_numbers.first().map(ToString::to_string));
        ours.registry = ours.registry.take().or_else(|| own.registry_numbers.first().map(ToString::to_string));
    }
    for party in [&mut invoice.supplier, &mut invoice.customer] {
        party.country = party.country.take().or_else(|| party.vat.as_deref().and_then(country_of));
    }
    write::ubl(&invoice, flavour, &write::Details::default()).map_err(|error| Some(not_written(&error)))
}

/// The country whose letters a VAT number begins with.
fn country_of(vat: &str) -> Option<String> {
    let letters = vat.trim_start().get(..2).filter(|start| start.bytes().all(|b| b.is_ascii_uppercase()))?;
    // Greece has letters of its own for VAT, and so has Northern Ireland.
    Some(match letters {
        "EL" => "GR".to_owned(),
        "XI" => "GB".to_owned(),
        other => other.to_owned(),
    })
}

fn not_written(error: &write::CannotWrite) -> Reason {
    Reason::said(&Mailed::NotExported { why: Text::of(error.to_string()) })
}

/// The first PDF inside an e-invoice.
async fn embedded_pdf(
    tenant: &TenantStore,
    document: &Document,
    content: Option<&Content>,
) -> Result<Option<Vec<u8>>, NoMaterial> {
    let attachments =
        content.and_then(|content| content.invoice.as_ref()).map(|invoice| invoice.attachments.as_slice());
    for (number, attachment) in (0_u16..).zip(attachments.unwrap_or_default()) {
        let is_pdf = match (&attachment.source, &attachment.mime, &attachment.filename) {
            (AttachmentSource::External { .. } | AttachmentSource::Undecodable, _, _) => false,
            (AttachmentSource::Embedded { .. }, Some(mime), _) => mime == "application/pdf",
            (AttachmentSource::Embedded { .. }, None, name) => {
                name.as_deref().is_some_and(|name| name.to_ascii_lowercase().ends_with(".pdf"))
            }
        };
        if is_pdf {
            let file = tenant.documents().file(document.id, DocumentFile::Attachment(number), SOURCE_BYTES_MAX).await;
            return match file {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error.into()),
            };
        }
    }
    Ok(None)
}

/// The PDF that a customer is shown of an issued document, and under which number.
async fn copy(around: Around<'_>, issued: &Issued) -> Result<(Vec<u8>, String), NoMaterial> {
    let connector = around.tenant.invoicing(around.administration.id).connector(Read::Consistent).await?;
    let number = issued.legal_number().unwrap_or(&issued.number).to_owned();
    let repository = around.tenant.issued();
    let pdf = match issued.customer_copy(connector.as_ref()) {
        CustomerCopy::Ours { number } => repository.pdf(issued.id, IssuedPdf::Ours { number: &number }).await,
        CustomerCopy::Ledgers => repository.pdf(issued.id, IssuedPdf::Ledgers).await,
        CustomerCopy::Replacement { file } => repository.pdf(issued.id, IssuedPdf::Replacement { file: &file }).await,
        CustomerCopy::Awaited(reason) => return Err(NoMaterial::Awaited(reason)),
        CustomerCopy::Missing(reason) => return Err(NoMaterial::Missing(reason)),
    };
    match pdf {
        Ok(pdf) => Ok((pdf, number)),
        // It is being laid out.
        Err(error) if error.kind() == ErrorKind::NotFound => Err(NoMaterial::Awaited(Reason::said(&Acted::AwaitsPdf))),
        Err(error) => Err(error.into()),
    }
}

async fn issued_of(around: Around<'_>, id: IssuedId) -> Result<(Issued, IssuedContent), NoMaterial> {
    let repository = around.tenant.issued();
    let issued = repository.get(id, Read::Consistent).await?;
    match (issued, repository.content(id).await?) {
        (Some(issued), Some(content)) => Ok((issued, content)),
        (_, _) => Err(NoMaterial::Missing(Reason::said(&Mailed::NoFile))),
    }
}

/// An issued document for the accountant: as e-invoice where it can be written as one, with its PDF where that is wanted.
async fn issued(
    around: Around<'_>,
    package: &MailPackage,
    id: IssuedId,
    pdf_alongside: Choice,
    delivery: &Delivery,
) -> Result<Material, NoMaterial> {
    let (issued, content) = issued_of(around, id).await?;
    let (pdf, number) = copy(around, &issued).await?;
    let kind = match issued.kind {
        IssuedKind::Correction if issued.gross.is_sign_negative() => InvoiceKind::CreditNote,
        IssuedKind::Invoice | IssuedKind::Receipt | IssuedKind::Correction | IssuedKind::ProForma => {
            InvoiceKind::Invoice
        }
    };
    let filing = Filing::Invoice { direction: Direction::Sales, kind };
    let stem = Stem::of_document(filing, Some(&number), Some(issued.issue_date), id);
    let pdf =
        Enclosed { name: AttachmentName::new(stem.file(Ending::Pdf).as_str()), media: MediaType::Pdf, bytes: pdf };
    let invoice = content.as_invoice(&number);
    let (files, opens, note) = match invoice.map(|invoice| write::ubl(&invoice, package.flavour, &details(&content))) {
        Some(Ok(xml)) => {
            let opens = Some(opens_written(delivery));
            let xml = Enclosed {
                name: AttachmentName::new(stem.file(Ending::Xml).as_str()),
                media: MediaType::Xml,
                bytes: xml,
            };
            let files = if pdf_alongside == Choice::Yes { vec![xml, pdf] } else { vec![xml] };
            (files, opens, None)
        }
        other => {
            let note = other.and_then(Result::err).map(|error| not_written(&error));
            let opens = Opens { target: LinkTarget::Issued { issued: id }, extension: "pdf".to_owned() };
            (vec![pdf], Some(opens), note)
        }
    };
    let letter = Letter::Document {
        filing,
        number: Some(number),
        client: around.client(package),
        contact: Some(issued.customer.clone()),
        date: Some(issued.issue_date),
        amount: Some(Money::new(issued.gross, issued.currency)),
    };
    Ok(Material { letter, language: package.language, files, opens, note })
}

fn details(content: &IssuedContent) -> write::Details {
    let of = |address: &domain::sales::Address| write::PartyDetails {
        street: Some(address.street.to_string()),
        city: Some(address.city.to_string()),
        post_code: address.post_code.as_ref().map(ToString::to_string),
        ..write::PartyDetails::default()
    };
    let email = content.customer.email.as_ref().map(ToString::to_string);
    write::Details {
        supplier: of(&content.seller.address),
        customer: write::PartyDetails { email, ..of(&content.customer.address) },
    }
}

/// The document that a customer is shown, with words for a customer (CO-4, CO-13).
async fn customer(around: Around<'_>, id: IssuedId) -> Result<Material, NoMaterial> {
    let (issued, content) = issued_of(around, id).await?;
    let (pdf, number) = copy(around, &issued).await?;
    let language = match content.language {
        DocumentLanguage::Polish => MailLanguage::Polish,
        DocumentLanguage::English => MailLanguage::English,
    };
    let letter = Letter::Customer {
        kind: issued.kind,
        number: number.clone(),
        order: content.order.to_string(),
        customer: content.customer.name.full(),
        seller: content.seller.name.clone(),
        own: around.settings.customer_text.as_ref().map(|text| Box::new(text.value.clone())),
    };
    let name = AttachmentName::new(&format!("{number}.pdf"));
    let opens = Opens { target: LinkTarget::Issued { issued: id }, extension: "pdf".to_owned() };
    let files = vec![Enclosed { name, media: MediaType::Pdf, bytes: pdf }];
    Ok(Material { letter, language, files, opens: Some(opens), note: None })
}

/// The largest export file that is fetched to be attached: larger ones go as an address anyway.
const EXPORT_BYTES_MAX: u64 = mail::size::SES_MESSAGE_BYTES_MAX;

/// The file of an export run.
async fn export(around: Around<'_>, id: RunId) -> Result<Material, NoMaterial> {
    let exports = around.tenant.exports(around.administration.id);
    let no_file = || NoMaterial::Missing(Reason::said(&Mailed::NoFile));
    let run = exports.get(id).await?.ok_or_else(no_file)?;
    let file = run.file.as_ref().ok_or_else(no_file)?;
    let extension = file.name.rsplit_once('.').map_or("bin", |(_, extension)| extension).to_ascii_lowercase();
    let media = match extension.as_str() {
        "xml" | "xaf" => MediaType::Xml,
        "csv" => MediaType::Csv,
        "zip" => MediaType::Zip,
        _ => MediaType::OctetStream,
    };
    let files = match exports.file_bytes(id, EXPORT_BYTES_MAX).await {
        Ok(bytes) => vec![Enclosed { name: AttachmentName::new(&file.name), media, bytes }],
        // Too large to be attached: its address alone.
        Err(error) if error.kind() == ErrorKind::TooLarge => Vec::new(),
        Err(error) => return Err(missing_file(error)),
    };
    let letter = Letter::Export {
        file: file.name.clone(),
        administration: around.administration.name.clone(),
        run: id.to_string(),
        documents: run.taken.saturating_sub(run.left_out),
    };
    let target = LinkTarget::ExportFile { administration: around.administration.id, run: id };
    Ok(Material {
        letter,
        language: MailLanguage::English,
        files,
        opens: Some(Opens { target, extension }),
        note: None,
    })
}
