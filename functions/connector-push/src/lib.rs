//! The connector-push function.
