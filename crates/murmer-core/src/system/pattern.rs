//! Patterns over labels: `*` stands for any text.

/// Whether `label` matches `pattern`.
pub(super) fn matches(pattern: &str, label: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = label.strip_prefix(first) else { return false };
    let mut last = None;
    for part in parts {
        // The part before the last is found as early as possible; that leaves the most for those
        // behind it.
        if let Some(part) = last.replace(part) {
            let Some(at) = rest.find(part) else { return false };
            rest = &rest[at + part.len()..];
        }
    }
    last.map_or(rest.is_empty(), |last| rest.ends_with(last))
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_stands_for_any_text() {
        for (pattern, label) in [
            ("room/*", "room/a"),
            ("*", ""),
            ("*", "x"),
            ("a*b*c", "aXbYbc"),
            ("*/x", "room/x"),
            ("ab", "ab"),
        ] {
            assert!(matches(pattern, label), "{pattern} {label}");
        }
    }

    #[test]
    fn everything_else_stands_for_itself() {
        for (pattern, label) in
            [("room/*", "rooms"), ("ab", "abc"), ("a*a", "a"), ("a*b*c", "acb"), ("", "x")]
        {
            assert!(!matches(pattern, label), "{pattern} {label}");
        }
    }
}
