//! The image of the Dockerfile's last stage, around a program built on the host.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use super::Engine;
use crate::forget_us;

/// What was built.
#[derive(Debug, Clone)]
pub struct Image {
    /// The engine's name for it, whatever it is tagged.
    pub id: String,
    /// Its size.
    pub bytes: u64,
}

/// Builds cluster_chat below `target` and an image of it, under all of `tags`.
///
/// # Errors
///
/// When either build fails.
pub fn image(engine: &Engine, root: &Path, target: &Path, tags: &[String]) -> Result<Image> {
    let context = root.join(target).join("docker");
    fs::create_dir_all(&context).with_context(|| format!("cannot make {}", context.display()))?;
    let mut build = Command::new("sh");
    build.arg("deploy/build-static.sh").arg(context.join("cluster_chat")).current_dir(root);
    build.env("CARGO_TARGET_DIR", root.join(target));
    ensure!(
        forget_us(&mut build).status().context("sh cannot be run")?.success(),
        "the program could not be built"
    );

    let dockerfile = fs::read_to_string(root.join("Dockerfile")).context("cannot read Dockerfile")?;
    fs::write(context.join("Dockerfile"), last_stage(&dockerfile))?;
    let context = context.to_str().context("the path is not UTF-8 text")?;
    let mut args = vec!["build", "--quiet"];
    args.extend(tags.iter().flat_map(|tag| ["--tag", tag]));
    args.push(context);
    let id = engine.run(&args)?;
    let bytes = engine.run(&["image", "inspect", "--format", "{{.Size}}", &id])?;
    Ok(Image { bytes: bytes.parse().with_context(|| format!("{bytes:?} is no size"))?, id })
}

/// The last stage of `dockerfile`, which takes what it copied from another stage from its context.
pub fn last_stage(dockerfile: &str) -> String {
    let mut stage = String::new();
    for line in dockerfile.lines() {
        if line.starts_with("FROM ") {
            stage.clear();
        }
        match line.split_once("COPY --from=build /") {
            Some(("", copied)) => stage.push_str(&format!("COPY {copied}")),
            _ => stage.push_str(line),
        }
        stage.push('\n');
    }
    stage
}
