//! What is refused, and in which words.

#[test]
fn what_cannot_be_a_handler_is_refused_where_it_stands() {
    trybuild::TestCases::new().compile_fail("tests/ui/*.rs");
}
