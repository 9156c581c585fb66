//! What a line of the log looks like, with and without a prompt in its way.

use super::*;

fn written(is_open: bool, is_on_terminal: bool) -> String {
    let prompt = Prompt::default();
    *prompt.lock() = is_open;
    let mut screen = Vec::new();
    let mut line = Line { is_open: prompt.lock(), is_on_terminal, to: &mut screen };
    line.write_all(b"beta is up\n").unwrap();
    drop(line);
    String::from_utf8(screen).unwrap()
}

#[test]
fn a_line_takes_the_place_of_an_open_prompt_and_puts_it_back() {
    assert_eq!(written(true, true), "\r\x1b[Kbeta is up\n> ");
}

#[test]
fn without_a_prompt_or_a_terminal_a_line_is_a_line() {
    for (is_open, is_on_terminal) in [(false, true), (true, false), (false, false)] {
        assert_eq!(written(is_open, is_on_terminal), "beta is up\n");
    }
}
