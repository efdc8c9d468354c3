//! What can stop a command, said so that the reader knows what to do next.

use std::path::PathBuf;

/// Why a command did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The command line makes no sense.
    #[error("{0}\n\n{usage}", usage = crate::USAGE)]
    Usage(String),
    /// Something this machine must have is not there.
    #[error("{0}")]
    Missing(String),
    /// Another program ended badly.
    #[error("{what} failed{detail}")]
    Program {
        /// What the program was to do.
        what: String,
        /// Its last lines, or nothing when it has printed them itself.
        detail: String,
    },
    /// The cloud, local or AWS, refused a request.
    #[error("{operation}: {message}")]
    Cloud {
        /// Service and operation.
        operation: String,
        /// The answer.
        message: String,
    },
    /// The local cloud is not in the state that the command needs.
    #[error("{0}")]
    State(String),
    /// Checks that did not pass.
    #[error("{0}")]
    Checks(String),
    /// Somebody pressed Ctrl-C.
    #[error("interrupted")]
    Interrupted,
    /// A file could not be read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// An answer that is not what it should be.
    #[error("{what} is not what was expected: {message}")]
    Unexpected {
        /// What was read.
        what: String,
        /// What is wrong with it.
        message: String,
    },
}

impl Failure {
    /// For `map_err` on file operations.
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }

    /// For `map_err` on answers that cannot be understood.
    pub fn unexpected<E: std::fmt::Display>(what: &str) -> impl FnOnce(E) -> Self {
        let what = what.to_owned();
        move |error| Self::Unexpected { what, message: error.to_string() }
    }
}
