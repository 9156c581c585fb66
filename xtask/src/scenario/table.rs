//! How long everything took, beside how long it may.

use std::fmt;
use std::time::Duration;

/// Rows in the order in which they were found.
#[derive(Debug, Default)]
pub struct Table {
    rows: Vec<(String, Duration, Duration)>,
}

impl Table {
    /// Adds what took `took` and may take `max`. Returns whether it kept to that.
    pub fn add(&mut self, what: &str, took: Duration, max: Duration) -> bool {
        self.rows.push((what.to_owned(), took, max));
        took <= max
    }

    /// Whether nothing took longer than it may.
    pub fn is_kept(&self) -> bool {
        self.rows.iter().all(|(_, took, max)| took <= max)
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let width = self.rows.iter().map(|(what, ..)| what.len()).max().unwrap_or_default().max(4);
        writeln!(f, "| {:width$} | {:>9} | {:>9} |        |", "what", "took", "allowed")?;
        writeln!(f, "|-{:-<width$}-|-{:->9}-|-{:->9}-|--------|", "", "", "")?;
        for (what, took, max) in &self.rows {
            let verdict = if took <= max { "kept" } else { "BROKEN" };
            writeln!(f, "| {what:width$} | {:>9} | {:>9} | {verdict:6} |", span(*took), span(*max))?;
        }
        Ok(())
    }
}

fn span(span: Duration) -> String {
    if span < Duration::from_secs(1) {
        format!("{:.1} ms", span.as_secs_f64() * 1e3)
    } else {
        format!("{:.2} s", span.as_secs_f64())
    }
}
