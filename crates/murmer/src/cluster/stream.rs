//! The data plane: one stream per remote actor that is used, and the tasks at its two ends.

mod answers;
mod ask;
mod exports;
mod far;
mod generations;
mod items;
mod open;
mod pace;
mod pressure;
mod pump;
mod retirement;
mod scratch;
mod serve;
mod shed;
mod signal;
mod unsent;

pub(crate) use self::ask::run as ask;
pub(crate) use self::far::FarStream;
pub(crate) use self::generations::Generations;
pub(crate) use self::open::Stream;
pub(crate) use self::pressure::Pressure;
pub(crate) use self::pump::{BufferWriter, FrameReader};
pub(crate) use self::retirement::Retirement;
pub(crate) use self::serve::{Host, serve};

#[cfg(test)]
mod tests;
