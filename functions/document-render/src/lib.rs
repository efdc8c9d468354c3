//! Document-render: lays an issued document out as PDF. What it says never changes, so that the same document with the same number is
//! the same file: it is made when the document is issued, and again when another number than ours comes to count.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::ids::IssuedId;
use render::{Beside, RenderError};
use runtime::{
    aws::Aws,
    batch::{self, AllFailed},
    env::{self, SettingError},
    message::RenderMessage,
};
use store::{Meter, Names, Read, Store, StoreError, sales::IssuedPdf};

/// What the function works with.
pub struct App {
    /// Tables and bucket.
    pub store: Store,
}

impl App {
    /// From the environment of the function.
    pub fn from_env() -> Result<Self, SettingError> {
        let aws = Aws::from_env()?;
        let names = Names { documents: env::required("LEDGERPOST_DOCUMENTS_TABLE")?, ..Names::default() };
        Ok(Self { store: Store::new(aws.dynamodb(), Some(aws.bucket("LEDGERPOST_BUCKET")?), names, Meter::to_log()) })
    }
}

/// Why a document was not laid out. Its message comes again.
#[derive(Debug, thiserror::Error)]
pub enum LayOutError {
    /// The message is none of ours.
    #[error("the message cannot be read: {0}")]
    Undecodable(#[from] serde_json::Error),
    /// The document has no content.
    #[error("there is no content of {0}")]
    NoContent(IssuedId),
    /// It cannot be laid out.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// Table or bucket.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Handles a batch from the queue of documents to lay out.
pub async fn handle(app: &App, event: SqsEvent) -> Result<SqsBatchResponse, AllFailed> {
    batch::each(event, |record, _| async move {
        let message: RenderMessage = serde_json::from_str(record.body.as_deref().unwrap_or_default())?;
        lay_out(app, &message).await
    })
    .await
}

async fn lay_out(app: &App, message: &RenderMessage) -> Result<(), LayOutError> {
    let repository = app.store.tenant(message.tenant).issued();
    // Erased meanwhile.
    let Some(issued) = repository.get(message.issued, Read::Consistent).await? else { return Ok(()) };
    let number = issued.legal_number().unwrap_or(&issued.number);
    let pdf = IssuedPdf::Ours { number };
    if repository.has_pdf(issued.id, pdf).await? {
        return Ok(());
    }
    let content = repository.content(issued.id).await?.ok_or(LayOutError::NoContent(issued.id))?;
    let bytes = render::pdf(&content, &Beside { legal_number: Some(number) })?;
    tracing::info!(tenant = %message.tenant, issued = %issued.id, bytes = bytes.len(), "Issued document laid out.");
    Ok(repository.put_pdf(issued.id, pdf, bytes).await?)
}
