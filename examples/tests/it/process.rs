//! One `cluster_chat` process: lines in, lines out.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

pub(crate) struct Chat {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: Receiver<String>,
    reader: JoinHandle<()>,
    stderr: Receiver<String>,
    /// All of stderr so far.
    pub(crate) log: String,
}

impl Chat {
    /// Starts the program; it is killed when this is dropped.
    pub(crate) fn start(args: &[&str]) -> Self {
        Self::spawn(&mut Self::command(args))
    }

    /// The program, all three standard streams piped; for those who change something about it.
    pub(crate) fn command(args: &[&str]) -> Command {
        Self::prepared(Command::new(env!("CARGO_BIN_EXE_cluster_chat")), args)
    }

    /// The program where `space` puts it, which is a command that runs another.
    pub(crate) fn command_in(mut space: Command, args: &[&str]) -> Command {
        space.arg(env!("CARGO_BIN_EXE_cluster_chat"));
        Self::prepared(space, args)
    }

    fn prepared(mut command: Command, args: &[&str]) -> Command {
        command.args(args);
        for (variable, _) in std::env::vars_os() {
            if variable.as_encoded_bytes().starts_with(b"MURMER_") {
                command.env_remove(variable);
            }
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    pub(crate) fn spawn(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("cluster_chat starts");
        let (stdout, reader) = lines(child.stdout.take());
        let (stderr, _) = lines(child.stderr.take());
        Self { stdin: child.stdin.take(), child, stdout, reader, stderr, log: String::new() }
    }

    /// Starts a node and waits until its room is there.
    pub(crate) fn node(name: &str, port: u16, seeds: &[&str]) -> Self {
        let mut chat = Self::starting_node(name, port, seeds);
        chat.expect(&format!("Started room: #{name}"), Duration::from_secs(20));
        chat
    }

    /// Starts a node, and waits for nothing.
    pub(crate) fn starting_node(name: &str, port: u16, seeds: &[&str]) -> Self {
        let port = port.to_string();
        let mut args = vec!["--node", name, "--port", &port];
        for seed in seeds {
            args.extend(["--seed", seed]);
        }
        Self::start(&args)
    }

    pub(crate) fn say(&mut self, line: &str) {
        let stdin = self.stdin.as_mut().expect("stdin is open");
        writeln!(stdin, "{line}").and_then(|()| stdin.flush()).expect("the process reads");
    }

    pub(crate) fn end_input(&mut self) {
        self.stdin = None;
    }

    /// Closes the pipe that the process prints to.
    pub(crate) fn close_output(&mut self) {
        // The reader ends at the first line that it can't hand on.
        self.stdout = mpsc::channel().1;
        self.say("status");
        let end = Instant::now() + Duration::from_secs(10);
        while !self.reader.is_finished() {
            assert!(Instant::now() < end, "no answer to read; log:\n{}", self.read_log());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// The next line, or a panic that shows the log.
    pub(crate) fn line(&mut self, within: Duration) -> String {
        match self.stdout.recv_timeout(within) {
            Ok(line) => line,
            Err(error) => panic!("no line within {within:?} ({error}); log:\n{}", self.read_log()),
        }
    }

    /// Reads until `wanted` comes.
    pub(crate) fn expect(&mut self, wanted: &str, within: Duration) {
        let end = Instant::now() + within;
        while self.line(end.saturating_duration_since(Instant::now())) != wanted {}
    }

    /// What `command` prints, up to the answer of a command that changes nothing.
    pub(crate) fn ask(&mut self, command: &str) -> Vec<String> {
        self.say(command);
        self.say("status");
        let mut answer = Vec::new();
        loop {
            let line = self.line(Duration::from_secs(15));
            if line.starts_with("node ") || line.starts_with("local ") {
                return answer;
            }
            answer.push(line);
        }
    }

    /// Asks until the answer is as wanted, and says how long that took.
    pub(crate) fn ask_until(
        &mut self,
        command: &str,
        within: Duration,
        is_wanted: impl Fn(&[String]) -> bool,
    ) -> Duration {
        let begun = Instant::now();
        self.ask_by(command, begun + within, is_wanted);
        begun.elapsed()
    }

    /// The same with a deadline, for times that began earlier.
    pub(crate) fn ask_by(&mut self, command: &str, deadline: Instant, is_wanted: impl Fn(&[String]) -> bool) {
        loop {
            let answer = self.ask(command);
            let is_late = Instant::now() > deadline;
            if is_wanted(&answer) && !is_late {
                return;
            }
            assert!(!is_late, "{command} says {answer:?} past its time; log:\n{}", self.read_log());
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// The names of the rooms that answer.
    pub(crate) fn rooms(answer: &[String]) -> Vec<String> {
        let rooms = answer.iter().filter(|line| line.contains(" messages"));
        rooms.filter_map(|line| line.split(' ').next()).map(str::to_owned).collect()
    }

    pub(crate) fn kill(&mut self) {
        self.child.kill().expect("it can be killed");
        self.child.wait().expect("it ends");
    }

    pub(crate) fn terminate(&mut self) {
        self.signal("TERM");
    }

    pub(crate) fn signal(&mut self, name: &str) {
        let pid = self.child.id().to_string();
        let status = Command::new("kill").args(["-s", name, &pid]).status().expect("kill runs");
        assert!(status.success());
    }

    pub(crate) fn wait(&mut self, within: Duration) -> ExitStatus {
        let end = Instant::now() + within;
        loop {
            if let Some(status) = self.child.try_wait().expect("it can be waited for") {
                return status;
            }
            assert!(Instant::now() < end, "still running after {within:?}; log:\n{}", self.read_log());
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// All of stderr; waits until the process closes it.
    pub(crate) fn whole_log(&mut self) -> &str {
        for line in self.stderr.iter() {
            self.log.push_str(&line);
            self.log.push('\n');
        }
        &self.log
    }

    pub(crate) fn read_log(&mut self) -> &str {
        for line in self.stderr.try_iter() {
            self.log.push_str(&line);
            self.log.push('\n');
        }
        &self.log
    }

    /// Waits until the log says `wanted`.
    pub(crate) fn expect_log(&mut self, wanted: &str, within: Duration) {
        let end = Instant::now() + within;
        while !self.read_log().contains(wanted) {
            match self.stderr.recv_timeout(end.saturating_duration_since(Instant::now())) {
                Ok(line) => {
                    self.log.push_str(&line);
                    self.log.push('\n');
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    assert!(self.read_log().contains(wanted), "no {wanted:?} in the log:\n{}", self.log);
                }
            }
        }
    }
}

impl Drop for Chat {
    fn drop(&mut self) {
        // Fails only if it has ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Reads lines on a thread, until nobody wants them. None come of what is not piped.
fn lines(source: Option<impl Read + Send + 'static>) -> (Receiver<String>, JoinHandle<()>) {
    let (sender, receiver) = mpsc::channel();
    let reader = thread::spawn(move || {
        let Some(source) = source else { return };
        for line in BufReader::new(source).lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    (receiver, reader)
}
