//! DynamoDB repositories and the S3 document store.
