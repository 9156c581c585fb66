//! Rust text split into code without strings, and comments.
//!
//! Knows just enough of the language to tell where strings, characters and comments begin and end.

/// The code and the comments of `text`, with the same line breaks. Strings in the code are empty.
pub(super) fn mask(text: &str) -> (String, String) {
    let mut masker =
        Masker { rest: text.chars().collect(), at: 0, code: String::new(), comments: String::new() };
    while let Some(char) = masker.peek(0) {
        masker.step(char);
    }
    (masker.code, masker.comments)
}

struct Masker {
    rest: Vec<char>,
    at: usize,
    code: String,
    comments: String,
}

impl Masker {
    fn step(&mut self, char: char) {
        match (char, self.peek(1)) {
            ('/', Some('/')) => self.line_comment(),
            ('/', Some('*')) => self.block_comment(),
            ('"', _) => self.string(),
            ('\'', _) => self.char_or_lifetime(),
            _ if is_word(char) => self.word(),
            _ => {
                self.keep(char);
                self.at += 1;
            }
        }
    }

    fn line_comment(&mut self) {
        while let Some(char) = self.peek(0).filter(|&char| char != '\n') {
            self.comments.push(char);
            self.at += 1;
        }
    }

    fn block_comment(&mut self) {
        let mut depth = 0;
        while let Some(char) = self.peek(0) {
            let len = match (char, self.peek(1)) {
                ('/', Some('*')) => {
                    depth += 1;
                    2
                }
                ('*', Some('/')) => {
                    depth -= 1;
                    2
                }
                ('\n', _) => {
                    self.line_break();
                    1
                }
                _ => {
                    self.comments.push(char);
                    1
                }
            };
            self.at += len;
            if depth == 0 {
                break;
            }
        }
        // `a/**/b` is two tokens.
        self.code.push(' ');
    }

    fn string(&mut self) {
        self.code.push_str("\"\"");
        self.at += 1;
        while let Some(char) = self.peek(0) {
            match char {
                '"' => break,
                '\\' => {
                    self.at += 1;
                    self.skip_one();
                }
                _ => self.skip_one(),
            }
        }
        self.at += 1;
    }

    fn raw_string(&mut self, hashes: usize) {
        self.code.push_str("\"\"");
        self.at += hashes + 1;
        while let Some(char) = self.peek(0) {
            if char == '"' && (1..=hashes).all(|ahead| self.peek(ahead) == Some('#')) {
                break;
            }
            self.skip_one();
        }
        self.at += hashes + 1;
    }

    fn char_or_lifetime(&mut self) {
        let literal = match (self.peek(1), self.peek(2)) {
            (Some('\\'), _) => true,
            (_, after) => after == Some('\''),
        };
        self.at += 1;
        if !literal {
            self.code.push('\'');
            return;
        }
        self.code.push_str("''");
        // The first one may be a quote itself: '\''.
        self.at += if self.peek(0) == Some('\\') { 2 } else { 1 };
        while self.peek(0).is_some_and(|char| char != '\'') {
            self.skip_one();
        }
        self.at += 1;
    }

    fn word(&mut self) {
        let start = self.at;
        while self.peek(0).is_some_and(is_word) {
            self.at += 1;
        }
        let word: String = self.rest[start..self.at].iter().collect();
        let hashes = (0..).take_while(|&ahead| self.peek(ahead) == Some('#')).count();
        if matches!(word.as_str(), "r" | "br" | "cr") && self.peek(hashes) == Some('"') {
            self.raw_string(hashes);
        } else {
            self.code.push_str(&word);
        }
    }

    fn skip_one(&mut self) {
        if self.peek(0) == Some('\n') {
            self.line_break();
        }
        self.at += 1;
    }

    fn keep(&mut self, char: char) {
        if char == '\n' {
            self.line_break();
        } else {
            self.code.push(char);
        }
    }

    fn line_break(&mut self) {
        self.code.push('\n');
        self.comments.push('\n');
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.rest.get(self.at + ahead).copied()
    }
}

fn is_word(char: char) -> bool {
    char.is_alphanumeric() || char == '_'
}
