//! The steps of a scenario, as its file has them: one a line, with what it is about and a span.
//!
//! ```text
//! up                within SPAN  start all nodes; then each is whole
//! create N          within SPAN  N rooms more on each node; then each is whole
//! appear            within SPAN  a new room on one node answers on the others; the median of many
//! post              within SPAN  each node posts in a room of each, and is answered
//! kill NODE                      SIGKILL
//! stop NODE                      SIGTERM
//! start NODE                     a new process where one has ended
//! restart NODE                   SIGTERM, and a new process when that has worked
//! pause NODE        for SPAN     it gets no time, then goes on
//! cut NODE          for SPAN     it is off the network, then on it again
//! replace NODE      within SPAN  stopped, and a new one in its place that is whole so soon after it was started;
//!                                all the while the others post to each other
//! unreachable NODE  within SPAN  the others say so, or more
//! gone NODE         within SPAN  the others know none of its rooms
//! ended NODE        within SPAN  its process has ended, and well
//! whole             within SPAN  each node holds all others up, and all rooms answer it with all messages
//! rest              for SPAN     each node is whole all the time
//! ```
//!
//! Spans of checks count from the last thing that was done. Doesn't know how any of it is done.

use std::fmt;
use std::time::Duration;

/// One of the three.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Node {
    /// The one that others are seeded with.
    Alpha,
    /// Another.
    Beta,
    /// Another.
    Gamma,
}

impl Node {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Alpha, Self::Beta, Self::Gamma];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Alpha => "alpha",
            Self::Beta => "beta",
            Self::Gamma => "gamma",
        }
    }

    /// The two that it isn't.
    pub fn others(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |node| *node != self)
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A line of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// As it is written, with single spaces.
    pub text: String,
    /// What it means.
    pub action: Action,
}

/// What a step does, or waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs)] // The module's head says what each is.
pub enum Action {
    Up(Duration),
    Create(usize, Duration),
    Appear(Duration),
    Post(Duration),
    Kill(Node),
    Stop(Node),
    Start(Node),
    Restart(Node),
    Pause(Node, Duration),
    Cut(Node, Duration),
    Replace(Node, Duration),
    Unreachable(Node, Duration),
    Gone(Node, Duration),
    Ended(Node, Duration),
    Whole(Duration),
    Rest(Duration),
}

/// Reads a scenario.
///
/// # Errors
///
/// Which line isn't a step, and what was expected.
pub fn parse(text: &str) -> Result<Vec<Step>, String> {
    let mut steps = Vec::new();
    for (at, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or_default();
        let words: Vec<_> = line.split_whitespace().collect();
        if !words.is_empty() {
            let text = words.join(" ");
            let action =
                action(&words).map_err(|expected| format!("line {}: {text:?}: {expected}", at + 1))?;
            steps.push(Step { text, action });
        }
    }
    if !matches!(steps.first(), Some(Step { action: Action::Up(_), .. })) {
        return Err("a scenario begins with `up within SPAN`".into());
    }
    Ok(steps)
}

fn action(words: &[&str]) -> Result<Action, String> {
    Ok(match words {
        ["up", "within", within] => Action::Up(span(within)?),
        ["create", rooms, "within", within] => Action::Create(count(rooms)?, span(within)?),
        ["appear", "within", within] => Action::Appear(span(within)?),
        ["post", "within", within] => Action::Post(span(within)?),
        ["kill", name] => Action::Kill(node(name)?),
        ["stop", name] => Action::Stop(node(name)?),
        ["start", name] => Action::Start(node(name)?),
        ["restart", name] => Action::Restart(node(name)?),
        ["pause", name, "for", long] => Action::Pause(node(name)?, span(long)?),
        ["cut", name, "for", long] => Action::Cut(node(name)?, span(long)?),
        ["replace", name, "within", within] => Action::Replace(node(name)?, span(within)?),
        ["unreachable", name, "within", within] => Action::Unreachable(node(name)?, span(within)?),
        ["gone", name, "within", within] => Action::Gone(node(name)?, span(within)?),
        ["ended", name, "within", within] => Action::Ended(node(name)?, span(within)?),
        ["whole", "within", within] => Action::Whole(span(within)?),
        ["rest", "for", long] => Action::Rest(span(long)?),
        _ => return Err("there is no such step".into()),
    })
}

fn node(word: &str) -> Result<Node, String> {
    let node = Node::ALL.into_iter().find(|node| node.name() == word);
    node.ok_or_else(|| format!("{word} is none of alpha, beta and gamma"))
}

fn count(word: &str) -> Result<usize, String> {
    let count = word.parse().ok().filter(|count| (1..=ROOMS_MAX).contains(count));
    count.ok_or_else(|| format!("{word} is no number from 1 to {ROOMS_MAX}"))
}

fn span(word: &str) -> Result<Duration, String> {
    let (number, unit) = word.split_at(word.find(|char: char| !char.is_ascii_digit()).unwrap_or(word.len()));
    let millis = match unit {
        "ms" => number.parse().ok(),
        "s" => number.parse::<u64>().ok().and_then(|seconds| seconds.checked_mul(1_000)),
        _ => None,
    };
    let span = millis.map(Duration::from_millis).filter(|span| !span.is_zero() && *span <= SPAN_MAX);
    span.ok_or_else(|| format!("{word} is no span such as 500ms or 15s, of {} s at most", SPAN_MAX.as_secs()))
}

/// Rooms that one step creates on each node.
const ROOMS_MAX: usize = 1_000;
/// How long one step may take.
const SPAN_MAX: Duration = Duration::from_secs(600);
