//! AWS clients, made once from the environment that Lambda gives.
//!
//! The region, the credentials and, on the local cloud, the endpoint stand in the environment of a function, so nothing is
//! looked up: no profile files, no metadata service, no single sign-on. All clients share one HTTP client.

use crate::env::{self, SettingError};
use aws_credential_types::{Credentials, provider::SharedCredentialsProvider};
use aws_sdk_dynamodb::config::{BehaviorVersion, retry::RetryConfig, timeout::TimeoutConfig};
use aws_smithy_http_client::tls;
use aws_types::{SdkConfig, region::Region};
use std::time::Duration;

/// What every client is made from.
#[derive(Debug, Clone)]
pub struct Aws {
    config: SdkConfig,
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
        let http = aws_smithy_http_client::Builder::new()
            .tls_provider(tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc))
            .build_https();
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .operation_attempt_timeout(Duration::from_secs(5))
            .operation_timeout(Duration::from_secs(15))
            .build();
        let mut config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(env::required("AWS_REGION")?))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::standard().with_max_attempts(4))
            .timeout_config(timeouts)
            .http_client(http);
        config.set_endpoint_url(env::optional("AWS_ENDPOINT_URL"));
        Ok(Self { config: config.build() })
    }

    /// What other SDK crates make their clients from.
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }

    /// DynamoDB.
    pub fn dynamodb(&self) -> aws_sdk_dynamodb::Client {
        aws_sdk_dynamodb::Client::new(&self.config)
    }

    /// SQS.
    #[cfg(feature = "sqs")]
    pub fn sqs(&self) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.config)
    }

    /// S3; the local cloud wants the bucket in the path.
    #[cfg(feature = "s3")]
    pub fn s3(&self) -> aws_sdk_s3::Client {
        let local = self.config.endpoint_url().is_some();
        aws_sdk_s3::Client::from_conf(aws_sdk_s3::config::Builder::from(&self.config).force_path_style(local).build())
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
