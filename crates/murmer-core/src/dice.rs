//! Chance for what needs no secrets: jitter, choices, and runs that a seed decides.

/// SplitMix64 (Steele, Lea & Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014): a counter,
/// mixed. The same for the same seed on every machine.
///
/// # Examples
///
/// ```
/// use murmer_core::__private::Dice;
///
/// let (mut one, mut other) = (Dice::new(7), Dice::new(7));
/// assert_eq!(one.roll(), other.roll());
/// assert_ne!(one.roll(), one.roll());
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Dice(u64);

impl Dice {
    /// Every seed is as good as any other.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer_core::__private::Dice;
    ///
    /// assert_ne!(Dice::new(0).roll(), Dice::new(1).roll());
    /// ```
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 bits.
    ///
    /// # Examples
    ///
    /// ```
    /// use murmer_core::__private::Dice;
    ///
    /// let six = Dice::new(7).roll() % 6 + 1;
    /// assert!((1..=6).contains(&six));
    /// ```
    pub const fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(STEP);
        mix(self.0)
    }

    /// From 0 up to, but not, 1.
    pub(crate) const fn share(&mut self) -> f64 {
        (self.roll() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Spreads the bits of `z` over all of the result: `mix64variant13` of the same paper.
pub(crate) const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// 2^64 divided by the golden ratio, made odd: how far the counter goes from one number to the next.
pub(crate) const STEP: u64 = 0x9e37_79b9_7f4a_7c15;

#[cfg(test)]
mod tests {
    use super::Dice;

    #[test]
    fn the_first_numbers_are_as_published() {
        let mut dice = Dice::new(1_234_567);
        let published = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([(); 3].map(|()| dice.roll()), published);
    }

    #[test]
    fn shares_are_spread_over_all_from_0_to_1() {
        let mut dice = Dice::new(7);
        let mut tenths = [0_u32; 10];
        for _ in 0..10_000 {
            tenths[(dice.share() * 10.0) as usize] += 1;
        }
        assert!(tenths.iter().all(|count| count.abs_diff(1_000) < 150), "{tenths:?}");
    }
}
