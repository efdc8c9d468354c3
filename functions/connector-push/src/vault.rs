//! Sealing and opening what a connection keeps secret. The key's context names tenant and connection, so that one tenant's
//! secret cannot be opened as another's.

use aws_sdk_kms::{error::DisplayErrorContext, primitives::Blob};
use domain::ids::{ConnectionId, TenantId};
use futures_util::future::BoxFuture;
use runtime::telemetry::{Paid, asked};

/// A secret could not be sealed or opened.
#[derive(Debug, thiserror::Error)]
#[error("a secret of a connection could not be {operation}: {detail}")]
pub struct VaultError {
    /// What was tried.
    pub operation: &'static str,
    /// What came back; never a secret.
    pub detail: String,
}

/// Seals and opens.
pub trait Vault: Send + Sync {
    /// Seals a secret for a connection.
    fn seal<'a>(
        &'a self,
        tenant: TenantId,
        connection: ConnectionId,
        secret: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, VaultError>>;

    /// Opens a secret that was sealed for this connection.
    fn open<'a>(
        &'a self,
        tenant: TenantId,
        connection: ConnectionId,
        sealed: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, VaultError>>;
}

/// Seals with KMS.
pub struct KmsVault {
    /// Client.
    pub client: aws_sdk_kms::Client,
    /// The key.
    pub key: String,
}

impl Vault for KmsVault {
    fn seal<'a>(
        &'a self,
        tenant: TenantId,
        connection: ConnectionId,
        secret: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, VaultError>> {
        Box::pin(async move {
            let operation = "sealed";
            let answer = self
                .client
                .encrypt()
                .key_id(&self.key)
                .plaintext(Blob::new(secret))
                .encryption_context("tenant", tenant.to_string())
                .encryption_context("connection", connection.to_string())
                .send()
                .await
                .map_err(|error| VaultError { operation, detail: DisplayErrorContext(&error).to_string() })?;
            asked(Paid::Kms, "vault.seal", 1);
            let blob =
                answer.ciphertext_blob.ok_or(VaultError { operation, detail: "nothing came back".to_owned() })?;
            Ok(blob.into_inner())
        })
    }

    fn open<'a>(
        &'a self,
        tenant: TenantId,
        connection: ConnectionId,
        sealed: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, VaultError>> {
        Box::pin(async move {
            let operation = "opened";
            let answer = self
                .client
                .decrypt()
                .key_id(&self.key)
                .ciphertext_blob(Blob::new(sealed))
                .encryption_context("tenant", tenant.to_string())
                .encryption_context("connection", connection.to_string())
                .send()
                .await
                .map_err(|error| VaultError { operation, detail: DisplayErrorContext(&error).to_string() })?;
            asked(Paid::Kms, "vault.open", 1);
            let blob = answer.plaintext.ok_or(VaultError { operation, detail: "nothing came back".to_owned() })?;
            Ok(blob.into_inner())
        })
    }
}
