//! A deserializer around postcard's that counts depth and elements.
//!
//! Every nested value passes through [`Bounded`] again, so nothing a type's `Deserialize` does can
//! get past the counts.

use core::cell::Cell;
use core::fmt;

use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, Visitor};

use super::DecodeError;

pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let limits = Limits {
        depth: Cell::new(DEPTH_MAX),
        elements: Cell::new(bytes.len() + EMPTY_ELEMENTS_MAX),
        exceeded: Cell::new(false),
    };
    let mut postcard = postcard::Deserializer::from_bytes(bytes);
    let value = T::deserialize(Bounded { inner: &mut postcard, limits: &limits }).map_err(|error| {
        if limits.exceeded.get() { DecodeError::Limit } else { DecodeError::Malformed(error) }
    })?;
    match postcard.finalize() {
        Ok([]) => Ok(value),
        Ok(rest) => Err(DecodeError::Trailing(rest.len())),
        Err(error) => Err(DecodeError::Malformed(error)),
    }
}

/// What one value may still use.
struct Limits {
    depth: Cell<usize>,
    elements: Cell<usize>,
    exceeded: Cell<bool>,
}

impl Limits {
    fn take<E: de::Error>(&self, what: &Cell<usize>) -> Result<(), E> {
        match what.get().checked_sub(1) {
            Some(left) => {
                what.set(left);
                Ok(())
            }
            None => {
                self.exceeded.set(true);
                Err(E::custom("limit exceeded"))
            }
        }
    }

    /// Runs `read` one level deeper.
    fn nested<T, E: de::Error>(&self, read: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.take(&self.depth)?;
        let value = read();
        self.depth.set(self.depth.get() + 1);
        value
    }
}

/// Any deserializer, access or visitor of serde's, under [`Limits`].
struct Bounded<'l, T> {
    inner: T,
    limits: &'l Limits,
}

macro_rules! forward {
    ($($method:ident($($arg:ident: $type:ty),*);)*) => {
        $(fn $method<V: Visitor<'de>>(self, $($arg: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            let Self { inner, limits } = self;
            limits.nested(|| inner.$method($($arg,)* Bounded { inner: visitor, limits }))
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Bounded<'_, D> {
    type Error = D::Error;

    forward! {
        deserialize_any(); deserialize_bool(); deserialize_i8(); deserialize_i16(); deserialize_i32();
        deserialize_i64(); deserialize_i128(); deserialize_u8(); deserialize_u16(); deserialize_u32();
        deserialize_u64(); deserialize_u128(); deserialize_f32(); deserialize_f64(); deserialize_char();
        deserialize_str(); deserialize_string(); deserialize_bytes(); deserialize_byte_buf();
        deserialize_option(); deserialize_unit(); deserialize_seq(); deserialize_map();
        deserialize_identifier(); deserialize_ignored_any();
        deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct(name: &'static str);
        deserialize_tuple(len: usize);
        deserialize_tuple_struct(name: &'static str, len: usize);
        deserialize_struct(name: &'static str, fields: &'static [&'static str]);
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
    }

    fn is_human_readable(&self) -> bool {
        self.inner.is_human_readable()
    }
}

macro_rules! visit {
    ($($method:ident($type:ty);)*) => {
        $(fn $method<E: de::Error>(self, value: $type) -> Result<V::Value, E> {
            self.inner.$method(value)
        })*
    };
}

impl<'de, V: Visitor<'de>> Visitor<'de> for Bounded<'_, V> {
    type Value = V::Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.expecting(f)
    }

    visit! {
        visit_bool(bool); visit_i8(i8); visit_i16(i16); visit_i32(i32); visit_i64(i64); visit_i128(i128);
        visit_u8(u8); visit_u16(u16); visit_u32(u32); visit_u64(u64); visit_u128(u128); visit_f32(f32);
        visit_f64(f64); visit_char(char); visit_str(&str); visit_borrowed_str(&'de str);
        visit_bytes(&[u8]); visit_borrowed_bytes(&'de [u8]);
    }

    fn visit_none<E: de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_none()
    }

    fn visit_unit<E: de::Error>(self) -> Result<V::Value, E> {
        self.inner.visit_unit()
    }

    fn visit_some<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_some(Bounded { inner, limits: self.limits })
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_newtype_struct(Bounded { inner, limits: self.limits })
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.inner.visit_seq(Bounded { inner, limits: self.limits })
    }

    fn visit_map<A: de::MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(Bounded { inner, limits: self.limits })
    }

    fn visit_enum<A: de::EnumAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.inner.visit_enum(Bounded { inner, limits: self.limits })
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Bounded<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Bounded { inner, limits: self.limits })
    }
}

impl<'de, A: de::SeqAccess<'de>> de::SeqAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.limits.take(&self.limits.elements)?;
        self.inner.next_element_seed(Bounded { inner: seed, limits: self.limits })
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint().map(|hint| hint.min(self.limits.elements.get()))
    }
}

impl<'de, A: de::MapAccess<'de>> de::MapAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        self.limits.take(&self.limits.elements)?;
        self.inner.next_key_seed(Bounded { inner: seed, limits: self.limits })
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.inner.next_value_seed(Bounded { inner: seed, limits: self.limits })
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint().map(|hint| hint.min(self.limits.elements.get()))
    }
}

impl<'de, 'l, A: de::EnumAccess<'de>> de::EnumAccess<'de> for Bounded<'l, A> {
    type Error = A::Error;
    type Variant = Bounded<'l, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        let Self { inner, limits } = self;
        let (value, inner) = inner.variant_seed(Bounded { inner: seed, limits })?;
        Ok((value, Bounded { inner, limits }))
    }
}

impl<'de, A: de::VariantAccess<'de>> de::VariantAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.inner.newtype_variant_seed(Bounded { inner: seed, limits: self.limits })
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.inner.tuple_variant(len, Bounded { inner: visitor, limits: self.limits })
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.inner.struct_variant(fields, Bounded { inner: visitor, limits: self.limits })
    }
}

/// How deep a value may nest. Lists written as nested boxes are longer than this; nothing else is.
pub(super) const DEPTH_MAX: usize = 128;
/// How many elements without a byte of their own a value may hold in all.
const EMPTY_ELEMENTS_MAX: usize = 1_024;
