//! TLS around a connection to a syslog: certificates that the machine trusts, names that are checked, versions 1.2 and
//! 1.3. The only file of the trail that knows the library for it; calls over HTTP have theirs in `http`.
//!
//! Leaves out certificates of our own: who sends is not proved to the receiver.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;

use rustls::crypto::ring;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use rustls_platform_verifier::BuilderVerifierExt;

use super::SinkError;

/// A connection under TLS.
pub(super) type Stream = StreamOwned<ClientConnection, TcpStream>;

/// Whether a certificate could be for a host of this name.
pub(super) fn is_name(host: &str) -> bool {
    ServerName::try_from(host).is_ok()
}

/// Begins TLS with `host` on a connection that stands. Whether its certificate holds shows with the first bytes.
pub(super) fn start(host: &str, stream: TcpStream) -> Result<Stream, SinkError> {
    let name = ServerName::try_from(host.to_owned()).map_err(SinkError::failed)?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .and_then(BuilderVerifierExt::with_platform_verifier)
        .map_err(SinkError::failed)?
        .with_no_client_auth();
    let connection = ClientConnection::new(Arc::new(config), name).map_err(SinkError::failed)?;
    Ok(StreamOwned::new(connection, stream))
}

/// Says that nothing more comes.
pub(super) fn end(stream: &mut Stream) -> Result<(), SinkError> {
    stream.conn.send_close_notify();
    stream.flush().map_err(SinkError::failed)
}
