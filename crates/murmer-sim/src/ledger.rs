//! Which seeds have been run, for how long, at which commit, and what came of it: a table in a text file.
//!
//! A run that was cut off goes on behind what the table has. Text around the table stays as it is.
//! Doesn't know how seeds are run, nor where the file is.

use std::fmt;
use std::ops::Range;

/// A text with one table of runs in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Ledger {
    before: String,
    rows: Vec<Row>,
    after: String,
}

/// Consecutive seeds that were run in the same way.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// Which.
    pub seeds: Range<u64>,
    /// How long each, and with how many nodes.
    pub plan: Plan,
    /// The commit it was built from; with a `+` if the crates had been changed since.
    pub commit: String,
    /// The seeds in which something did not hold.
    pub violations: Vec<u64>,
    /// How much virtual time all took, healing included.
    pub virtual_seconds: u64,
    /// How much real time.
    pub real_seconds: f64,
}

/// How seeds are run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// How long faults go on in each.
    pub span_seconds: u64,
    /// The fewest nodes, and the most.
    pub nodes: (usize, usize),
}

impl Ledger {
    /// Reads a text; one without a table gets one at its end.
    pub fn parse(text: &str) -> Self {
        let Some(start) = text.find(HEAD) else {
            let gap = if text.is_empty() || text.ends_with("\n\n") { "" } else { "\n" };
            return Self { before: format!("{text}{gap}"), rows: Vec::new(), after: String::new() };
        };
        let table = &text[start + HEAD.len()..];
        let rows: Vec<_> = table.lines().map_while(Row::parse).collect();
        let after = table.lines().skip(rows.len()).map(|line| format!("{line}\n")).collect();
        Self { before: text[..start].to_owned(), rows, after }
    }

    /// The first of the `wanted` seeds that were not run so, at most `count` of them in a row.
    pub fn next(&self, wanted: &Range<u64>, plan: &Plan, count: u64) -> Option<Range<u64>> {
        let mut done: Vec<_> =
            self.rows.iter().filter(|row| row.plan == *plan).map(|row| &row.seeds).collect();
        done.sort_by_key(|seeds| seeds.start);
        let mut start = wanted.start;
        for seeds in done {
            if seeds.start > start {
                let end = seeds.start.min(wanted.end).min(start + count);
                return (start < end).then_some(start..end);
            }
            start = start.max(seeds.end);
        }
        (start < wanted.end).then(|| start..wanted.end.min(start + count))
    }

    /// Adds what was run, to the row it goes on from if there is one.
    pub fn record(&mut self, new: Row) {
        let goes_on = |row: &&mut Row| {
            row.plan == new.plan && row.commit == new.commit && row.seeds.end == new.seeds.start
        };
        match self.rows.iter_mut().find(goes_on) {
            Some(row) => {
                row.seeds.end = new.seeds.end;
                row.violations.extend(new.violations);
                row.virtual_seconds += new.virtual_seconds;
                row.real_seconds += new.real_seconds;
            }
            None => self.rows.push(new),
        }
    }

    /// The table's rows.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }
}

impl Row {
    fn parse(line: &str) -> Option<Self> {
        let cells: Vec<_> = line.trim().trim_matches('|').split('|').map(str::trim).collect();
        let [seeds, span, nodes, commit, violations, virtual_seconds, real_seconds, _] = cells[..] else {
            return None;
        };
        let (from, to) = seeds.split_once("..")?;
        let (fewest, most) = nodes.split_once("..")?;
        let violations = violations.split_whitespace().filter(|word| *word != NONE);
        Some(Self {
            seeds: from.parse().ok()?..to.parse().ok()?,
            plan: Plan {
                span_seconds: span.trim_end_matches(" s").parse().ok()?,
                nodes: (fewest.parse().ok()?, most.parse().ok()?),
            },
            commit: commit.to_owned(),
            violations: violations.map(|seed| seed.parse().ok()).collect::<Option<_>>()?,
            virtual_seconds: virtual_seconds.parse().ok()?,
            real_seconds: real_seconds.parse().ok()?,
        })
    }
}

impl fmt::Display for Ledger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{HEAD}", self.before)?;
        self.rows.iter().try_for_each(|row| writeln!(f, "{row}"))?;
        write!(f, "{}", self.after)
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seeds, plan, commit, violations, virtual_seconds, real_seconds } = self;
        let (span, (fewest, most)) = (plan.span_seconds, plan.nodes);
        let violations: Vec<_> = violations.iter().map(u64::to_string).collect();
        let violations = if violations.is_empty() { NONE.to_owned() } else { violations.join(" ") };
        let speed = *virtual_seconds as f64 / real_seconds.max(0.1);
        write!(
            f,
            "| {}..{} | {span} s | {fewest}..{most} | {commit} | {violations} ",
            seeds.start, seeds.end
        )?;
        write!(f, "| {virtual_seconds} | {real_seconds:.1} | {speed:.0} |")
    }
}

/// What stands where no seed does.
const NONE: &str = "none";
const HEAD: &str = "\
| seeds | faults for | nodes | commit | violations | virtual s | real s | virtual s per s |
| --- | --- | --- | --- | --- | --- | --- | --- |
";
