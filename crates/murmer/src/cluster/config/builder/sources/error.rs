//! Why settings can't be had from where they are.

use std::io;

use super::given::quoted;
use super::origin::Origin;

/// What is wrong with a file of settings, or with a variable of the environment: which line or variable, which key,
/// what was given, and what was expected. What may be a secret is not shown.
///
/// # Examples
///
/// ```
/// use murmer::cluster::config::{ClusterConfig, SourceError};
///
/// let error = ClusterConfig::builder().variables([("MURMER_ASK_TIMEOUT", "fast")]).unwrap_err();
/// assert!(matches!(error, SourceError::Value { .. }));
/// let said = "MURMER_ASK_TIMEOUT must be a duration such as \"30s\", in ms, s, m, h or d, not \"fast\"";
/// assert_eq!(error.to_string(), said);
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SourceError {
    /// A file can't be opened: it isn't there, or it isn't this user's to read.
    #[error("{}can't open {file}", by(.named_by.as_ref()))]
    Open {
        /// Which.
        file: String,
        /// The setting that names it, if it isn't the file of settings itself.
        named_by: Option<Origin>,
        /// Why.
        source: io::Error,
    },
    /// A file could be opened, but not read.
    #[error("{}can't read {file}", by(.named_by.as_ref()))]
    Read {
        /// Which.
        file: String,
        /// The setting that names it, if it isn't the file of settings itself.
        named_by: Option<Origin>,
        /// Why.
        source: io::Error,
    },
    /// A file is too large, or not text.
    #[error("{}{file} {wrong}", by(.named_by.as_ref()))]
    Content {
        /// Which.
        file: String,
        /// The setting that names it, if it isn't the file of settings itself.
        named_by: Option<Origin>,
        /// What is wrong with it.
        wrong: String,
    },
    /// A file that should hold a secret has nothing in it.
    #[error(
        "{origin} is empty: set it to a file that holds the secret, which {file} doesn't, or leave it out"
    )]
    NoSecret {
        /// The setting that names the file.
        origin: Origin,
        /// Which.
        file: String,
    },
    /// A file is not TOML, or has a key twice.
    #[error("{file}:{line}: {reason}")]
    Syntax {
        /// Which.
        file: String,
        /// The first line that is wrong.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// There is no such setting.
    #[error("{file}:{line}: there is no setting {}: {instead}", quoted(.key))]
    UnknownKey {
        /// In which file.
        file: String,
        /// In which line.
        line: usize,
        /// What it is called there.
        key: String,
        /// What may have been meant.
        instead: String,
    },
    /// A variable is empty, or not text.
    #[error("{variable} {wrong}")]
    Variable {
        /// Which.
        variable: String,
        /// What is wrong with it.
        wrong: &'static str,
    },
    /// A setting can't have this value. What is of the right kind but out of its range is found by
    /// [`build`](super::ClusterConfigBuilder::build).
    #[error("{origin} must be {expected}, not {given}")]
    Value {
        /// Where it is given.
        origin: Origin,
        /// What it should be.
        expected: String,
        /// What it is, or of which kind if it may be a secret.
        given: String,
    },
    /// One source gives a setting in two ways, as a cookie and as a file that holds one.
    #[error("{origin} and {other} are both set: leave one out")]
    Both {
        /// The one.
        origin: Origin,
        /// The other.
        other: Origin,
    },
    /// What the setting is about was left out of this program when it was built.
    #[error("{origin}: this program was built without it; build it with murmer's feature `{feature}`")]
    NoFeature {
        /// Where it is given.
        origin: Origin,
        /// What is missing.
        feature: &'static str,
    },
}

fn by(named_by: Option<&Origin>) -> String {
    named_by.map(|origin| format!("{origin}: ")).unwrap_or_default()
}
