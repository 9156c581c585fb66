//! The seeds that a fuzzer's finds were reduced to.

use std::fs;
use std::path::{Path, PathBuf};

use murmer_fuzz::{TARGETS, Target};

/// The seeds of one target, by file name.
pub(crate) fn seeds(target: &Target) -> Vec<(PathBuf, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/seeds").join(target.name);
    let mut paths: Vec<_> = fs::read_dir(&folder)
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    paths.into_iter().map(|path| (path.clone(), fs::read(path).unwrap())).collect()
}

#[test]
fn what_must_hold_holds_for_every_seed() {
    for target in &TARGETS {
        let seeds = seeds(target);
        assert!(seeds.len() > 10, "{} has {} seeds", target.name, seeds.len());
        for (path, seed) in seeds {
            // A panic doesn't say which; the last line of the test's output does.
            println!("{}", path.display());
            (target.body)(&seed);
        }
    }
}
