//! AWS clients, made once from the environment that Lambda gives.
//!
//! The region, the credentials and, on the local cloud, the endpoint stand in the environment of a function, so nothing is
//! looked up: no profile files, no metadata service, no single sign-on. All clients share one HTTP client, which trusts the
//! roots of AWS's own certificates; they are compiled in, since every client reads its roots when it is made, and reading all of
//! a system's is most of the time that a function takes to start.

use crate::env::{self, SettingError};
#[cfg(feature = "sqs")]
use crate::queue::Queue;
#[cfg(feature = "user-pool")]
use crate::user_pool::UserPool;
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_dynamodb::config::{BehaviorVersion, retry::RetryConfig, timeout::TimeoutConfig};
use aws_smithy_http_client::tls::{self, TlsContext, TrustStore};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
#[cfg(any(feature = "s3", feature = "user-pool"))]
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector},
    orchestrator::HttpRequest,
};
use aws_types::{SdkConfig, region::Region};
#[cfg(feature = "s3")]
use rusty_s3::{Bucket, Credentials as BucketCredentials, UrlStyle};
use std::time::Duration;
#[cfg(any(feature = "s3", feature = "user-pool"))]
use {aws_smithy_async::rt::sleep::TokioSleep, aws_smithy_http_client::Connector, std::sync::OnceLock};

/// What AWS certifies its endpoints with.
const AMAZON_ROOTS: &[u8] = include_bytes!("amazon-roots.pem");

const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);
/// A mail of ten megabytes takes its time.
#[cfg(feature = "ses")]
const MAIL_TIMEOUT: Duration = Duration::from_secs(25);

/// What every client is made from.
#[derive(Debug, Clone)]
pub struct Aws {
    config: SdkConfig,
    #[cfg(any(feature = "s3", feature = "user-pool"))]
    credentials: Credentials,
}

impl Aws {
    /// Reads `AWS_REGION`, the credentials and `AWS_ENDPOINT_URL`.
    pub fn from_env() -> Result<Self, SettingError> {
        let credentials = Credentials::new(
            env::required("AWS_ACCESS_KEY_ID")?,
            env::required("AWS_SECRET_ACCESS_KEY")?,
            env::optional("AWS_SESSION_TOKEN"),
            None,
            "environment",
        );
        let endpoint = env::optional("AWS_ENDPOINT_URL");
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(ATTEMPT_TIMEOUT)
            .operation_timeout(Duration::from_secs(15))
            .build();
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(env::required("AWS_REGION")?))
            .credentials_provider(SharedCredentialsProvider::new(credentials.clone()))
            .retry_config(RetryConfig::standard().with_max_attempts(4))
            .timeout_config(timeouts)
            .http_client(http_client(endpoint.as_deref()));
        config.set_endpoint_url(endpoint);
        Ok(Self {
            config: config.build(),
            #[cfg(any(feature = "s3", feature = "user-pool"))]
            credentials,
        })
    }

    /// What other SDK crates make their clients from.
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// DynamoDB.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.config)
    }

    /// The queue at an address.
    #[cfg(feature = "sqs")]
    pub fn queue(&self, url: String) -> Queue {
        Queue::new(aws_sdk_sqs::Client::new(&self.config), url)
    }

    /// The bucket that a setting names, who asks for it, and what takes requests there. The local cloud wants its name in the
    /// path.
    #[cfg(feature = "s3")]
    pub fn bucket(
        &self,
        setting: &'static str,
    ) -> Result<(Bucket, BucketCredentials, SharedHttpConnector), SettingError> {
        let name = env::required(setting)?;
        let wrong =
            |value: &str, problem: String| SettingError::Wrong { name: setting, value: value.to_owned(), problem };
        let region = self.config.region().map_or("", Region::as_ref).to_owned();
        let (endpoint, style) = match self.config.endpoint_url() {
            Some(url) => (url.to_owned(), UrlStyle::Path),
            None => (format!("https://s3.{region}.amazonaws.com"), UrlStyle::VirtualHost),
        };
        let endpoint = endpoint
            .parse()
            .map_err(|error: url::ParseError| wrong(&endpoint, format!("no address of a bucket: {error}")))?;
        let bucket =
            Bucket::new(endpoint, style, name.clone(), region).map_err(|error| wrong(&name, error.to_string()))?;
        let (key, secret) = (self.credentials.access_key_id(), self.credentials.secret_access_key());
        let credentials = match self.credentials.session_token() {
            Some(token) => BucketCredentials::new_with_token(key, secret, token),
            None => BucketCredentials::new(key, secret),
        };
        Ok((bucket, credentials, self.connector()))
    }

    /// The user pool that a setting names.
    #[cfg(feature = "user-pool")]
    pub fn user_pool(&self, setting: &'static str) -> Result<UserPool, SettingError> {
        let region = self.config.region().map_or("", Region::as_ref).to_owned();
        let endpoint = self.config.endpoint_url();
        UserPool::from_env(setting, region, endpoint, self.credentials.clone(), self.connector())
    }

    /// What takes requests that are not made by the SDK.
    #[cfg(any(feature = "s3", feature = "user-pool"))]
    fn connector(&self) -> SharedHttpConnector {
        let foreign = self.config.endpoint_url().map(ToOwned::to_owned);
        SharedHttpConnector::new(Connecting { foreign, made: OnceLock::new() })
    }

    /// SES. A request is never repeated by itself: whether a mail went out must not be left to chance (ED-26).
    #[cfg(feature = "ses")]
    pub fn ses(&self) -> aws_sdk_ses::Client {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .operation_attempt_timeout(MAIL_TIMEOUT)
            .operation_timeout(MAIL_TIMEOUT)
            .build();
        let config = aws_sdk_ses::config::Builder::from(&self.config)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts)
            .build();
        aws_sdk_ses::Client::from_conf(config)
    }

    /// KMS.
    #[cfg(feature = "kms")]
    pub fn kms(&self) -> aws_sdk_kms::Client {
        aws_sdk_kms::Client::new(&self.config)
    }

    /// `EventBridge`.
    #[cfg(feature = "eventbridge")]
    pub fn eventbridge(&self) -> aws_sdk_eventbridge::Client {
        aws_sdk_eventbridge::Client::new(&self.config)
    }
}

fn http_client(endpoint: Option<&str>) -> SharedHttpClient {
    aws_smithy_http_client::Builder::new()
        .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
        .tls_context(trust(endpoint))
        .build_https()
}

/// Whoever stands in for AWS under `https` may be certified by anybody whom the system trusts.
fn trust(endpoint: Option<&str>) -> TlsContext {
    let is_foreign = endpoint.is_some_and(|url| url.starts_with("https:"));
    let roots = if is_foreign { TrustStore::default() } else { TrustStore::empty().with_pem_certificate(AMAZON_ROOTS) };
    TlsContext::builder().with_trust_store(roots).build().unwrap_or_default()
}

/// Made at the first request.
#[cfg(any(feature = "s3", feature = "user-pool"))]
#[derive(Debug)]
struct Connecting {
    foreign: Option<String>,
    made: OnceLock<Connector>,
}

#[cfg(any(feature = "s3", feature = "user-pool"))]
impl HttpConnector for Connecting {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let connector = self.made.get_or_init(|| {
            let limits =
                HttpConnectorSettings::builder().connect_timeout(CONNECT_TIMEOUT).read_timeout(ATTEMPT_TIMEOUT);
            Connector::builder()
                .connector_settings(limits.build())
                .sleep_impl(TokioSleep::new())
                .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::Ring))
                .tls_context(trust(self.foreign.as_deref()))
                .build()
        });
        connector.call(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_roots_can_be_read() {
        assert_eq!(AMAZON_ROOTS.windows(11).filter(|it| it == b"-----BEGIN ").count(), 5);
        for endpoint in [None, Some("http://127.0.0.1:4566"), Some("https://aws.example.com")] {
            // A client reads its roots when it is made, and panics when it can't.
            let config = SdkConfig::builder()
                .behavior_version(BehaviorVersion::latest())
                .http_client(http_client(endpoint))
                .build();
            drop(aws_sdk_dynamodb::Client::new(&config));
        }
    }
}
