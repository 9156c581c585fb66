//! Files of a bounded size.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::error::SourceError;
use super::origin::Origin;

/// What is in a file; `named_by` says who wants it, if not the program itself.
pub(super) fn text(path: &Path, named_by: Option<&Origin>, bytes_max: u64) -> Result<String, SourceError> {
    let (named, named_by) = (|| path.display().to_string(), || named_by.cloned());
    let open = File::open(path);
    let file = open.map_err(|source| SourceError::Open { file: named(), named_by: named_by(), source })?;
    let mut bytes = Vec::new();
    // One byte more, which tells what is too large from what is just not.
    let read = file.take(bytes_max + 1).read_to_end(&mut bytes);
    read.map_err(|source| SourceError::Read { file: named(), named_by: named_by(), source })?;
    let wrong = |wrong| SourceError::Content { file: named(), named_by: named_by(), wrong };
    if bytes.len() as u64 > bytes_max {
        return Err(wrong(format!("has more than {bytes_max} bytes")));
    }
    String::from_utf8(bytes).map_err(|_| wrong("is not UTF-8 text".to_owned()))
}

/// What a file holds, but for one line's end at its end: editors and `echo` leave one.
pub(super) fn secret(path: &Path, named_by: &Origin) -> Result<String, SourceError> {
    let mut text = text(path, Some(named_by), SECRET_BYTES_MAX)?;
    if text.ends_with('\n') {
        text.pop();
        if text.ends_with('\r') {
            text.pop();
        }
    }
    if text.is_empty() {
        return Err(SourceError::NoSecret { origin: named_by.clone(), file: path.display().to_string() });
    }
    Ok(text)
}

/// More than the longest cookie, which is refused where its length is known to be the reason.
const SECRET_BYTES_MAX: u64 = 4_096;
