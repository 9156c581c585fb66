//! Two nodes, the streams between them one after the other, and chance, which decides what happens next.

use std::time::Duration;

use murmer_node::{CallerInput, CallerOutput, RefuseReason, StreamEnd};
use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::actor::Actor;
use super::counts::Counts;
use super::far::FarEnd;
use super::ledger::Ledger;
use super::message::Order;
use super::near::NearEnd;
use super::wire::Wire;

/// One stream, both ends of it.
#[derive(Debug)]
struct Stream {
    there: Wire,
    back: Wire,
    near: Option<NearEnd>,
    far: Option<FarEnd>,
}

/// Everything, and how it is set.
#[derive(Debug)]
pub(super) struct World {
    rng: ChaCha8Rng,
    now: Duration,
    ledger: Ledger,
    actor: Actor,
    streams: Vec<Stream>,
    generation: u64,
    /// The newest stream that the actor's node has ever been told of.
    newest: u64,
    written: usize,
    /// Counts pieces and frames that got on.
    progress: u64,
    frame_bytes_max: usize,
    idle_after: Duration,
    mailbox_room: usize,
    bytes_max: usize,
    /// How often connections are lost and streams end, in a thousand steps.
    faults: u32,
}

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let bytes_max = *pick(&mut rng, &[8, 40, 40, 20_000, 70_000]);
        Self {
            now: Duration::from_secs(1),
            ledger: Ledger::default(),
            actor: Actor::default(),
            streams: Vec::new(),
            generation: 0,
            newest: 0,
            written: 0,
            progress: 0,
            // So that some are too large for a frame.
            frame_bytes_max: 256 + bytes_max * 9 / 10,
            idle_after: *pick(&mut rng, &[Duration::ZERO, MS * 60, Duration::from_secs(60)]),
            mailbox_room: *pick(&mut rng, &[1, 3, 64]),
            faults: *pick(&mut rng, &[0, 5, 30]),
            bytes_max,
            rng,
        }
    }

    /// So many things happen; then all that is under way arrives, unless it was lost, and is answered.
    pub(super) fn run(mut self, steps: usize) -> Counts {
        for _ in 0..steps {
            self.step();
        }
        self.settle();
        if self.near().is_some() {
            // With both ends and the connection in order, nothing is left for the end of the stream.
            self.ledger.settled(self.generation);
        }
        self.lose();
        self.settle();
        self.ledger.finally();
        self.ledger.counts()
    }

    fn step(&mut self) {
        if self.rng.random_range(0..1_000) < self.faults {
            return self.fault();
        }
        match self.rng.random_range(0..100) {
            0..18 => self.write(),
            18..21 => self.give_up(),
            21..34 => self.send(),
            34..46 => self.arrive_there(),
            46..58 => self.take(),
            58..66 => self.with_actor(|actor, now, _, _, ledger, ends| actor.handle_next(now, ledger, ends)),
            66..73 => {
                self.with_actor(|actor, _, rng, max, ledger, ends| actor.answer(rng, max, ledger, ends))
            }
            73..78 => self.stream(),
            78..82 => self.read(),
            82..88 => self.send_back(),
            88..95 => self.arrive_back(),
            95..96 => self.burst(),
            _ => {
                let span = *pick(&mut self.rng, &[MS, MS * 20, MS * 60, MS * 300]);
                self.wait(span);
            }
        }
    }

    fn fault(&mut self) {
        match self.rng.random_range(0..6) {
            0..2 => self.lose(),
            2 => self.notice_loss(),
            3..5 => self.end(),
            _ => self.refuse(),
        }
        if let (Some(near), true) =
            (self.streams.last_mut().and_then(|it| it.near.as_mut()), self.rng.random())
        {
            near.finish_if_quiet(&self.ledger);
            self.after_near();
        }
    }

    /// Items of streamed answers are sent: one, or as many as credit covers.
    fn stream(&mut self) {
        let count = if self.rng.random() { 1 } else { 60 };
        for _ in 0..count {
            let is_sent =
                self.with_actor(|actor, _, rng, max, ledger, ends| actor.stream(rng, max, ledger, ends));
            self.progress += u64::from(is_sent);
        }
    }

    fn near(&self) -> Option<&NearEnd> {
        self.streams.last()?.near.as_ref()
    }

    /// Sends a message over the stream there is, or over a new one.
    fn write(&mut self) {
        if self.near().is_none() {
            self.generation += 1;
            let near = NearEnd::new(self.now, self.generation, self.frame_bytes_max, self.idle_after);
            self.streams.push(Stream {
                there: Wire::new(self.frame_bytes_max),
                back: Wire::new(self.frame_bytes_max),
                near: Some(near),
                far: Some(FarEnd::new(self.frame_bytes_max)),
            });
        }
        let is_ask = self.rng.random_bool(0.7);
        let is_streamed = is_ask && self.rng.random_bool(0.3);
        let timeouts = [None, Some(MS * 30), Some(MS * 400), Some(Duration::from_secs(9))];
        let timeout = pick(&mut self.rng, &timeouts).filter(|_| is_ask);
        let bytes = self.rng.random_range(0..=self.bytes_max);
        let order = Order { is_ask, is_streamed, timeout, bytes };
        self.take_the_rest();
        let (now, number) = (self.now, self.written);
        let Some(near) = self.streams.last_mut().and_then(|it| it.near.as_mut()) else { return };
        if near.write(now, &mut self.ledger, number, order) {
            self.written += 1;
        }
    }

    /// More than a buffer holds, now and then.
    fn burst(&mut self) {
        if self.rng.random_range(0..100) == 0 {
            (0..1_100).for_each(|_| self.write());
        } else {
            (0..20).for_each(|_| self.write());
        }
    }

    fn give_up(&mut self) {
        let wanted = self.ledger.wanted(self.generation);
        self.take_the_rest();
        let Some(near) = self.streams.last_mut().and_then(|it| it.near.as_mut()) else { return };
        if !wanted.is_empty() {
            near.give_up(&mut self.ledger, *pick(&mut self.rng, &wanted));
        }
    }

    /// Some of a streamed answer is read.
    fn read(&mut self) {
        let unread = self.ledger.being_read(self.generation);
        self.take_the_rest();
        let Some(near) = self.streams.last_mut().and_then(|it| it.near.as_mut()) else { return };
        if !unread.is_empty() {
            let (number, at_most) = (*pick(&mut self.rng, &unread), self.rng.random_range(1..40));
            near.read(&mut self.ledger, number, at_most);
        }
    }

    fn take_the_rest(&mut self) {
        while self.near().is_some_and(NearEnd::is_leaving) {
            self.send();
        }
    }

    /// The shell takes a piece of the buffer.
    fn send(&mut self) {
        let Some(Stream { there, near: Some(near), .. }) = self.streams.last_mut() else { return };
        if let Some(piece) = near.take_piece(&mut self.ledger) {
            there.send(&piece);
            self.progress += 1;
        }
    }

    /// Bytes of one of the streams arrive at the actor's node, and are read as far as its mailbox allows.
    fn arrive_there(&mut self) {
        let at = self.some_stream();
        let Some(stream) = self.streams.get_mut(at) else { return };
        stream.there.carry(&mut self.rng);
        self.read_there(at);
    }

    fn read_there(&mut self, at: usize) {
        loop {
            let Some(Stream { there, far: Some(far), .. }) = self.streams.get_mut(at) else { return };
            if !far.reads() {
                return;
            }
            let Some(frame) = there.next_frame() else {
                // The asking end has finished it, or it is gone: so this end is over, too.
                if there.has_ended() {
                    far.end(self.now, &mut self.ledger, &mut self.actor, StreamEnd::Idle);
                    self.streams[at].far = None;
                }
                return;
            };
            self.progress += 1;
            if let Some(generation) = far.hear(self.now, frame, &mut self.ledger, &mut self.actor) {
                self.end_all_but_the_newest(generation);
            }
        }
    }

    /// Before a message of a newer stream is read, the older ones are over; one that comes late is at once.
    fn end_all_but_the_newest(&mut self, bound: u64) {
        self.newest = self.newest.max(bound);
        for far in self.streams.iter_mut().filter_map(|it| it.far.as_mut()) {
            let Some(generation) = far.generation().filter(|it| *it < self.newest && !far.is_over()) else {
                continue;
            };
            // What was asked over an older one may still be answered.
            if generation == bound || self.rng.random() {
                far.end(self.now, &mut self.ledger, &mut self.actor, StreamEnd::Moved);
            } else {
                far.supersede(self.now, &mut self.ledger, &mut self.actor);
            }
        }
    }

    /// The mailbox takes what waits for it.
    fn take(&mut self) {
        let at = self.some_stream();
        if let Some(far) = self.streams.get_mut(at).and_then(|it| it.far.as_mut()) {
            far.take(self.now, &mut self.ledger, &mut self.actor, self.mailbox_room);
            self.read_there(at);
        }
    }

    fn refuse(&mut self) {
        let at = self.some_stream();
        let reason = *pick(
            &mut self.rng,
            &[RefuseReason::UnknownMessage, RefuseReason::Malformed, RefuseReason::Overloaded],
        );
        if let Some(far) = self.streams.get_mut(at).and_then(|it| it.far.as_mut()) {
            far.refuse(self.now, &mut self.ledger, &mut self.actor, reason);
            self.read_there(at);
        }
    }

    /// The actor's node ends a stream.
    fn end(&mut self) {
        let at = self.some_stream();
        let reasons =
            [StreamEnd::Stopped, StreamEnd::Idle, StreamEnd::Moved, StreamEnd::ShuttingDown, StreamEnd::Shed];
        let reason = *pick(&mut self.rng, &reasons);
        let Some(far) = self.streams.get_mut(at).and_then(|it| it.far.as_mut()) else { return };
        // A stream that stays unknown is not the actor's to end; one that is stuck is shed.
        if far.generation().is_some() && (reason != StreamEnd::Shed || far.is_waiting()) && !far.is_over() {
            far.end(self.now, &mut self.ledger, &mut self.actor, reason);
        }
    }

    fn send_back(&mut self) {
        let at = self.some_stream();
        let Some(Stream { back, far: Some(far), .. }) = self.streams.get_mut(at) else { return };
        if far.has_output() {
            back.send(&far.take_piece(&mut self.ledger));
        }
        if far.is_over() && !far.has_output() {
            back.finish();
            self.streams[at].far = None;
        }
    }

    fn arrive_back(&mut self) {
        let Some(Stream { back, near: Some(_), .. }) = self.streams.last_mut() else { return };
        back.carry(&mut self.rng);
        self.read_back();
    }

    fn read_back(&mut self) {
        while let Some(Stream { back, near: Some(near), .. }) = self.streams.last_mut() {
            let Some(frame) = back.next_frame() else { return };
            self.progress += 1;
            near.tell(self.now, &mut self.ledger, CallerInput::Frame(frame));
            self.after_near();
        }
    }

    /// The connection breaks, and the asking end notices.
    fn lose(&mut self) {
        let Some(Stream { there, back, near: Some(near), .. }) = self.streams.last_mut() else { return };
        there.cut(&mut self.rng);
        back.cut(&mut self.rng);
        near.tell(self.now, &mut self.ledger, CallerInput::Lost);
        self.after_near();
    }

    /// The serving end notices that the connection has broken, before it has read all that arrived.
    fn notice_loss(&mut self) {
        let at = self.some_stream();
        if self.streams.get(at).is_some_and(|it| it.near.is_none()) {
            self.streams[at].far = None;
        }
    }

    /// Drops the asking end if it is over. One that ends in good order leaves nothing behind unsent.
    fn after_near(&mut self) {
        let Some(Stream { there, near, .. }) = self.streams.last_mut() else { return };
        match near.as_ref().and_then(NearEnd::end) {
            None => return,
            Some(CallerOutput::Idle) => there.finish(),
            Some(_) => there.cut(&mut self.rng),
        }
        if let Some(mut near) = near.take() {
            near.read_all(&mut self.ledger);
        }
    }

    fn wait(&mut self, span: Duration) {
        self.now += span;
        let now = self.now;
        if let Some(near) = self.streams.last_mut().and_then(|it| it.near.as_mut()) {
            near.time_passes(now, &mut self.ledger);
            self.after_near();
        }
        for far in self.streams.iter_mut().filter_map(|it| it.far.as_mut()) {
            far.time_passes(now, &mut self.ledger, &mut self.actor);
        }
    }

    /// All that is under way arrives, and is handled and answered.
    fn settle(&mut self) {
        let mut before = None;
        while before != Some(self.progress) {
            before = Some(self.progress);
            self.take_the_rest();
            self.send();
            self.take_the_rest();
            for at in 0..self.streams.len() {
                self.streams[at].there.carry_all();
                self.read_there(at);
                while let Some(far) = self.streams[at].far.as_mut().filter(|far| far.is_waiting()) {
                    self.progress += 1;
                    far.take(self.now, &mut self.ledger, &mut self.actor, self.mailbox_room);
                    self.read_there(at);
                    self.work();
                }
            }
            self.work();
            self.flush_back();
            if let Some(Stream { back, near: Some(_), .. }) = self.streams.last_mut() {
                back.carry_all();
                self.read_back();
            }
            if let Some(near) = self.streams.last_mut().and_then(|it| it.near.as_mut()) {
                self.progress += near.read_all(&mut self.ledger) as u64;
            }
        }
    }

    /// The actor handles all it has and owes nothing.
    fn work(&mut self) {
        while !self.actor.is_done() {
            self.with_actor(|actor, now, rng, max, ledger, ends| {
                actor.handle_next(now, ledger, ends);
                actor.answer(rng, max, ledger, ends);
            });
        }
        (0..4).for_each(|_| self.stream());
    }

    fn flush_back(&mut self) {
        for Stream { back, far, .. } in &mut self.streams {
            if let Some(end) = far {
                while end.has_output() {
                    back.send(&end.take_piece(&mut self.ledger));
                    self.progress += 1;
                }
                if end.is_over() {
                    back.finish();
                    *far = None;
                }
            }
        }
    }

    fn with_actor<R>(
        &mut self,
        act: impl FnOnce(&mut Actor, Duration, &mut ChaCha8Rng, usize, &mut Ledger, &mut [&mut FarEnd]) -> R,
    ) -> R {
        let mut ends: Vec<_> = self.streams.iter_mut().filter_map(|it| it.far.as_mut()).collect();
        act(&mut self.actor, self.now, &mut self.rng, self.frame_bytes_max, &mut self.ledger, &mut ends)
    }

    /// Mostly the newest.
    fn some_stream(&mut self) -> usize {
        let count = self.streams.len();
        let back = if self.rng.random_bool(0.7) { 0 } else { self.rng.random_range(0..3) };
        count.saturating_sub(1 + back)
    }
}

fn pick<'l, T>(rng: &mut ChaCha8Rng, list: &'l [T]) -> &'l T {
    &list[rng.random_range(0..list.len())]
}

const MS: Duration = Duration::from_millis(1);
