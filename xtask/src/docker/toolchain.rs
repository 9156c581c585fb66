//! Which files of this machine make up a Rust toolchain and the C compiler it needs.
//!
//! Asks the tools themselves, so that it doesn't matter where a distribution puts them.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, bail};

use super::engine::run;

/// Where Rust is.
pub(super) fn sysroot() -> Result<PathBuf> {
    Ok(run(Command::new("rustc").args(["--print", "sysroot"]))?.into())
}

/// All files, and empty folders that have to be there.
pub(super) fn files(sysroot: &Path) -> Result<BTreeSet<PathBuf>> {
    let mut files = BTreeSet::from([PathBuf::from("/tmp")]);
    rust(sysroot, &mut files)?;
    // The shell by the name under which it is called.
    files.insert("/bin/sh".into());
    for program in PROGRAMS {
        files.insert(on_path(program).with_context(|| format!("{program} is missing; install it"))?);
    }
    c_compiler(&mut files)?;
    let libraries: Vec<_> = files.iter().filter(|file| may_load(file)).flat_map(|file| loads(file)).collect();
    files.extend(libraries);
    files.retain(|file| file.exists());
    Ok(files)
}

fn rust(sysroot: &Path, files: &mut BTreeSet<PathBuf>) -> Result<()> {
    let version = run(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|line| line.strip_prefix("host: "));
    let host = host.context("rustc -vV names no host")?;
    files.extend(["rustc", "cargo"].map(|program| sysroot.join("bin").join(program)));
    for entry in fs::read_dir(sysroot.join("lib"))? {
        let path = entry?.path();
        if path.is_file() {
            files.insert(path);
        }
    }
    walk(&sysroot.join("lib/rustlib").join(host), 0, files)
}

/// What `cc` runs, reads and links.
fn c_compiler(files: &mut BTreeSet<PathBuf>) -> Result<()> {
    for part in ["cc1", "collect2", "lto-wrapper"] {
        let said = run(Command::new("cc").arg(format!("-print-prog-name={part}")))?;
        files.extend(placed(&said));
    }
    let own = run(Command::new("cc").arg("-print-libgcc-file-name"))?;
    let own = placed(&own).context("cc has no libgcc")?;
    walk(own.parent().context("it is in a folder")?, 0, files)?;
    for part in LINKED {
        let said = run(Command::new("cc").arg(format!("-print-file-name={part}")))?;
        let Some(file) = placed(&said) else { continue };
        files.extend(named_in(&file));
        files.insert(file);
    }
    let mut search = Command::new("cc");
    search.args(["-E", "-v", "-x", "c", "/dev/null"]).stdin(Stdio::null());
    let output = search.output().context("cc cannot be run")?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let folders = said.lines().skip_while(|line| !line.starts_with("#include <")).skip(1);
    for folder in folders.take_while(|line| line.starts_with(' ')) {
        walk(Path::new(folder.trim()), 0, files)?;
    }
    Ok(())
}

/// Where a tool says that something is; `None` if it only repeats a name.
fn placed(said: &str) -> Option<PathBuf> {
    let path = Path::new(said);
    // The folder without its detours, the file under its own name: linkers look for that.
    let folder = path.parent().filter(|_| path.is_absolute())?.canonicalize().ok()?;
    Some(folder.join(path.file_name()?))
}

/// What a library names that is a script for the linker: the files that are linked in its place.
fn named_in(library: &Path) -> Vec<PathBuf> {
    let Ok(script) = fs::read_to_string(library) else { return Vec::new() };
    let words = script.split_whitespace().filter(|word| word.starts_with('/'));
    words.map(PathBuf::from).filter(|path| path.is_file()).collect()
}

fn on_path(program: &str) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    std::env::split_paths(&folders).map(|folder| folder.join(program)).find(|path| path.is_file())
}

fn walk(folder: &Path, depth: usize, files: &mut BTreeSet<PathBuf>) -> Result<()> {
    if depth > DEPTH_MAX {
        bail!("{} is too deep: a link that leads back?", folder.display());
    }
    for entry in fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if NOT_FOR_C.iter().any(|part| name.contains(part)) {
            continue;
        }
        if path.is_dir() {
            walk(&path, depth + 1, files)?;
        } else {
            files.insert(path);
        }
    }
    Ok(())
}

/// Whether it can be a program, or a library that is loaded.
fn may_load(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    !name.contains('.') || name.contains(".so")
}

/// The libraries that are loaded with it.
fn loads(file: &Path) -> Vec<PathBuf> {
    // Scripts, headers and what is static are none of its business, and it says so by failing.
    let Ok(output) = Command::new("ldd").arg(file).stderr(Stdio::null()).output() else { return Vec::new() };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let words = said.split_whitespace().filter(|word| word.starts_with('/'));
    words.filter_map(|word| placed(word.trim_end_matches(':'))).collect()
}

/// What the build's script and the linker run.
const PROGRAMS: [&str; 8] = ["ar", "as", "cc", "cp", "dirname", "ld", "sed", "sh"];
/// What is linked into every program, static or not.
const LINKED: [&str; 20] = [
    "Scrt1.o",
    "crt1.o",
    "crti.o",
    "crtn.o",
    "libc.a",
    "libc.so",
    "libc.so.6",
    "libc_nonshared.a",
    "libdl.a",
    "libgcc_s.so",
    "libgcc_s.so.1",
    "liblto_plugin.so",
    "libm.a",
    "libm.so",
    "libm.so.6",
    "libmvec.a",
    "libpthread.a",
    "librt.a",
    "libutil.a",
    "rcrt1.o",
];
/// Parts of names of what is large and serves other languages, or looks for mistakes.
const NOT_FOR_C: [&str; 8] = ["c++", "cc1plus", "gfortran", "lto1", "asan", "tsan", "ubsan", "llvm"];
/// Folders within folders.
const DEPTH_MAX: usize = 32;
