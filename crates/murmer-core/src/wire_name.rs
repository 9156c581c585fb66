//! Names of types that are the same in every build, worked out by the compiler.
//!
//! Doesn't know what they are hashed into; see [`crate::Message::KEY`].

use core::fmt;
use core::str;

/// The name of a type: the same in every build that means the same type.
///
/// What [`Wire`](crate::Wire) names a type by. Made in constants only.
///
/// # Examples
///
/// ```
/// use murmer::WireName;
///
/// const PAIR: WireName = WireName::new("shop::Pair").with(&[WireName::new("u8"), WireName::new("String")]);
/// assert_eq!(PAIR.as_str(), "shop::Pair<u8,String>");
/// ```
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct WireName {
    bytes: [u8; BYTES_MAX],
    len: usize,
}

impl WireName {
    /// The name `name`.
    ///
    /// # Panics
    ///
    /// If it is longer than 255 bytes; in a constant that is a compile error.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::{Wire, WireName};
    /// use serde::{Deserialize, Serialize};
    ///
    /// #[derive(Serialize, Deserialize)]
    /// struct Item;
    ///
    /// /// What `#[derive(Wire)]` writes.
    /// impl Wire for Item {
    ///     const NAME: WireName = WireName::new("shop::Item");
    /// }
    /// assert_eq!(<Vec<Item>>::NAME.as_str(), "Vec<shop::Item>");
    /// ```
    pub const fn new(name: &str) -> Self {
        Self { bytes: [0; BYTES_MAX], len: 0 }.then(name)
    }

    /// The value of a type's parameter that is a number or a `bool`.
    ///
    /// # Panics
    ///
    /// Not in practice: no number is that long.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::WireName;
    ///
    /// const SIZE: [WireName; 2] = [WireName::value(-7), WireName::value(true as i128)];
    /// const RING: WireName = WireName::new("shop::Ring").with(&SIZE);
    /// assert_eq!(RING.as_str(), "shop::Ring<-7,1>");
    /// ```
    pub const fn value(value: i128) -> Self {
        let mut digits = [0; 40];
        let mut at = digits.len();
        let mut rest = value.unsigned_abs();
        while at == digits.len() || rest > 0 {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        let (_, digits) = digits.split_at(at);
        match str::from_utf8(digits) {
            Ok(digits) if value < 0 => Self::new("-").then(digits),
            Ok(digits) => Self::new(digits),
            Err(_) => panic!("digits are ASCII"),
        }
    }

    /// The same with `parameters` in angle brackets, if there are any.
    ///
    /// # Panics
    ///
    /// If that is longer than 255 bytes; in a constant that is a compile error.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::WireName;
    ///
    /// const ITEM: WireName = WireName::new("shop::Item");
    /// assert_eq!(WireName::new("Vec").with(&[ITEM]).as_str(), "Vec<shop::Item>");
    /// assert_eq!(ITEM.with(&[]), ITEM);
    /// ```
    #[must_use]
    pub const fn with(self, parameters: &[Self]) -> Self {
        if parameters.is_empty() {
            return self;
        }
        let mut name = self.then("<");
        let mut at = 0;
        while at < parameters.len() {
            if at > 0 {
                name = name.then(",");
            }
            name = name.then(parameters[at].as_str());
            at += 1;
        }
        name.then(">")
    }

    /// As text.
    ///
    /// # Panics
    ///
    /// Never: it is made of text.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer::Wire;
    ///
    /// assert_eq!(<Option<u64>>::NAME.as_str(), "Option<u64>");
    /// ```
    pub const fn as_str(&self) -> &str {
        match str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(name) => name,
            Err(_) => panic!("a name is made of whole strings"),
        }
    }

    const fn then(mut self, more: &str) -> Self {
        let more = more.as_bytes();
        assert!(self.len + more.len() <= BYTES_MAX, "the name of a type is longer than 255 bytes");
        let mut at = 0;
        while at < more.len() {
            self.bytes[self.len + at] = more[at];
            at += 1;
        }
        self.len += more.len();
        self
    }
}

impl fmt::Debug for WireName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// As long as the name of an actor's type may be on the wire.
const BYTES_MAX: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_named_by_its_digits() {
        for value in [0, 7, -1, 255, i64::MIN.into(), u64::MAX.into(), i128::MIN, i128::MAX] {
            assert_eq!(WireName::value(value).as_str(), value.to_string());
        }
    }

    #[test]
    fn a_name_may_be_as_long_as_the_wire_allows() {
        let longest = "x".repeat(255);
        assert_eq!(WireName::new(&longest).as_str(), longest);
        assert_eq!(WireName::new("").with(&[]).as_str(), "");
    }

    #[test]
    #[should_panic(expected = "longer than 255 bytes")]
    fn a_name_that_is_longer_is_refused() {
        let name = "x".repeat(200);
        let _ = WireName::new(&name).with(&[WireName::new(&name)]);
    }
}
