//! What a source gives for one key, and what can be made of it.

use core::net::SocketAddr;
use core::time::Duration;
use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::error::SourceError;
use super::keys::Key;
use super::origin::Origin;
use super::{read, units};
use crate::cluster::Seed;

/// A value, of which key, and from where.
pub(super) struct Given<'s> {
    pub(super) key: &'static Key,
    pub(super) origin: Origin,
    pub(super) value: Value,
    /// Where names of files begin.
    pub(super) folder: &'s Path,
}

/// A file tells these apart, the environment has words only.
pub(super) enum Value {
    Word(OsString),
    Text(String),
    /// As it is written there, if it is no more than that.
    Number(String),
    Switch(bool),
    /// With their lines.
    List(Vec<(usize, Self)>),
    /// What is no setting's value, and what it is called.
    Other(&'static str),
}

impl Given<'_> {
    pub(super) fn text(&self) -> Result<&str, SourceError> {
        self.plain("text in quotes")
    }

    /// Text that is `expected` to be something.
    pub(super) fn plain(&self, expected: &str) -> Result<&str, SourceError> {
        self.as_text()?.ok_or_else(|| self.unexpected(expected))
    }

    pub(super) fn address(&self) -> Result<SocketAddr, SourceError> {
        let expected = r#"an address and port such as "127.0.0.1:7100""#;
        self.plain(expected)?.parse().map_err(|_| self.unexpected(expected))
    }

    pub(super) fn span(&self) -> Result<Duration, SourceError> {
        let expected = r#"a duration such as "30s", in ms, s, m, h or d"#;
        units::span(self.plain(expected)?).ok_or_else(|| self.unexpected(expected))
    }

    /// One of these words.
    pub(super) fn choice<T: Copy>(&self, choices: &[(&str, T)]) -> Result<T, SourceError> {
        let words: Vec<_> = choices.iter().map(|(word, _)| format!("{word:?}")).collect();
        let expected = words.join(" or ");
        let text = self.plain(&expected)?;
        let chosen = choices.iter().find(|(word, _)| *word == text);
        chosen.map(|(_, value)| *value).ok_or_else(|| self.unexpected(&expected))
    }

    pub(super) fn switch(&self) -> Result<bool, SourceError> {
        match (&self.value, self.as_text()?) {
            (Value::Switch(on), _) => Ok(*on),
            (Value::Word(_), Some("true")) => Ok(true),
            (Value::Word(_), Some("false")) => Ok(false),
            (Value::Text(_), _) => Err(self.unexpected("true or false, without quotes")),
            _ => Err(self.unexpected("true or false")),
        }
    }

    pub(super) fn count<T: TryFrom<u64>>(&self) -> Result<T, SourceError> {
        let number = match (&self.value, self.as_text()?) {
            (Value::Number(number), _) => number.parse().ok(),
            (Value::Word(_), Some(word)) => word.parse().ok(),
            (Value::Text(_), _) => return Err(self.unexpected("a whole number, without quotes")),
            _ => None,
        };
        self.fitting(number, "a whole number")
    }

    pub(super) fn bytes<T: TryFrom<u64>>(&self) -> Result<T, SourceError> {
        let number = match &self.value {
            Value::Number(number) => number.parse().ok(),
            _ => self.as_text()?.and_then(units::bytes),
        };
        self.fitting(number, BYTES)
    }

    /// The bytes of a buffer, unless its size is left to the system.
    pub(super) fn buffer(&self) -> Result<Option<usize>, SourceError> {
        if self.as_text()? == Some("system") {
            return Ok(None);
        }
        let bytes = self.bytes::<usize>();
        bytes.map(Some).map_err(|_| self.unexpected(&format!(r#"{BYTES}, or "system" for its default"#)))
    }

    /// 32 bytes as hexadecimal digits.
    pub(super) fn key(&self) -> Result<[u8; 32], SourceError> {
        let expected = if matches!(self.value, Value::Word(_)) { DIGITS } else { QUOTED_DIGITS };
        let digits = self.plain(expected)?.as_bytes();
        let mut key = [0; 32];
        if digits.len() != 2 * key.len() || !digits.iter().all(u8::is_ascii_hexdigit) {
            return Err(self.unexpected(expected));
        }
        for (byte, digits) in key.iter_mut().zip(digits.chunks_exact(2)) {
            for digit in digits {
                let value = char::from(*digit).to_digit(16).and_then(|value| u8::try_from(value).ok());
                *byte = *byte << 4 | value.ok_or_else(|| self.unexpected(expected))?;
            }
        }
        Ok(key)
    }

    pub(super) fn seeds(&self) -> Result<Vec<Seed>, SourceError> {
        let one = |text: &str| text.parse::<Seed>().ok();
        match &self.value {
            Value::List(items) => {
                let seed = |(line, item): &(usize, Value)| match item {
                    Value::Text(text) => one(text).ok_or_else(|| self.wrong_at(Some(*line), SEED, item)),
                    item => Err(self.wrong_at(Some(*line), SEED, item)),
                };
                items.iter().map(seed).collect()
            }
            Value::Word(_) => {
                let words = self.as_text()?.unwrap_or_default().split(',').map(str::trim);
                let seed = |word: &str| {
                    one(word).ok_or_else(|| self.wrong_at(None, SEEDS, &Value::Text(word.to_owned())))
                };
                words.map(seed).collect()
            }
            _ => Err(self.unexpected(r#"a list such as ["10.0.0.1:7100", "alpha:7100"]"#)),
        }
    }

    /// What is in the file of this name.
    pub(super) fn secret(&self) -> Result<String, SourceError> {
        let name: &OsStr = match &self.value {
            Value::Word(name) => name,
            Value::Text(name) => name.as_ref(),
            _ => return Err(self.unexpected("the path of a file in quotes")),
        };
        read::secret(&self.folder.join(name), &self.origin)
    }

    /// That it is something else than `expected`.
    pub(super) fn unexpected(&self, expected: &str) -> SourceError {
        self.wrong_at(None, expected, &self.value)
    }

    fn wrong_at(&self, line: Option<usize>, expected: &str, value: &Value) -> SourceError {
        let origin = line.map_or_else(|| self.origin.clone(), |line| self.origin.at(line));
        let given = if self.key.is_secret { value.kind().to_owned() } else { value.shown() };
        SourceError::Value { origin, expected: expected.to_owned(), given }
    }

    fn as_text(&self) -> Result<Option<&str>, SourceError> {
        match &self.value {
            Value::Text(text) => Ok(Some(text)),
            Value::Word(word) => match word.to_str() {
                Some(text) => Ok(Some(text)),
                None => Err(SourceError::Variable { variable: self.key.variable(), wrong: NOT_TEXT }),
            },
            _ => Ok(None),
        }
    }

    /// `number` as the type that its setting has.
    fn fitting<T: TryFrom<u64>>(&self, number: Option<u64>, expected: &str) -> Result<T, SourceError> {
        let number = number.ok_or_else(|| self.unexpected(expected))?;
        T::try_from(number).map_err(|_| {
            let bits = 8 * size_of::<T>();
            self.unexpected(&format!("{expected}, and below 2^{bits}"))
        })
    }
}

impl Value {
    fn kind(&self) -> &'static str {
        match self {
            Self::Word(_) | Self::Text(_) => "other text",
            Self::Number(_) => "a number",
            Self::Switch(_) => "true or false",
            Self::List(_) => "a list",
            Self::Other(kind) => kind,
        }
    }

    /// Itself, or its kind if there is too much of it.
    fn shown(&self) -> String {
        let text = match self {
            Self::Word(word) => word.to_string_lossy(),
            Self::Text(text) => text.into(),
            Self::Number(number) => return number.clone(),
            Self::Switch(on) => return on.to_string(),
            Self::List(_) | Self::Other(_) => return self.kind().to_owned(),
        };
        quoted(&text)
    }
}

/// `text` if it is short, or as much of it as tells which it is.
pub(super) fn quoted(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{:?}…", &text[..end]),
        None => format!("{text:?}"),
    }
}

pub(super) const NOT_TEXT: &str = "is not UTF-8 text";
const DIGITS: &str = "64 hexadecimal digits";
const QUOTED_DIGITS: &str = "64 hexadecimal digits in quotes";
const BYTES: &str = r#"a number of bytes such as 4096 or "4MiB" (KiB, MiB, GiB)"#;
const SEED: &str = r#"an address or host name with its port, such as "alpha:7100""#;
const SEEDS: &str = "addresses or host names with their ports, such as 10.0.0.1:7100,alpha:7100";
const SHOWN_CHARS_MAX: usize = 64;
