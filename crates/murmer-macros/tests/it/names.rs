//! No name a user chooses gets in the way of a generated one.

use murmer_core::{Accepts, Actor, Message, System};
use murmer_macros::handlers;

/// Names of the prelude, taken by something else.
#[allow(dead_code)]
mod taken {
    use super::*;

    pub struct Odd;
    pub struct Option;
    pub struct Result;
    pub struct Send;
    pub struct Ok;
    pub struct Some;

    impl Actor for Odd {
        type State = ();
    }

    #[handlers(crate = murmer_core)]
    impl Odd {
        #[handler]
        #[allow(clippy::too_many_arguments)]
        fn everything(
            &self,
            ctx: u8,
            state: u8,
            reply: u8,
            envelope: u8,
            message: u8,
            out: u8,
            bytes: u8,
            key: u8,
            self_: u8,
            value: u8,
        ) -> u8 {
            ctx + state + reply + envelope + message + out + bytes + key + self_ + value
        }

        #[handler]
        fn everything_else(&self, everything_else: u8, _unused: u8) -> u8 {
            everything_else
        }

        #[handler]
        fn r#type(&self, r#fn: u8, r#match: u8) -> u8 {
            r#fn + r#match
        }

        #[handler]
        fn dispatch(&self) -> u8 {
            1
        }

        #[handler]
        fn decode(&self, key: u8) -> u8 {
            key
        }

        #[handler]
        fn wrap(&self, message: u8) -> u8 {
            message
        }

        #[handler]
        fn self_(&self) -> u8 {
            2
        }

        #[handler]
        fn _hidden(&self) -> u8 {
            3
        }
    }
}

pub mod nested {
    pub struct Room<T>(pub T);

    pub mod deeper {
        use std::marker::PhantomData;

        use murmer_core::{Actor, Handlers, System};
        use murmer_macros::handlers;

        impl<T: Send + 'static> Actor for super::Room<T> {
            type State = T;
        }

        pub const LEN: usize = 2;

        impl super::Room<u16> {
            pub const WIDE: usize = 3;
        }

        #[derive(serde::Serialize, serde::Deserialize)]
        pub struct Of<T>(PhantomData<fn() -> T>);

        #[handlers(crate = ::murmer_core)]
        impl crate::names::nested::Room<u16> {
            #[handler]
            pub(crate) fn swap(&mut self, with: [u16; Self::WIDE], of: Of<Self>) -> Of<Vec<Self>> {
                let Of(PhantomData) = of;
                self.0 = with[LEN];
                Of(PhantomData)
            }

            #[handler]
            pub(super) fn state(&mut self, state: &mut u16) -> <Self as Actor>::State {
                *state
            }
        }

        #[tokio::test]
        async fn self_means_the_actor_in_messages_too() {
            let system = System::local();
            let room = system.start("room", super::Room(1u16), 9);
            room.swap([4, 5, 6], Of(PhantomData)).await.unwrap();
            assert_eq!(room.state().await.unwrap(), 9);
            assert_eq!(<super::Room<u16> as Handlers>::TYPE, "it::Room<u16>");
        }
    }
}

#[tokio::test]
async fn arguments_and_handlers_may_be_called_anything() {
    use taken::OddExt;

    let system = System::local();
    let odd = system.start("odd", taken::Odd, ());
    assert_eq!(odd.everything(1, 2, 3, 4, 5, 6, 7, 8, 9, 10).await.unwrap(), 55);
    assert_eq!(odd.everything_else(1, 2).await.unwrap(), 1);
    assert_eq!(odd.r#type(1, 2).await.unwrap(), 3);
    assert_eq!(odd.dispatch().await.unwrap(), 1);
    assert_eq!(odd.decode(8).await.unwrap(), 8);
    assert_eq!(odd.wrap(9).await.unwrap(), 9);
    assert_eq!(odd.self_().await.unwrap(), 2);
    assert_eq!(odd._hidden().await.unwrap(), 3);
}

#[test]
fn messages_are_structs_named_after_actor_and_handler() {
    let message = taken::OddType { r#fn: 1, r#match: 2 };
    assert_eq!(<taken::OddType as Message>::NAME, "type");
    let envelope = <taken::Odd as Accepts<taken::OddType>>::wrap(message, None);
    assert!(<taken::Odd as Accepts<taken::OddDispatch>>::unwrap(envelope).is_none());
    let envelope = <taken::Odd as Accepts<taken::OddDispatch>>::wrap(taken::OddDispatch {}, None);
    assert!(<taken::Odd as Accepts<taken::OddDispatch>>::unwrap(envelope).is_some());
}
