//! `cargo xtask docker`, with and without `--builder`: what is made, its size, and what to run next.

use std::io::Write;
use std::path::Path;

use anyhow::Result;

use super::{Compose, Engine, Vendor, builder, image, project};

/// Makes the image under its own name, and under those by which compose finds it in place of one that it would
/// build.
///
/// # Errors
///
/// When there is no engine, or a build fails.
pub fn make_image(root: &Path, target: &Path, out: &mut dyn Write) -> Result<()> {
    let engine = Engine::connect("docker")?;
    let project = composed(root);
    let mut tags = vec![IMAGE.to_owned()];
    // As compose wrote the names until its second version, and as it does since.
    tags.extend(["_", "-"].iter().flat_map(|by| SERVICES.map(|service| format!("{project}{by}{service}"))));
    let image = image(&engine, root, target, &tags)?;
    writeln!(out, "{IMAGE}: {:.1} MB, {}", image.bytes as f64 / 1e6, image.id)?;
    writeln!(out, "also as {}", tags[1..].join(", "))?;
    match Compose::find(&engine) {
        Ok(compose) => writeln!(out, "\nnext, three nodes of it:\n\n  {} up", compose.name())?,
        Err(error) => writeln!(
            out,
            "\n{error}; without, one node of it is\n\n  docker run --rm -it {IMAGE} --node alpha --port 7100"
        )?,
    }
    Ok(())
}

/// Makes the builder, and the folder of crates.
///
/// # Errors
///
/// When there is no engine, or a part of the toolchain is missing.
pub fn make_builder(root: &Path, out: &mut dyn Write) -> Result<()> {
    let engine = Engine::connect("docker")?;
    let bytes = builder(&engine, BUILDER)?;
    Vendor::make(root)?;
    writeln!(out, "{BUILDER}: {:.0} MB; all crates are in vendor/", bytes as f64 / 1e6)?;
    let compose = Compose::find(&engine)?;
    writeln!(out, "\nnext:\n\n  {0} build --build-arg BUILDER={BUILDER}\n  {0} up", compose.name())?;
    Ok(())
}

/// What compose calls this repository's.
fn composed(root: &Path) -> String {
    match std::env::var("COMPOSE_PROJECT_NAME") {
        Ok(name) if !name.is_empty() => name,
        _ => project(&root.file_name().unwrap_or_default().to_string_lossy()),
    }
}

const IMAGE: &str = "murmer-cluster-chat";
const BUILDER: &str = "murmer-builder";
/// Those of docker-compose.yml.
const SERVICES: [&str; 3] = ["alpha", "beta", "gamma"];
