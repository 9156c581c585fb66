//! An image with this machine's Rust and C toolchain, for the Dockerfile's first stage.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};

use super::{Engine, toolchain};

/// Imports the toolchain as the image `tag`; how many bytes it has.
///
/// # Errors
///
/// When a part of the toolchain is missing, or the import fails.
pub fn builder(engine: &Engine, tag: &str) -> Result<u64> {
    let sysroot = toolchain::sysroot()?;
    let files = toolchain::files(&sysroot)?;
    let path = format!("ENV PATH={}:/usr/bin:/bin", sysroot.join("bin").display());
    import(engine, &files, &["--change", &path, "-", tag])?;
    let bytes = engine.run(&["image", "inspect", "--format", "{{.Size}}", tag])?;
    bytes.parse().with_context(|| format!("{bytes:?} is no size"))
}

fn import(engine: &Engine, files: &BTreeSet<PathBuf>, args: &[&str]) -> Result<()> {
    let mut tar = Command::new("tar");
    // What a link leads to stands in its place: then it is found without the links on the way to it.
    tar.args([
        "--create",
        "--dereference",
        "--hard-dereference",
        "--no-recursion",
        "--directory=/",
        "--null",
        "--files-from=-",
    ]);
    let mut tar = tar.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("tar cannot be run")?;
    let archive = tar.stdout.take().context("it was piped")?;
    // The command goes at once, and with it this end of the pipe: tar must notice if nobody reads it.
    let mut import = {
        let mut import = engine.command();
        import.arg("import").args(args).stdin(archive).stdout(Stdio::null());
        import.spawn().context("docker cannot be run")?
    };
    let mut names = tar.stdin.take().context("it was piped")?;
    for file in files {
        let name = file.strip_prefix("/").unwrap_or(file);
        // An error means that tar has given up already, and says why.
        if names.write_all(name.as_os_str().as_bytes()).and_then(|()| names.write_all(&[0])).is_err() {
            break;
        }
    }
    drop(names);
    ensure!(tar.wait()?.success(), "tar could not read the toolchain");
    ensure!(import.wait()?.success(), "the engine could not import the toolchain");
    Ok(())
}
