//! The contract of the seam, against every implementor.

use std::time::Duration;

use tokio::time::timeout;

/// Makes a test of each function for each bed; time is paused where there is no real network.
macro_rules! contract {
    ($($name:ident)*) => {
        mod quic {
            $(#[tokio::test]
            async fn $name() {
                crate::contract::in_time(super::$name::<crate::bed::QuicBed>()).await;
            })*
        }
        mod mem {
            $(#[tokio::test(start_paused = true)]
            async fn $name() {
                crate::contract::in_time(super::$name::<crate::bed::MemBed>()).await;
            })*
        }
    };
}

mod connections;
mod limits;
mod streams;
mod transports;

async fn in_time(test: impl Future<Output = ()>) {
    timeout(Duration::from_secs(25), test).await.expect("the test hangs");
}
