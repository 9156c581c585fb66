//! The kinds of name: of a node, of an actor, of an actor's type, of a group of actors.
//!
//! Each is a short string, in place if it has no more than 23 bytes and shared otherwise, that was checked when it
//! was made, so nothing downstream checks again; decoding one from a peer checks it too.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use smol_str::SmolStr;

/// Why a string is not a name.
///
/// # Examples
///
/// ```
/// use murmer_wire::{NameError, NodeName};
///
/// assert_eq!(
///     NodeName::new("node 1").map_err(|error| error.to_string()),
///     Err("a node name must not contain ' ': letters, digits, '.', '_' and '-' are allowed".into()),
/// );
/// assert!(matches!(NodeName::new(""), Err(NameError::Length { max: 63, .. })));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NameError {
    /// The string is empty, or longer than `max` bytes.
    #[error("{kind} must have 1 to {max} bytes, not {len}")]
    Length {
        /// What was being named.
        kind: &'static str,
        /// Bytes allowed.
        max: usize,
        /// Bytes given.
        len: usize,
    },
    /// The string holds a character that this kind of name does not allow.
    #[error("{kind} must not contain {found:?}: {allowed}")]
    Character {
        /// What was being named.
        kind: &'static str,
        /// The first offending character.
        found: char,
        /// What is allowed, as a phrase.
        allowed: &'static str,
    },
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $kind:literal, $max:literal, $allowed:literal, $is_allowed:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(SmolStr);

        impl $name {
            /// The longest allowed, in bytes.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("use murmer_wire::", stringify!($name), ";")]
            ///
            #[doc = concat!("let longest = \"x\".repeat(", stringify!($name), "::BYTES_MAX);")]
            #[doc = concat!("assert!(", stringify!($name), "::new(&longest).is_ok());")]
            #[doc = concat!("assert!(", stringify!($name), "::new(&(longest + \"x\")).is_err());")]
            /// ```
            pub const BYTES_MAX: usize = $max;

            /// Checks `text` and makes it a name.
            ///
            /// # Errors
            ///
            /// [`NameError`] says which rule `text` breaks.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("use murmer_wire::", stringify!($name), ";")]
            ///
            #[doc = concat!("assert_eq!(", stringify!($name), "::new(\"alpha\")?.to_string(), \"alpha\");")]
            #[doc = concat!("assert!(", stringify!($name), "::new(\"one\\ntwo\").is_err());")]
            /// # Ok::<(), murmer_wire::NameError>(())
            /// ```
            pub fn new(text: &str) -> Result<Self, NameError> {
                check($kind, text, $max, $allowed, $is_allowed)?;
                Ok(Self(SmolStr::new(text)))
            }

            /// The name as text.
            ///
            /// # Examples
            ///
            /// ```
            #[doc = concat!("use murmer_wire::", stringify!($name), ";")]
            ///
            #[doc = concat!("let name: ", stringify!($name), " = \"alpha\".parse()?;")]
            /// assert_eq!(name.as_str(), "alpha");
            /// # Ok::<(), murmer_wire::NameError>(())
            /// ```
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{:?}", &*self.0)
            }
        }

        impl core::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }

        impl core::str::FromStr for $name {
            type Err = NameError;

            fn from_str(text: &str) -> Result<Self, NameError> {
                Self::new(text)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                struct Visitor;
                impl de::Visitor<'_> for Visitor {
                    type Value = $name;

                    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                        f.write_str($kind)
                    }

                    fn visit_str<E: de::Error>(self, text: &str) -> Result<$name, E> {
                        $name::new(text).map_err(E::custom)
                    }
                }
                deserializer.deserialize_str(Visitor)
            }
        }
    };
}

name!(
    /// A node's place in its cluster: one live process at a time holds it.
    ///
    /// 1 to 63 bytes of `[A-Za-z0-9._-]`, so that it fits wherever a host name does.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer_wire::NodeName;
    ///
    /// let name: NodeName = "alpha.example-2".parse()?;
    /// assert_eq!(name.as_str(), "alpha.example-2");
    /// assert!(NodeName::new("alpha:7100").is_err());
    /// # Ok::<(), murmer_wire::NameError>(())
    /// ```
    NodeName,
    "a node name",
    63,
    "letters, digits, '.', '_' and '-' are allowed",
    |c| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-')
);

name!(
    /// What an actor is looked up by: 1 to 255 bytes of UTF-8 without control characters.
    ///
    /// A label is an attribute of an actor, not its identity; see [`ActorId`](crate::ActorId).
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer_wire::Label;
    ///
    /// let label = Label::new("room/général 1")?;
    /// assert_eq!(label.as_str(), "room/général 1");
    /// assert!(Label::new("").is_err());
    /// # Ok::<(), murmer_wire::NameError>(())
    /// ```
    Label,
    "a label",
    255,
    "control characters are not allowed",
    |c| !c.is_control()
);

name!(
    /// An actor's type, as `crate::Type`: the same in every build that means the same type. 1 to 255 bytes of
    /// UTF-8 without control characters.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer_wire::TypeName;
    ///
    /// assert_eq!(TypeName::new("shop::Cache<u64>")?.as_str(), "shop::Cache<u64>");
    /// # Ok::<(), murmer_wire::NameError>(())
    /// ```
    TypeName,
    "a type name",
    255,
    "control characters are not allowed",
    |c| !c.is_control()
);

name!(
    /// What a group of actors is found by: 1 to 255 bytes of UTF-8 without control characters.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer_wire::GroupName;
    ///
    /// assert_eq!(GroupName::new("workers")?.as_str(), "workers");
    /// assert!(GroupName::new("work\ters").is_err());
    /// # Ok::<(), murmer_wire::NameError>(())
    /// ```
    GroupName,
    "a group's name",
    255,
    "control characters are not allowed",
    |c| !c.is_control()
);

fn check(
    kind: &'static str,
    text: &str,
    max: usize,
    allowed: &'static str,
    is_allowed: fn(char) -> bool,
) -> Result<(), NameError> {
    if text.is_empty() || text.len() > max {
        return Err(NameError::Length { kind, max, len: text.len() });
    }
    match text.chars().find(|c| !is_allowed(*c)) {
        Some(found) => Err(NameError::Character { kind, found, allowed }),
        None => Ok(()),
    }
}
