//! A scenario as it is played: what is done to which node, and what each must say afterwards.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, bail, ensure};

use super::books::Books;
use super::console::Console;
use super::lab::Lab;
use super::script::{Action, Node, Step};
use super::table::Table;

pub(super) struct Play<'l> {
    lab: &'l mut dyn Lab,
    consoles: BTreeMap<Node, Console>,
    books: Books,
    /// When the last thing was done.
    since: Instant,
    /// Of the last thing that was done, for the table.
    after: String,
    table: Table,
}

impl<'l> Play<'l> {
    pub(super) fn new(lab: &'l mut dyn Lab) -> Self {
        Self {
            lab,
            consoles: BTreeMap::new(),
            books: Books::default(),
            since: Instant::now(),
            after: String::new(),
            table: Table::default(),
        }
    }

    pub(super) fn into_table(self) -> Table {
        self.table
    }

    /// Does one step, or waits for what it says. An error is about more than its time.
    pub(super) fn step(&mut self, step: &Step) -> Result<()> {
        match step.action {
            Action::Up(within) => self.up(within),
            Action::Create(rooms, within) => self.create(rooms, within),
            Action::Appear(within) => self.appear(within),
            Action::Post(within) => self.post(within),
            Action::Whole(within) => self.whole(within),
            Action::Unreachable(node, within) => self.unreachable(node, within),
            Action::Gone(node, within) => self.gone(node, within),
            Action::Ended(node, within) => self.ended(node, within),
            Action::Rest(long) => self.rest(long),
            Action::Replace(node, within) => self.replace(node, within),
            Action::Kill(..)
            | Action::Stop(..)
            | Action::Start(..)
            | Action::Restart(..)
            | Action::Pause(..)
            | Action::Cut(..) => {
                self.after.clone_from(&step.text);
                self.since = Instant::now();
                self.disturb(step.action)
            }
        }
    }

    fn disturb(&mut self, action: Action) -> Result<()> {
        match action {
            Action::Kill(node) => {
                let console = self.take(node)?;
                self.books.end(node);
                self.lab.kill(node, console)
            }
            Action::Stop(node) => {
                self.books.end(node);
                let console = self.consoles.get_mut(&node).context("it runs not")?;
                self.lab.stop(node, console)
            }
            Action::Start(node) => {
                let console = self.lab.start(node)?;
                self.books.begin(node);
                self.consoles.insert(node, console);
                Ok(())
            }
            Action::Restart(node) => {
                let console = self.take(node)?;
                let console = self.lab.restart(node, console)?;
                self.books.begin(node);
                self.consoles.insert(node, console);
                Ok(())
            }
            Action::Pause(node, long) => {
                let console = self.consoles.get_mut(&node).context("it runs not")?;
                self.lab.set_paused(node, console, true)?;
                thread::sleep(long); // tidy: sleep how long the fault lasts
                self.since = Instant::now();
                self.lab.set_paused(node, console, false)
            }
            Action::Cut(node, long) => {
                self.lab.set_cut(node, true)?;
                thread::sleep(long); // tidy: sleep how long the fault lasts
                self.since = Instant::now();
                self.lab.set_cut(node, false)
            }
            _ => bail!("{action:?} disturbs nothing"),
        }
    }

    fn up(&mut self, within: Duration) -> Result<()> {
        self.since = Instant::now();
        "up".clone_into(&mut self.after);
        let consoles = self.lab.up()?;
        for (node, console) in Node::ALL.into_iter().zip(consoles) {
            self.books.begin(node);
            self.consoles.insert(node, console);
        }
        self.whole(within)
    }

    fn create(&mut self, rooms: usize, within: Duration) -> Result<()> {
        self.since = Instant::now();
        self.after = format!("create {rooms} on each");
        for (node, console) in &mut self.consoles {
            let commands: Vec<_> =
                (0..rooms).map(|_| format!("create {}", self.books.create(*node))).collect();
            console.ask(&commands.join("\n"))?;
        }
        self.whole(within)
    }

    /// The median of many rooms: a single one would tell of the engine and the machine.
    fn appear(&mut self, within: Duration) -> Result<()> {
        let mut took = Vec::new();
        for round in 0..APPEARANCES {
            let node = Node::ALL[round % Node::ALL.len()];
            let room = self.books.create(node);
            let begun = Instant::now();
            self.ask(node, &format!("create {room}"))?;
            let wanted = format!("#{room} — 0 messages (on {node})");
            for other in node.others() {
                while !self.ask(other, &format!("status {room}"))?.contains(&wanted) {
                    ensure!(begun.elapsed() < PATIENCE, "{other} doesn't find #{room} of {node}");
                }
            }
            took.push(begun.elapsed());
        }
        took.sort();
        self.table.add("a room created -> answers on the others, median", took[took.len() / 2], within);
        Ok(())
    }

    fn post(&mut self, within: Duration) -> Result<()> {
        let begun = Instant::now();
        for from in Node::ALL {
            for to in Node::ALL {
                let wanted = self.books.post(to.name()).context("its room is there")?;
                let answer = self.ask(from, &format!("post {to} {from} hello"))?;
                ensure!(answer[0] == wanted, "{from} posted to {to}, which says {answer:?} and not {wanted}");
            }
        }
        self.table.add("a post over each pair", begun.elapsed(), within);
        Ok(())
    }

    fn whole(&mut self, within: Duration) -> Result<()> {
        let wrong = self.until(|play| play.wrong())?;
        ensure!(wrong.is_none(), "{} -> whole: {}", self.after, wrong.unwrap_or_default());
        let took = self.since.elapsed();
        self.table.add(&format!("{} -> whole", self.after), took, within);
        Ok(())
    }

    /// What is not as it must be, on any node.
    fn wrong(&mut self) -> Result<Option<String>> {
        for node in Node::ALL {
            let answer = self.ask(node, "nodes\nrooms")?;
            let wrong = Books::count_up(&answer[..answer.len() - 1]).or_else(|| self.books.compare(&answer));
            if let Some(wrong) = wrong {
                return Ok(Some(format!("{node} says: {wrong}")));
            }
        }
        Ok(None)
    }

    fn unreachable(&mut self, node: Node, within: Duration) -> Result<()> {
        let states = ["unreachable", "down", "left"].map(|state| format!("{node} — {state}"));
        self.wait_for(node, "unreachable", within, |answer| {
            answer.iter().any(|line| states.iter().any(|state| line.starts_with(state.as_str())))
        })
    }

    fn gone(&mut self, node: Node, within: Duration) -> Result<()> {
        let known = format!(", {} rooms known", self.books.rooms());
        self.wait_for(node, "gone", within, |answer| answer.iter().any(|line| line.ends_with(&known)))
    }

    /// Waits until both others say what is wanted.
    fn wait_for(
        &mut self,
        node: Node,
        what: &str,
        within: Duration,
        is_said: impl Fn(&[String]) -> bool,
    ) -> Result<()> {
        let wrong = self.until(|play| {
            for other in node.others() {
                let answer = play.ask(other, "nodes")?;
                if !is_said(&answer) {
                    return Ok(Some(format!("{other} says {answer:?}")));
                }
            }
            Ok(None)
        })?;
        ensure!(wrong.is_none(), "{} -> {what}: {}", self.after, wrong.unwrap_or_default());
        self.table.add(&format!("{} -> {what}", self.after), self.since.elapsed(), within);
        Ok(())
    }

    fn ended(&mut self, node: Node, within: Duration) -> Result<()> {
        let mut console = self.take(node)?;
        console.end(PATIENCE).with_context(|| format!("{node} was to end"))?;
        self.table.add(&format!("{} -> ended", self.after), self.since.elapsed(), within);
        let code = self.lab.exit_code(node, console)?;
        ensure!(code == 0, "{node} ended with {code}");
        Ok(())
    }

    fn rest(&mut self, long: Duration) -> Result<()> {
        let until = Instant::now() + long;
        while Instant::now() < until {
            if let Some(wrong) = self.wrong()? {
                bail!("it didn't stay whole: {wrong}");
            }
            thread::sleep(LOOK_EVERY); // tidy: sleep before the next look
        }
        Ok(())
    }

    /// Has `node` replaced while the others post to each other, as many messages as go through.
    fn replace(&mut self, node: Node, within: Duration) -> Result<()> {
        let console = self.take(node)?;
        let replacement = self.lab.replacement(node, console)?;
        self.books.end(node);
        let [one, other] = [0, 1].map(|at| node.others().nth(at).unwrap_or(node));
        let begun = Instant::now();
        let replacing = thread::spawn(replacement);
        let mut posted = 0;
        let loaded = self.load_until(one, other, &mut posted, || {
            ensure!(begun.elapsed() < PATIENCE, "{node} is not replaced after {PATIENCE:?}");
            Ok(replacing.is_finished())
        });
        // Also if a post went wrong: what it starts is the lab's to take down, which must not be over before.
        let replaced = replacing.join().map_err(|_| anyhow!("the replacing thread panicked"))?;
        loaded?;
        let (started_at, console) = replaced.with_context(|| format!("{node} was to be replaced"))?;
        self.books.begin(node);
        self.consoles.insert(node, console);
        self.since = started_at;
        let wrong = self.until(|play| {
            play.load_some(one, other, &mut posted)?;
            play.wrong()
        })?;
        ensure!(wrong.is_none(), "replace {node}: {}", wrong.unwrap_or_default());
        let what = format!("replace {node} under {posted} posts -> whole");
        self.table.add(&what, self.since.elapsed(), within);
        Ok(())
    }

    /// Bursts of posts both ways, until it is over.
    fn load_until(
        &mut self,
        one: Node,
        other: Node,
        posted: &mut usize,
        is_over: impl Fn() -> Result<bool>,
    ) -> Result<()> {
        while !is_over()? {
            self.load_some(one, other, posted)?;
            thread::sleep(LOOK_EVERY); // tidy: sleep before the next burst
        }
        Ok(())
    }

    /// A burst each way, unless there were enough: a room remembers only so many.
    fn load_some(&mut self, one: Node, other: Node, posted: &mut usize) -> Result<()> {
        if *posted < POSTS_MAX {
            *posted += self.load(one, other)? + self.load(other, one)?;
        }
        Ok(())
    }

    /// A burst of posts, all of which must be answered, in order.
    fn load(&mut self, from: Node, to: Node) -> Result<usize> {
        let posts = vec![format!("post {to} {from} more"); BURST];
        let answer = self.ask(from, &posts.join("\n"))?;
        for line in &answer[..answer.len() - 1] {
            let wanted = self.books.post(to.name()).context("its room is there")?;
            ensure!(*line == wanted, "{from} posts to {to}, which says {line:?} and not {wanted}");
        }
        ensure!(answer.len() == BURST + 1, "{from} was told {} times of {BURST} posts", answer.len() - 1);
        Ok(BURST)
    }

    /// Looks again and again until nothing is wrong; what still is when patience ends.
    fn until(&mut self, mut look: impl FnMut(&mut Self) -> Result<Option<String>>) -> Result<Option<String>> {
        let give_up_at = Instant::now() + PATIENCE;
        loop {
            let wrong = look(self)?;
            if wrong.is_none() || Instant::now() > give_up_at {
                return Ok(wrong);
            }
            thread::sleep(LOOK_EVERY); // tidy: sleep before the next look
        }
    }

    fn ask(&mut self, node: Node, commands: &str) -> Result<Vec<String>> {
        let console = self.consoles.get_mut(&node).with_context(|| format!("{node} runs not"))?;
        console.ask(commands).with_context(|| format!("{node} was asked"))
    }

    fn take(&mut self, node: Node) -> Result<Console> {
        self.consoles.remove(&node).with_context(|| format!("{node} runs not"))
    }
}

/// Far longer than anything may take: what does take longer is told with its time.
const PATIENCE: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(20);
/// Rooms that are created to see how soon they are found.
const APPEARANCES: usize = 15;
/// Posts at once.
const BURST: usize = 32;
/// Posts during one replacement, half of them to each room: a room is there for two of these at the most, and keeps
/// 10,000 messages.
const POSTS_MAX: usize = 6_000;
