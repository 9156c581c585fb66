//! Parameters that are long byte strings: of what arrives, a part is handed on and no copy is made.

use bytes::{Bytes, BytesMut};
use murmer_core::{Actor, Message, System};
use murmer_macros::handlers;

#[derive(Default)]
struct Keeper {
    heaviest: u64,
}

impl Actor for Keeper {
    type State = Vec<Bytes>;
}

/// What is only called so is read as what it is.
mod own {
    #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
    pub struct Bytes(pub u64);
}

#[handlers(crate = murmer_core)]
impl Keeper {
    #[handler]
    fn keep(&mut self, kept: &mut Vec<Bytes>, page: u64, text: Bytes, by: String) -> usize {
        assert_eq!((page, &*by), (7, "nobody"));
        kept.push(text);
        kept.len()
    }

    #[handler]
    fn last(&mut self, kept: &mut Vec<Bytes>) -> Option<Bytes> {
        kept.last().cloned()
    }

    #[handler]
    fn weigh(&mut self, amount: own::Bytes) -> own::Bytes {
        self.heaviest = self.heaviest.max(amount.0 + 1);
        own::Bytes(amount.0 + 1)
    }

    #[handler]
    fn heaviest(&mut self) -> u64 {
        self.heaviest
    }
}

fn arrived(message: &impl Message) -> Bytes {
    let mut out = BytesMut::new();
    message.encode(&mut out).unwrap();
    out.freeze()
}

#[tokio::test]
async fn a_long_byte_string_reaches_its_handler_as_a_part_of_what_arrived() {
    let system = System::local();
    let keeper = system.start("keeper", Keeper::default(), Vec::new());
    let mut port = system.port(keeper.id().number).unwrap();
    for (bytes, is_part) in [(1_000, false), (1 << 20, true)] {
        let text = Bytes::from(vec![7; bytes]);
        let arrived = arrived(&KeeperKeep { page: 7, text: text.clone(), by: "nobody".into() });
        port.deliver(KeeperKeep::KEY, &arrived, None).unwrap();
        std::future::poll_fn(|cx| port.poll_flush(cx)).await;
        let kept = keeper.last().await.unwrap().unwrap();
        assert_eq!(kept, text);
        assert_eq!(arrived.as_ptr_range().contains(&kept.as_ptr()), is_part, "{bytes}");
    }
}

#[tokio::test]
async fn a_type_that_is_only_called_bytes_is_itself() {
    let system = System::local();
    let keeper = system.start("keeper", Keeper::default(), Vec::new());
    assert_eq!(keeper.weigh(own::Bytes(1)).await.unwrap(), own::Bytes(2));
    let mut port = system.port(keeper.id().number).unwrap();
    let message = arrived(&KeeperWeigh { amount: own::Bytes(u64::MAX - 1) });
    port.deliver(KeeperWeigh::KEY, &message, None).unwrap();
    std::future::poll_fn(|cx| port.poll_flush(cx)).await;
    assert_eq!(keeper.heaviest().await.unwrap(), u64::MAX);
}
