//! A deserializer around postcard's that counts depth and elements without a byte.
//!
//! Every nested value passes through [`Bounded`] again, so nothing a type's `Deserialize` does can
//! get past the counts. An element that takes a byte is paid for by that; so only the others count.

mod rest;

use core::cell::Cell;
use core::fmt;

use serde::de::{self, DeserializeOwned, DeserializeSeed, Deserializer, Visitor};

use self::rest::Rest;
use super::DecodeError;

pub(super) fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DecodeError> {
    let limits = Limits {
        depth: Cell::new(DEPTH_MAX),
        empty_elements: Cell::new(EMPTY_ELEMENTS_MAX),
        bytes: Cell::new(bytes.len()),
        exceeded: Cell::new(false),
    };
    let mut postcard = postcard::Deserializer::from_flavor(Rest::new(bytes, &limits.bytes));
    let value = T::deserialize(Bounded::new(&mut postcard, &limits)).map_err(|error| {
        if limits.exceeded.get() { DecodeError::Limit } else { DecodeError::Malformed(error) }
    })?;
    match limits.bytes.get() {
        0 => Ok(value),
        left => Err(DecodeError::Trailing(left)),
    }
}

/// What one value may still use.
struct Limits {
    depth: Cell<usize>,
    empty_elements: Cell<usize>,
    /// Those that have not been read.
    bytes: Cell<usize>,
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

    /// Runs `read`, which reads an element of a list whose length the bytes say, if there is one.
    fn element<T, E: de::Error>(&self, read: impl FnOnce() -> Result<Option<T>, E>) -> Result<Option<T>, E> {
        let before = self.bytes.get();
        let element = read()?;
        if element.is_some() && self.bytes.get() == before {
            self.take(&self.empty_elements)?;
        }
        Ok(element)
    }

    /// No more elements than this can follow.
    fn elements_max(&self) -> usize {
        self.bytes.get() + self.empty_elements.get()
    }
}

/// Any deserializer, access or visitor of serde's, under [`Limits`].
struct Bounded<'l, T> {
    inner: T,
    limits: &'l Limits,
    /// The type says how many elements there are, and not the bytes.
    is_fixed: bool,
}

impl<'l, T> Bounded<'l, T> {
    const fn new(inner: T, limits: &'l Limits) -> Self {
        Self { inner, limits, is_fixed: false }
    }

    const fn fixed(inner: T, limits: &'l Limits) -> Self {
        Self { inner, limits, is_fixed: true }
    }
}

macro_rules! forward {
    ($around:ident: $($method:ident($($arg:ident: $type:ty),*);)*) => {
        $(fn $method<V: Visitor<'de>>(self, $($arg: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            let Self { inner, limits, .. } = self;
            limits.nested(|| inner.$method($($arg,)* Bounded::$around(visitor, limits)))
        })*
    };
}

impl<'de, D: Deserializer<'de>> Deserializer<'de> for Bounded<'_, D> {
    type Error = D::Error;

    forward! {
        new: deserialize_any(); deserialize_bool(); deserialize_i8(); deserialize_i16(); deserialize_i32();
        deserialize_i64(); deserialize_i128(); deserialize_u8(); deserialize_u16(); deserialize_u32();
        deserialize_u64(); deserialize_u128(); deserialize_f32(); deserialize_f64(); deserialize_char();
        deserialize_str(); deserialize_string(); deserialize_bytes(); deserialize_byte_buf();
        deserialize_option(); deserialize_unit(); deserialize_seq(); deserialize_map();
        deserialize_identifier(); deserialize_ignored_any();
        deserialize_unit_struct(name: &'static str);
        deserialize_newtype_struct(name: &'static str);
        deserialize_enum(name: &'static str, variants: &'static [&'static str]);
    }

    forward! {
        fixed: deserialize_tuple(len: usize);
        deserialize_tuple_struct(name: &'static str, len: usize);
        deserialize_struct(name: &'static str, fields: &'static [&'static str]);
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
        self.inner.visit_some(Bounded::new(inner, self.limits))
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, inner: D) -> Result<V::Value, D::Error> {
        self.inner.visit_newtype_struct(Bounded::new(inner, self.limits))
    }

    fn visit_seq<A: de::SeqAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.inner.visit_seq(Bounded { inner, limits: self.limits, is_fixed: self.is_fixed })
    }

    fn visit_map<A: de::MapAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.inner.visit_map(Bounded::new(inner, self.limits))
    }

    fn visit_enum<A: de::EnumAccess<'de>>(self, inner: A) -> Result<V::Value, A::Error> {
        self.inner.visit_enum(Bounded::new(inner, self.limits))
    }
}

impl<'de, S: DeserializeSeed<'de>> DeserializeSeed<'de> for Bounded<'_, S> {
    type Value = S::Value;

    fn deserialize<D: Deserializer<'de>>(self, inner: D) -> Result<S::Value, D::Error> {
        self.inner.deserialize(Bounded::new(inner, self.limits))
    }
}

impl<'de, A: de::SeqAccess<'de>> de::SeqAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let Self { inner, limits, is_fixed } = self;
        let seed = Bounded::new(seed, limits);
        if *is_fixed {
            return inner.next_element_seed(seed);
        }
        limits.element(|| inner.next_element_seed(seed))
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint().map(|hint| hint.min(self.limits.elements_max()))
    }
}

impl<'de, A: de::MapAccess<'de>> de::MapAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, A::Error> {
        let Self { inner, limits, .. } = self;
        limits.element(|| inner.next_key_seed(Bounded::new(seed, limits)))
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, A::Error> {
        self.inner.next_value_seed(Bounded::new(seed, self.limits))
    }

    fn size_hint(&self) -> Option<usize> {
        self.inner.size_hint().map(|hint| hint.min(self.limits.elements_max()))
    }
}

impl<'de, 'l, A: de::EnumAccess<'de>> de::EnumAccess<'de> for Bounded<'l, A> {
    type Error = A::Error;
    type Variant = Bounded<'l, A::Variant>;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self::Variant), A::Error> {
        let Self { inner, limits, .. } = self;
        let (value, inner) = inner.variant_seed(Bounded::new(seed, limits))?;
        Ok((value, Bounded::new(inner, limits)))
    }
}

impl<'de, A: de::VariantAccess<'de>> de::VariantAccess<'de> for Bounded<'_, A> {
    type Error = A::Error;

    fn unit_variant(self) -> Result<(), A::Error> {
        self.inner.unit_variant()
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, A::Error> {
        self.inner.newtype_variant_seed(Bounded::new(seed, self.limits))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, A::Error> {
        self.inner.tuple_variant(len, Bounded::fixed(visitor, self.limits))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, A::Error> {
        self.inner.struct_variant(fields, Bounded::fixed(visitor, self.limits))
    }
}

/// How deep a value may nest. Lists written as nested boxes are longer than this; nothing else is.
pub(super) const DEPTH_MAX: usize = 128;
/// How many elements that take no byte all lists of a value may hold together.
const EMPTY_ELEMENTS_MAX: usize = 1_024;
