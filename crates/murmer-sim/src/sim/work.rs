//! The work that goes on meanwhile: actors start and stop, and are watched.
//!
//! Doesn't know who sees it.

use murmer_node::Input;
use murmer_registry::{Attributes, Registration};
use murmer_wire::{ActorNumber, GroupName, GroupSet, Label, TypeName, Visibility};

use super::{Event, Sim};

impl Sim {
    /// Somebody starts or stops an actor.
    pub(super) fn work(&mut self) {
        if !self.is_faulty {
            return;
        }
        let wait = self.work.millis(5, 500);
        self.schedule(wait, Event::Work);
        let site = self.work.below(self.sites.len());
        let (is_watch, is_given_up, watch) = (self.work.chance(0.2), self.work.chance(0.2), self.work.roll());
        if is_watch {
            return self.watch_something(site, is_given_up, watch);
        }
        let (what, which, label) = (self.work.below(6), self.work.roll(), self.work.below(LABELS));
        let Some(process) = self.sites[site].process.as_ref().filter(|process| !process.is_leaving) else {
            return;
        };
        let count = process.actors.len();
        let chosen = process.actors.iter().nth(which as usize % count.max(1));
        let chosen = chosen.map(|(number, (label, _))| (*number, label.clone()));
        match (what, chosen) {
            (0, Some((number, _))) => self.stop(site, number),
            // A stop and a start under one label, without a moment in between.
            (1, Some((number, label))) => {
                self.stop(site, number);
                self.start(site, label);
            }
            (2, Some((number, _))) => self.say_anew(site, number, attributes(which)),
            // One that nobody is to hear of any more is to others as if it had stopped.
            (3, Some((number, _))) => {
                let hidden = Attributes { visibility: Visibility::Private, ..Attributes::default() };
                self.say_anew(site, number, hidden);
            }
            (_, Some((number, _))) if count >= ACTORS_MAX => self.stop(site, number),
            _ => {
                let label = Label::new(&format!("label/{label}"));
                self.start(site, label.expect("a word and a number make a label"));
            }
        }
    }

    fn start(&mut self, site: usize, label: Label) {
        let Some(process) = self.sites[site].process.as_mut() else { return };
        process.last_actor += 1;
        let number = ActorNumber(process.last_actor);
        let attributes = attributes(self.work.roll());
        process.actors.insert(number, (label.clone(), attributes.clone()));
        if let Some(origin) = self.origins.get_mut(&process.who.id) {
            origin.started.insert(number, label.clone());
            origin.running.insert(number, label.clone());
        }
        self.happened.registrations += 1;
        let actor_type = TypeName::new("sim::Actor").expect("a path is a type's name");
        let label = Some(label);
        self.tell(site, Input::Register(Registration { number, label, actor_type, attributes }));
    }

    fn say_anew(&mut self, site: usize, number: ActorNumber, attributes: Attributes) {
        let Some(process) = self.sites[site].process.as_mut() else { return };
        if attributes.visibility.is_told() {
            if let Some((_, before)) = process.actors.get_mut(&number) {
                *before = attributes.clone();
            }
        } else {
            process.actors.remove(&number);
            if let Some(origin) = self.origins.get_mut(&process.who.id) {
                origin.running.remove(&number);
            }
        }
        let is_over = !attributes.visibility.is_told();
        self.tell(site, Input::Update { number, attributes });
        if is_over {
            self.actor_ended(site, number);
        }
    }

    fn stop(&mut self, site: usize, number: ActorNumber) {
        let Some(process) = self.sites[site].process.as_mut() else { return };
        process.actors.remove(&number);
        if let Some(origin) = self.origins.get_mut(&process.who.id) {
            origin.running.remove(&number);
        }
        self.tell(site, Input::Deregister(number));
        self.actor_ended(site, number);
    }
}

/// Listed or not, and in none to three groups.
fn attributes(roll: u64) -> Attributes {
    let visibility = if roll.is_multiple_of(3) { Visibility::Unlisted } else { Visibility::Listed };
    let names = (0..3).filter(|group| roll & (1 << (8 + group)) != 0).map(|group| format!("group/{group}"));
    let names = names.map(|name| GroupName::new(&name).expect("a word and a number make a group"));
    Attributes { visibility, groups: GroupSet::new(names) }
}

/// How many labels there are: so few that they meet.
const LABELS: usize = 8;
/// How many actors a process has, at most.
const ACTORS_MAX: usize = 12;
