//! One node's turn: an input, and all it wants done for it. Late and paused nodes get theirs later.
//!
//! Doesn't know what inputs and outputs mean, beyond where an output leads.

use murmer_node::{CloseReason, Input, Output, Verdict};

use super::{Event, Sim};
use crate::cable::{End, Word};
use crate::dice::hash;
use crate::times::DUPLICATE_FOR;

impl Sim {
    /// Gives a node an input: now, or when it gets round to it.
    pub(super) fn tell(&mut self, site: usize, input: Input) {
        let now = self.now;
        let place = &mut self.sites[site];
        if place.process.is_none() {
            return;
        }
        if let Some(at) = place.waits_until(now) {
            place.late_until = at;
            place.inbox.push_back((at, input));
            return self.schedule(at - now, Event::Turn(site));
        }
        self.give(site, input);
    }

    fn give(&mut self, site: usize, input: Input) {
        self.untold.push_back((site, input));
        // Inside another node's turn, this one's comes after it.
        if self.untold.len() == 1 {
            while let Some((site, input)) = self.untold.front_mut() {
                let (site, input) = (*site, std::mem::replace(input, Input::Timeout));
                self.turn(site, input);
                self.untold.pop_front();
            }
        }
    }

    /// What has waited for a late node and is due, in order.
    pub(super) fn late_turn(&mut self, site: usize) {
        let now = self.now;
        let place = &mut self.sites[site];
        if place.paused_until > now {
            let wait = place.paused_until - now;
            return self.schedule(wait, Event::Turn(site));
        }
        while let Some((at, _)) = self.sites[site].inbox.front() {
            if *at > now {
                break;
            }
            if let Some((_, input)) = self.sites[site].inbox.pop_front() {
                self.give(site, input);
            }
        }
    }

    /// A node's deadline may have passed.
    pub(super) fn wake(&mut self, site: usize) {
        let place = &mut self.sites[site];
        if place.wake_at != Some(self.now) {
            return;
        }
        place.wake_at = None;
        let deadline = place.process.as_ref().and_then(|process| process.node.deadline());
        let is_due = deadline.is_some_and(|at| at + place.lag <= self.now) && place.paused_until <= self.now;
        // Whatever queued while it was paused may come first.
        if is_due && (self.menu.timers_first || place.inbox.front().is_none_or(|(at, _)| *at > self.now)) {
            return self.give(site, Input::Timeout);
        }
        if is_due {
            self.late_turn(site);
        }
        self.rearm(site);
    }

    fn turn(&mut self, site: usize, input: Input) {
        let Some(process) = self.sites[site].process.as_mut() else { return };
        note_input(&mut self.trace, self.now, site, &input);
        if let Input::Unlinked(link) = &input {
            process.links.remove(link);
            process.has_new_links = true;
        }
        process.node.handle(self.now, input);
        self.drain(site);
    }

    /// Does all that a node wants done.
    pub(super) fn drain(&mut self, site: usize) {
        let mut outputs = 0;
        while let Some(output) = self.sites[site].process.as_mut().and_then(|process| process.node.poll()) {
            outputs += 1;
            self.perform(site, output);
        }
        self.check_turn(site, outputs);
        self.rearm(site);
    }

    /// Sees to it that the node is looked at when it wants to be.
    pub(super) fn rearm(&mut self, site: usize) {
        let place = &mut self.sites[site];
        let Some(process) = &place.process else { return };
        let Some(deadline) = process.node.deadline() else { return };
        let at = (deadline + place.lag).max(place.paused_until).max(self.now);
        if place.wake_at.is_none_or(|planned| at < planned) {
            place.wake_at = Some(at);
            self.queue.push(at, Event::Wake(site));
        }
    }

    fn perform(&mut self, site: usize, output: Output) {
        self.note_output(site, &output);
        match output {
            Output::Dial(target) => self.dial(site, target),
            Output::Verdict { link, verdict: Verdict::Welcome(welcome) } => {
                self.send(End::of(link), Word::Welcome(welcome));
            }
            Output::Verdict { link, verdict: Verdict::Refused(refusal) } => {
                self.send(End::of(link), Word::Refusal(refusal));
                self.cables.shut(End::of(link));
                self.tell(site, Input::Unlinked(link));
            }
            Output::Close { link, reason } => {
                if let Some(process) = self.sites[site].process.as_mut() {
                    process.links.remove(&link);
                }
                // Streams move to the other connection before this one ends.
                if reason == CloseReason::Duplicate {
                    self.schedule(DUPLICATE_FOR, Event::Close(End::of(link)));
                } else {
                    self.close(End::of(link));
                }
            }
            Output::Control { link, message } => {
                self.happened.words += 1;
                self.send(End::of(link), Word::Control(message));
            }
            Output::Registry { link, message } => {
                self.happened.words += 1;
                self.learn(site, link, &message);
                self.send(End::of(link), Word::Registry(message));
            }
            Output::Datagram { link, packet } => {
                self.happened.packets += 1;
                self.send_packet(End::of(link), packet);
            }
            Output::LeaveDone => self.left(site),
            Output::Withdraw(why) => self.withdrew(site, why),
            Output::Observe(actor) => self.observed(site, actor),
            Output::Unobserve(actor) => {
                if let Some(process) = self.sites[site].process.as_mut() {
                    process.observed.remove(&actor);
                }
            }
            Output::Flush { ticket, .. } => self.tell(site, Input::Flushed(ticket)),
            Output::Told { watch, reason } => self.told(site, watch, &reason),
            told => self.observe(site, told),
        }
    }

    fn note_output(&mut self, site: usize, output: &Output) {
        let (now, site_number) = (self.now, site as u64);
        match output {
            // The packet itself is noted: whatever differs anywhere soon shows there.
            Output::Datagram { link, packet } => {
                self.trace.note(now, &[1, site_number, link.0]);
                self.trace.note_bytes(packet);
            }
            Output::Registry { link, .. } => self.trace.note(now, &[2, site_number, link.0]),
            Output::Control { link, .. } => self.trace.note(now, &[3, site_number, link.0]),
            Output::ActorAdded(entry) => {
                self.trace.note(now, &[4, site_number, entry.id.number.0, entry.lamport])
            }
            Output::ActorRemoved(id) => self.trace.note(now, &[5, site_number, id.number.0]),
            other => {
                self.trace.note(now, &[6, site_number]);
                self.trace.note_bytes(format!("{other:?}").as_bytes());
            }
        }
        self.trace.say(now, || format!("n{site} -> {output:?}"));
    }
}

fn note_input(trace: &mut crate::trace::Trace, now: std::time::Duration, site: usize, input: &Input) {
    let kind = match input {
        Input::Timeout => 0,
        // A packet was seen when it was sent.
        Input::Datagram { link, .. } => hash(&[1, link.0]),
        Input::Control { link, .. } => hash(&[2, link.0]),
        Input::Registry { link, .. } => hash(&[3, link.0]),
        Input::Introduced { link, .. } => hash(&[4, link.0]),
        Input::Unlinked(link) => hash(&[5, link.0]),
        _ => 6,
    };
    trace.note(now, &[7, site as u64, kind]);
    if !matches!(input, Input::Timeout | Input::Datagram { .. }) {
        trace.say(now, || format!("n{site} <- {input:?}"));
    }
}
