//! Tags that only one who knows the cookie can make, for this connection and this conversation only.

use core::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use super::Role;

/// A cookie, stretched: `Argon2id(cookie, salt = cluster name)`.
///
/// Never shown, not by `Debug` either.
#[derive(Clone, PartialEq, Eq)]
pub struct ClusterKey([u8; 32]);

impl ClusterKey {
    /// Another secret of the cluster's, for `purpose` alone: knowing it says nothing about the cookie.
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        mac.update(b"murmer/1 derive ");
        mac.update(purpose.as_bytes());
        mac.finalize().into_bytes().into()
    }
}

impl From<[u8; 32]> for ClusterKey {
    fn from(key: [u8; 32]) -> Self {
        Self(key)
    }
}

impl fmt::Debug for ClusterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClusterKey(…)")
    }
}

/// All that was said so far, on this connection.
pub(super) struct Transcript {
    binding: [u8; 32],
    said: Sha256,
}

impl fmt::Debug for Transcript {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Transcript(…)")
    }
}

impl Transcript {
    pub(super) fn new(binding: [u8; 32]) -> Self {
        Self { binding, said: Sha256::new() }
    }

    pub(super) fn record(&mut self, body: &[u8]) {
        // The length keeps two frames from being read as one with the same bytes.
        self.said.update((body.len() as u64).to_le_bytes());
        self.said.update(body);
    }

    pub(super) fn tag(&self, key: &ClusterKey, role: Role) -> [u8; 32] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&key.0).expect("HMAC takes keys of any length");
        mac.update(match role {
            Role::Dialer => b"murmer/1 dialer",
            Role::Acceptor => b"murmer/1 acceptor",
        });
        mac.update(&self.binding);
        mac.update(&self.said.clone().finalize());
        mac.finalize().into_bytes().into()
    }

    /// The first of `keys` for which one of `tags` is right. Compares all of them, in constant time.
    pub(super) fn proven_key<'k>(
        &self,
        keys: &'k [ClusterKey],
        role: Role,
        tags: &[[u8; 32]],
    ) -> Option<&'k ClusterKey> {
        let mut proven = None;
        for key in keys {
            let expected = self.tag(key, role);
            for tag in tags {
                let is_right: bool = expected.ct_eq(tag).into();
                if is_right && proven.is_none() {
                    proven = Some(key);
                }
            }
        }
        proven
    }
}
