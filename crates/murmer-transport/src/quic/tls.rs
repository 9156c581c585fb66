//! TLS 1.3 with a raw public key (RFC 7250) that is made anew for each transport.
//!
//! The key certifies nobody: any Ed25519 key will do, as long as its owner signs the handshake with it.
//! The dialer shows none at all, since one of its own making would tell the acceptor nothing. No tickets,
//! no resumption, no early data: each connection has secrets of its own.

use std::sync::Arc;

use quinn::crypto::rustls::{QuicClientConfig, QuicServerConfig};
use ring::rand::SystemRandom;
use ring::signature::Ed25519KeyPair;
use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, PrivatePkcs8KeyDer, ServerName, SubjectPublicKeyInfoDer, UnixTime};
use rustls::server::AlwaysResolvesServerRawPublicKeys;
use rustls::sign::CertifiedKey;
use rustls::version::TLS13;
use rustls::{CertificateError, DigitallySignedStruct, PeerIncompatible, SignatureScheme};

use crate::BindError;

/// TLS for both roles of one transport.
pub(super) struct Configs {
    pub(super) server: QuicServerConfig,
    pub(super) client: QuicClientConfig,
}

/// Makes a key, and TLS around it.
pub(super) fn configs() -> Result<Configs, BindError> {
    // Not the process-wide provider: the application may have installed another, or none.
    let provider = Arc::new(rustls::crypto::ring::default_provider());

    let mut server = rustls::ServerConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&TLS13])
        .map_err(|error| failed(&error))?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(AlwaysResolvesServerRawPublicKeys::new(Arc::new(fresh_key()?))));
    server.alpn_protocols = vec![ALPN.to_vec()];
    server.send_tls13_tickets = 0;
    server.max_early_data_size = 0;

    let mut client = rustls::ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(&[&TLS13])
        .map_err(|error| failed(&error))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(AnyEd25519Key { provider }))
        .with_no_client_auth();
    client.alpn_protocols = vec![ALPN.to_vec()];
    client.resumption = Resumption::disabled();
    client.enable_early_data = false;
    client.enable_sni = false;

    Ok(Configs {
        server: QuicServerConfig::try_from(server).map_err(|error| failed(&error))?,
        client: QuicClientConfig::try_from(client).map_err(|error| failed(&error))?,
    })
}

fn fresh_key() -> Result<CertifiedKey, BindError> {
    let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).map_err(|error| failed(&error))?;
    let key = rustls::crypto::ring::sign::any_eddsa_type(&PrivatePkcs8KeyDer::from(pkcs8.as_ref()))
        .map_err(|error| failed(&error))?;
    let public = key.public_key().ok_or_else(|| failed(&"no public key"))?;
    Ok(CertifiedKey::new(vec![CertificateDer::from(public.to_vec())], key))
}

fn failed(error: &dyn std::fmt::Display) -> BindError {
    BindError::Key { detail: error.to_string() }
}

/// Accepts whoever can sign with an Ed25519 key.
#[derive(Debug)]
struct AnyEd25519Key {
    provider: Arc<CryptoProvider>,
}

impl ServerCertVerifier for AnyEd25519Key {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let is_key = end_entity.strip_prefix(&ED25519_SPKI_PREFIX).is_some_and(|key| key.len() == 32);
        if is_key && intermediates.is_empty() {
            Ok(ServerCertVerified::assertion())
        } else {
            Err(rustls::Error::InvalidCertificate(CertificateError::BadEncoding))
        }
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::PeerIncompatible(PeerIncompatible::Tls13RequiredForQuic))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature_with_raw_key(
            message,
            &SubjectPublicKeyInfoDer::from(cert.as_ref()),
            dss,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        vec![SignatureScheme::ED25519]
    }

    fn requires_raw_public_keys(&self) -> bool {
        true
    }
}

/// What TLS wants to be told; it is neither sent nor checked.
pub(super) const SERVER_NAME: &str = "murmer";
/// Members' protocol, major version 1. Whoever speaks another fails in the handshake.
const ALPN: &[u8] = b"murmer/1";
/// The head of a SubjectPublicKeyInfo with an Ed25519 key, which follows in 32 bytes (RFC 8410).
const ED25519_SPKI_PREFIX: [u8; 12] =
    [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
