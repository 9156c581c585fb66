//! Which files are checked.

use std::fs;
use std::path::Path;

use xtask::{File, read_tree};

#[test]
fn without_git_it_is_every_file_but_what_was_built() {
    // Git ignores this folder as a whole, which is like not being there.
    let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("no_git");
    for folder in ["src/deep", "target/debug", ".ci"] {
        fs::create_dir_all(root.join(folder)).unwrap();
    }
    for path in ["src/lib.rs", "src/deep/a.rs", "target/debug/b.rs", ".ci/run"] {
        fs::write(root.join(path), "//! A.\n").unwrap();
    }
    fs::write(root.join("picture.png"), [0xff, 0xfe]).unwrap();
    assert_eq!(
        read_tree(&root).unwrap(),
        [
            File::new(".ci/run", "//! A.\n"),
            File::new("picture.png", ""),
            File::new("src/deep/a.rs", "//! A.\n"),
            File::new("src/lib.rs", "//! A.\n"),
        ]
    );
}

#[test]
fn this_repository_is_read_without_what_was_built() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let files = read_tree(root).unwrap();
    assert!(files.iter().any(|file| file.path == "xtask/src/lib.rs" && file.text.starts_with("//!")));
    assert!(!files.iter().any(|file| file.path.starts_with("target/")));
}
