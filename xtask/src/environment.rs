//! What `cargo run` tells this program about itself, and others should not take for being about them.

use std::process::Command;

/// `command`, which runs cargo, without it. Build scripts that look at such a variable would run again, and all that
/// depends on their crates would be built again, whenever cargo is run by hand and by this program in turn.
pub fn forget_us(command: &mut Command) -> &mut Command {
    for (name, _) in std::env::vars_os() {
        let is_ours = name.to_str().is_some_and(|name| OURS.iter().any(|ours| name.starts_with(ours)));
        if is_ours {
            command.env_remove(name);
        }
    }
    command
}

const OURS: [&str; 2] = ["CARGO_PKG_", "CARGO_MANIFEST_"];
