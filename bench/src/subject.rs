//! Who is measured: a program each, built on its own.
//!
//! On its own, because cargo gives all that is built together the union of the features that
//! anybody asks for: the bare channels would run on a tokio as some actor crate wants it.

use std::env;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    Raw,
    Murmer,
    Kameo,
    Ractor,
    Actix,
    Released,
    /// QUIC on two workers, which remote ratios are taken to.
    RemoteQuic,
    RemoteMurmer,
    RemoteQuicThread,
    RemoteTcp,
    RemoteRactor,
    RemoteKameo,
    RemoteReleased,
}

/// What became of building a subject.
pub(crate) enum Built {
    At(PathBuf),
    Not(String),
}

impl Subject {
    /// A bound that nothing can pass, or almost nothing.
    pub(crate) const fn is_raw(self) -> bool {
        matches!(self, Self::Raw | Self::RemoteQuic | Self::RemoteQuicThread | Self::RemoteTcp)
    }

    pub(crate) const fn is_peer(self) -> bool {
        !self.is_raw() && !matches!(self, Self::Murmer | Self::RemoteMurmer)
    }

    /// More actors than these take it too long.
    pub(crate) const fn actors_max(self) -> usize {
        match self {
            Self::RemoteKameo => 1_000,
            _ => usize::MAX,
        }
    }

    /// Whether it is told how large a datagram may be.
    pub(crate) const fn takes_mtu(self) -> bool {
        matches!(self, Self::RemoteQuic | Self::RemoteMurmer | Self::RemoteQuicThread)
    }

    /// Whether its feature is on.
    pub(crate) const fn is_wanted(self) -> bool {
        match self {
            Self::Raw | Self::Murmer => true,
            Self::RemoteQuic | Self::RemoteMurmer | Self::RemoteQuicThread | Self::RemoteTcp => true,
            Self::Kameo | Self::RemoteKameo => cfg!(feature = "kameo"),
            Self::Ractor | Self::RemoteRactor => cfg!(feature = "ractor"),
            Self::Actix => cfg!(feature = "actix"),
            Self::Released | Self::RemoteReleased => cfg!(feature = "released"),
        }
    }

    /// Its name and version, as the table's head has it.
    pub(crate) fn title(self) -> String {
        let (title, package) = match self {
            Self::Raw => ("raw: tokio", "tokio"),
            Self::Murmer | Self::RemoteMurmer => return "murmer, this".into(),
            Self::RemoteQuic => ("raw: quinn", "quinn"),
            Self::RemoteQuicThread => ("raw: on one thread, quinn", "quinn"),
            Self::RemoteTcp => ("raw: TCP by tokio", "tokio"),
            Self::Kameo | Self::RemoteKameo => ("kameo", "kameo"),
            Self::Ractor => ("ractor", "ractor"),
            Self::RemoteRactor => ("ractor_cluster", "ractor_cluster"),
            Self::Actix => ("actix", "actix"),
            Self::Released | Self::RemoteReleased => ("murmer", "murmer"),
        };
        format!("{title} {}", locked_version(package).unwrap_or_default())
    }

    pub(crate) fn build(self) -> Built {
        eprintln!("building {}", self.program());
        match self.try_build() {
            Ok(program) => Built::At(program),
            Err(error) => Built::Not(format!("not built: {error:#}")),
        }
    }

    fn try_build(self) -> Result<PathBuf> {
        // Beside this program, so that all are in one target directory, wherever that is.
        let this = env::current_exe()?;
        let folder = this.parent().context("a program is in a folder")?;
        let target = folder.parent().context("target/release has a parent")?;
        let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        // What cargo told this program about its own package makes build scripts that look at it run
        // again, and half of the subject with them.
        env::vars_os()
            .filter(|(name, _)| ABOUT_US.iter().any(|about| name.to_string_lossy().starts_with(about)))
            .for_each(|(name, _)| {
                cargo.env_remove(name);
            });
        let status = cargo
            .args(["build", "--release", "--locked", "--quiet", "--package", self.package()])
            .args(["--bin", self.program()])
            .arg("--target-dir")
            .arg(target)
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .stdin(Stdio::null())
            .status()
            .context("cargo can't be run")?;
        if !status.success() {
            bail!("cargo build failed");
        }
        existing(target.join("release").join(self.program()))
    }

    const fn package(self) -> &'static str {
        match self {
            Self::Raw => "bench-raw",
            Self::Murmer => "bench-murmer",
            Self::Kameo => "bench-kameo",
            Self::Ractor => "bench-ractor",
            Self::Actix => "bench-actix",
            Self::Released => "bench-released",
            Self::RemoteQuic | Self::RemoteQuicThread | Self::RemoteTcp => "bench-remote-raw",
            Self::RemoteMurmer => "bench-remote-murmer",
            Self::RemoteRactor => "bench-remote-ractor",
            Self::RemoteKameo => "bench-remote-kameo",
            Self::RemoteReleased => "bench-remote-released",
        }
    }

    const fn program(self) -> &'static str {
        match self {
            Self::RemoteQuic => "bench-remote-quic",
            Self::RemoteQuicThread => "bench-remote-quic-thread",
            Self::RemoteTcp => "bench-remote-tcp",
            _ => self.package(),
        }
    }
}

fn existing(program: PathBuf) -> Result<PathBuf> {
    if !program.is_file() {
        bail!("cargo built no {}", program.display());
    }
    Ok(program)
}

/// The version of a package from outside this repository.
fn locked_version(package: &str) -> Option<&'static str> {
    let name = format!("name = \"{package}\"\n");
    LOCK.split("[[package]]\n")
        .filter(|entry| entry.starts_with(&name) && entry.contains("\nsource = "))
        .find_map(|entry| entry.split("\nversion = \"").nth(1)?.split('"').next())
}

const ABOUT_US: [&str; 3] = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_CRATE_"];
const LOCK: &str = include_str!("../Cargo.lock");
