//! The snippets that the project was founded on, as they stand there but for their addresses.

use std::net::{SocketAddr, UdpSocket};

use murmer::cluster::config::ClusterConfig;
use murmer::prelude::*;

struct ChatRoom;

struct ChatRoomState {
    room_name: String,
    messages: Vec<String>,
}

impl Actor for ChatRoom {
    type State = ChatRoomState;
}

#[handlers]
impl ChatRoom {
    #[handler]
    fn post_message(&mut self, state: &mut ChatRoomState, from: String, text: String) -> usize {
        state.messages.push(format!("[{}] {from}: {text}", state.room_name));
        state.messages.len()
    }

    #[handler]
    fn get_history(&mut self, state: &mut ChatRoomState) -> Vec<String> {
        state.messages.clone()
    }
}

#[rustfmt::skip]
#[tokio::test]
async fn step_1_runs_everything_locally() -> anyhow::Result<()> {
    let system = System::local();

    let room = system.start("room/general", ChatRoom, ChatRoomState {
        room_name: "general".into(),
        messages: vec![],
    });

    // Send messages via extension trait — works instantly
    room.post_message("alice".into(), "Hello!".into()).await?;

    // Look up actors by label
    let ep = system.lookup::<ChatRoom>("room/general").unwrap();
    let history = ep.get_history().await?;

    assert_eq!(history, ["[general] alice: Hello!"]);
    Ok(())
}

#[rustfmt::skip]
#[tokio::test(flavor = "multi_thread")]
async fn step_2_goes_distributed() -> anyhow::Result<()> {
    let (alpha, beta) = (free_address()?, free_address()?);
    let other = beta_node(&beta).await?;
    let state = ChatRoomState { room_name: "alpha".into(), messages: vec![] };

    let config = ClusterConfig::builder()
        .name("alpha")
        .listen(alpha.parse()?)
        .advertise(alpha.parse()?)
        .cookie("my-cluster-secret")
        .seed_nodes([beta.parse()?])
        .build()?;

    // clustered_auto() discovers all #[handlers]-annotated actor types automatically
    let system = System::clustered_auto(config).await?;

    // Same API as local — start, lookup, send
    let room = system.start("room/alpha", ChatRoom, state);
    room.post_message("alice".into(), "Hello!".into()).await?;

    // Actors on other nodes appear automatically via registry replication
    let remote_room = system.lookup::<ChatRoom>("room/beta").unwrap();
    remote_room.get_history().await?;  // transparently serialized over QUIC

    assert_eq!(remote_room.get_history().await?, ["[beta] bob: Hi!"]);
    assert!(!remote_room.is_local());
    system.shutdown().await;
    other.shutdown().await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn step_2_goes_distributed_with_types_announced_as_they_are_used() -> anyhow::Result<()> {
    let (alpha, beta) = (free_address()?, free_address()?);
    let other = beta_node(&beta).await?;
    let config = ClusterConfig::builder()
        .name("alpha")
        .listen(alpha.parse()?)
        .cookie("my-cluster-secret")
        .seed_nodes([beta.parse()?])
        .build()?;

    let system = System::clustered(config).await?;
    let remote_room = system.lookup::<ChatRoom>("room/beta").unwrap();
    assert_eq!(remote_room.get_history().await?, ["[beta] bob: Hi!"]);
    system.shutdown().await;
    other.shutdown().await;
    Ok(())
}

async fn beta_node(listen: &str) -> anyhow::Result<System> {
    let config =
        ClusterConfig::builder().name("beta").listen(listen.parse()?).cookie("my-cluster-secret").build()?;
    let system = System::clustered_auto(config).await?;
    let room =
        system.start("room/beta", ChatRoom, ChatRoomState { room_name: "beta".into(), messages: vec![] });
    room.post_message("bob".into(), "Hi!".into()).await?;
    Ok(system)
}

fn free_address() -> anyhow::Result<String> {
    let socket = UdpSocket::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
    Ok(socket.local_addr()?.to_string())
}
