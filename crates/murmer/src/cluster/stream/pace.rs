//! How many answers came lately, to tell asks that are about to be answered from those that may take their time.

use std::time::Duration;

/// Answers in this span of time and the one before.
#[derive(Debug, Default)]
pub(super) struct Pace {
    began: Duration,
    count: usize,
    before: usize,
}

impl Pace {
    /// So many answers have come; of `pending` asks, how many will have soon, if it goes on like that.
    pub(super) fn expects(&mut self, now: Duration, answers: usize, pending: usize) -> usize {
        let since = now.saturating_sub(self.began);
        if since >= SPAN {
            self.before = if since < 2 * SPAN { self.count } else { 0 };
            (self.began, self.count) = (now, 0);
        }
        self.count += answers;
        pending.min(self.count + self.before)
    }
}

/// What soon is.
const SPAN: Duration = Duration::from_millis(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_are_expected_as_came_lately_and_none_of_a_slow_actor() {
        let mut pace = Pace::default();
        let at = Duration::from_millis;
        assert_eq!(pace.expects(at(0), 0, 100), 0, "nothing is known");
        assert_eq!(pace.expects(at(1), 30, 100), 30);
        assert_eq!(pace.expects(at(6), 20, 100), 50);
        assert_eq!(pace.expects(at(7), 20, 10), 10, "no more than there are");
        assert_eq!(pace.expects(at(12), 0, 100), 40);
        assert_eq!(pace.expects(at(60), 0, 100), 0);
    }
}
