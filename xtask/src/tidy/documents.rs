//! What documents name must exist, and what exists must be named.

use super::Documents;
use crate::Finding;

pub(super) fn check(documents: &Documents<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for &path in REQUIRED.iter().filter(|path| documents.text(path).is_none()) {
        found.push(Finding::new(path, 1, "no such file", "write it"));
    }
    let mut described = Vec::new();
    for path in documents.paths().filter(|path| path.ends_with(".md")) {
        for (line, link) in links(documents.text(path).unwrap_or_default()) {
            let Some(target) = resolve(path, link) else { continue };
            if !documents.exists(&target) {
                let what = format!("a link to {target}, which doesn't exist");
                found.push(Finding::new(path, line, what, "correct the link, or remove it"));
            }
            if path == ARCHITECTURE {
                described.push(target);
            }
        }
    }
    for path in documents.paths().filter(|path| path.starts_with(DECISIONS) && path.ends_with(".md")) {
        if !described.iter().any(|target| target == path) {
            found.push(Finding::new(
                path,
                1,
                "a decision nobody finds",
                format!("link to it from {ARCHITECTURE}"),
            ));
        }
    }
    found
}

/// The targets of all links in a Markdown text, outside of code, with their lines.
fn links(text: &str) -> Vec<(usize, &str)> {
    let mut found = Vec::new();
    let mut in_code = false;
    for (at, line) in text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            in_code = !in_code;
        }
        if in_code {
            continue;
        }
        // Every second part is between backticks.
        let prose = line.split('`').collect::<Vec<_>>();
        for (index, part) in prose.iter().enumerate() {
            // A link's text may be code, its target is not: "](" begins the part behind.
            if index % 2 == 0 {
                found.extend(
                    part.split("](").skip(1).map(|rest| (at + 1, rest.split(')').next().unwrap_or(rest))),
                );
            }
        }
        if line.starts_with('[')
            && let Some((_, target)) = line.split_once("]: ")
        {
            found.push((at + 1, target));
        }
    }
    found
}

/// The path that `link` in the document at `from` means; `None` if it leads out of the repository.
fn resolve(from: &str, link: &str) -> Option<String> {
    let link = link.trim().trim_start_matches('<');
    let link = link.split([' ', '>', '#']).next().unwrap_or(link);
    if link.is_empty() || link.contains("://") || link.starts_with("mailto:") {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    if !link.starts_with('/') {
        parts.extend(from.split('/'));
        parts.pop();
    }
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

const ARCHITECTURE: &str = "docs/ARCHITECTURE.md";
const DECISIONS: &str = "docs/decisions/";
const REQUIRED: [&str; 3] = ["CHANGELOG.md", "README.md", ARCHITECTURE];
