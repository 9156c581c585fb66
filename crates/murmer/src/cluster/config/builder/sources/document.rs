//! What is in a TOML file: values with their keys and lines, or what is wrong with it as a document.

use std::path::Path;
use std::sync::Arc;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::error::SourceError;
use super::given::{Given, Value};
use super::keys::{Key, QUIC, Table};
use super::nearest::nearest;
use super::origin::{Origin, Place};

/// A text, what it is called, and where its names of files begin.
pub(super) struct Document<'s> {
    pub(super) text: &'s str,
    pub(super) file: Arc<str>,
    pub(super) folder: &'s Path,
}

impl<'s> Document<'s> {
    /// All that is given, from the first line to the last.
    pub(super) fn read(&self) -> Result<Vec<Given<'s>>, SourceError> {
        let top = DeTable::parse(self.text).map_err(|error| {
            let line = self.line(error.span().map_or(0, |span| span.start));
            let reason = match self.key_of(line) {
                Some(key) => format!("{key}: {}", error.message()),
                None => error.message().to_owned(),
            };
            SourceError::Syntax { file: self.file.to_string(), line, reason }
        })?;
        let mut given = Vec::new();
        for (name, value) in by_line(top.get_ref()) {
            match (name.get_ref().as_ref(), value.get_ref()) {
                (QUIC, DeValue::Table(quic)) => {
                    for (name, value) in by_line(quic) {
                        given.push(self.given(Table::Quic, name, value)?);
                    }
                }
                (QUIC, _) => return Err(self.unknown(Table::Top, name, "it is a table: write [quic]")),
                _ => given.push(self.given(Table::Top, name, value)?),
            }
        }
        Ok(given)
    }

    fn given(
        &self,
        table: Table,
        name: &Spanned<impl AsRef<str>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<Given<'s>, SourceError> {
        let key = Key::find(table, name.get_ref().as_ref())
            .ok_or_else(|| self.unknown(table, name, &instead(table, name.get_ref().as_ref())))?;
        let place = Place::Line { file: self.file.clone(), line: self.line(name.span().start) };
        let origin = Origin::new(key, place);
        Ok(Given { key, origin, value: self.value(value.get_ref()), folder: self.folder })
    }

    fn unknown(&self, table: Table, name: &Spanned<impl AsRef<str>>, instead: &str) -> SourceError {
        let name_in_table = name.get_ref().as_ref();
        SourceError::UnknownKey {
            file: self.file.to_string(),
            line: self.line(name.span().start),
            key: match table {
                Table::Top => name_in_table.to_owned(),
                Table::Quic => format!("{QUIC}.{name_in_table}"),
            },
            instead: instead.to_owned(),
        }
    }

    fn value(&self, value: &DeValue<'_>) -> Value {
        match value {
            DeValue::String(text) => Value::Text(text.clone().into_owned()),
            // Others are numbers as well, but nobody writes a setting like that.
            DeValue::Integer(number) if number.radix() == 10 => Value::Number(number.as_str().to_owned()),
            DeValue::Integer(_) => Value::Other("a number that isn't decimal"),
            DeValue::Float(_) => Value::Other("a number with a fraction"),
            DeValue::Boolean(on) => Value::Switch(*on),
            DeValue::Datetime(_) => Value::Other("a date or time"),
            DeValue::Array(items) => {
                let item = |item: &Spanned<DeValue<'_>>| {
                    // One list deep is as deep as settings go.
                    let value = match item.get_ref() {
                        DeValue::Array(_) => Value::Other("a list"),
                        other => self.value(other),
                    };
                    (self.line(item.span().start), value)
                };
                Value::List(items.iter().map(item).collect())
            }
            DeValue::Table(_) => Value::Other("a table"),
        }
    }

    /// The name that a line begins with, if it is one: whatever else is there may be a secret.
    fn key_of(&self, line: usize) -> Option<&'static str> {
        let (name, _) = self.text.lines().nth(line - 1)?.split_once('=')?;
        Key::all().map(|key| key.name).find(|known| *known == name.trim())
    }

    /// From 1, as editors count.
    fn line(&self, offset: usize) -> usize {
        self.text.bytes().take(offset).filter(|byte| *byte == b'\n').count() + 1
    }
}

/// What to write instead of `given`: the key that it nearly is, or all that there are in that table.
fn instead(table: Table, given: &str) -> String {
    if let Some(key) = Key::all().find(|key| key.name == given) {
        return match key.table() {
            Table::Top => format!("it belongs at the top, above [{QUIC}]"),
            Table::Quic => format!("it belongs into the table [{QUIC}]"),
        };
    }
    let names: Vec<_> = Key::all().filter(|key| key.table() == table).map(|key| key.name).collect();
    match (nearest(&names, given), table) {
        (Some(name), _) => format!("did you mean {name}?"),
        (None, Table::Top) if nearest(&[QUIC], given).is_some() => format!("did you mean [{QUIC}]?"),
        (None, Table::Top) => format!("there are {}, and the table [{QUIC}]", names.join(", ")),
        (None, Table::Quic) => format!("there are {}", names.join(", ")),
    }
}

/// What is in a table, in the order of the file: the first mistake in it is the one to tell of.
fn by_line<'t, 'i>(
    table: &'t DeTable<'i>,
) -> Vec<(&'t Spanned<toml::de::DeString<'i>>, &'t Spanned<DeValue<'i>>)> {
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(name, _)| name.span().start);
    entries
}
