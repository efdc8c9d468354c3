//! A vault that binds what it seals to tenant and connection, as the key's context does, and hides nothing.

use connector_push::{Vault, VaultError};
use domain::ids::{ConnectionId, TenantId};
use futures_util::future::BoxFuture;

/// Seals by putting the context in front.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OpenVault;

fn context(tenant: TenantId, connection: ConnectionId) -> Vec<u8> {
    format!("{tenant}/{connection}:").into_bytes()
}

impl Vault for OpenVault {
    fn seal<'a>(
        &'a self,
        tenant: TenantId,
        connection: ConnectionId,
        secret: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, VaultError>> {
        let sealed = [context(tenant, connection).as_slice(), secret].concat();
        Box::pin(async move { Ok(sealed) })
    }

    fn open<'a>(
        &'a self,
        tenant: TenantId,
        connection: ConnectionId,
        sealed: &'a [u8],
    ) -> BoxFuture<'a, Result<Vec<u8>, VaultError>> {
        let other = || VaultError { operation: "opened", detail: "it was sealed for somebody else".to_owned() };
        let opened = sealed.strip_prefix(context(tenant, connection).as_slice()).map(<[u8]>::to_vec).ok_or_else(other);
        Box::pin(async move { opened })
    }
}
