//! What a node says of itself to whoever announces it.

use core::net::SocketAddr;

use murmer_wire::NodeId;

/// Which node looks for others, and where it is.
///
/// # Examples
///
/// ```
/// use murmer::cluster::discovery::Whereabouts;
///
/// /// What a registry of services might be told.
/// fn entry(node: &Whereabouts) -> String {
///     let addr = node.advertised().unwrap_or(node.local_addr());
///     format!("{} is at {addr}", node.id())
/// }
/// # let _ = entry;
/// ```
#[derive(Debug, Clone)]
pub struct Whereabouts {
    id: NodeId,
    local_addr: SocketAddr,
    advertised: Option<SocketAddr>,
}

impl Whereabouts {
    pub(in crate::cluster) const fn new(
        id: NodeId,
        local_addr: SocketAddr,
        advertised: Option<SocketAddr>,
    ) -> Self {
        Self { id, local_addr, advertised }
    }

    /// Its name and incarnation. Who lacks the cookie can't learn these from the node itself.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::cluster::discovery::Whereabouts;
    /// fn key(node: &Whereabouts) -> String {
    ///     format!("nodes/{}", node.id().name)
    /// }
    /// # let _ = key;
    /// ```
    pub const fn id(&self) -> &NodeId {
        &self.id
    }

    /// Where it listens, with the port that it got. May be unspecified: then on all interfaces.
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::cluster::discovery::Whereabouts;
    /// fn is_for_this_machine_only(node: &Whereabouts) -> bool {
    ///     node.local_addr().ip().is_loopback()
    /// }
    /// # let _ = is_for_this_machine_only;
    /// ```
    pub const fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Where others reach it, if that [was set](crate::cluster::config::ClusterConfigBuilder::advertise).
    ///
    /// # Examples
    ///
    /// ```
    /// # use murmer::cluster::discovery::Whereabouts;
    /// /// Worth telling to machines that are not on this network.
    /// fn public(node: &Whereabouts) -> Option<std::net::SocketAddr> {
    ///     node.advertised()
    /// }
    /// # let _ = public;
    /// ```
    pub const fn advertised(&self) -> Option<SocketAddr> {
        self.advertised
    }
}
