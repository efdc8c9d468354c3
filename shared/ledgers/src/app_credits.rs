//! Credits of an app: what a ledger allows one registration over all its customers, beside what it allows for one of them. Nobody
//! is to find out by being refused that others used them up: a turn claims a block of a minute's credits before it sends,
//! spends them with its unit's own budget, and claims another block when they are spent.

use chrono::{DurationRound, TimeDelta};
use domain::time::Instant;
use serde::{Deserialize, Serialize};
use std::pin::Pin;

/// A claim takes at least one part in so many of a minute's credits: few claims, and room for so many units.
const BLOCKS: u32 = 20;

/// What came of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claimed {
    /// The credits may be spent until the minute is over.
    Granted,
    /// The minute has not so many left.
    Refused,
}

/// Where the credits of one app are counted, over all who use it.
pub trait AppCredits: Send + Sync {
    /// How many the ledger allows in a minute of the clock.
    fn per_minute(&self) -> u32;

    /// Claims so many for the minute that begins then, all or none.
    fn claim(&self, minute: Instant, credits: u32) -> Pin<Box<dyn Future<Output = Claimed> + Send + '_>>;
}

/// A unit's share of an app's credits. What is left of it at the end of the minute is lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Share {
    #[serde(rename = "m")]
    minute: Option<Instant>,
    #[serde(rename = "l")]
    left: u32,
}

impl Share {
    pub(crate) fn is_nothing(&self) -> bool {
        self.left == 0
    }

    /// So many credits of the minute that begins then.
    pub(crate) fn of(minute: Instant, left: u32) -> Self {
        Self { minute: Some(minute), left }
    }

    fn left(self, now: Instant) -> u32 {
        if self.minute == Some(minute_of(now)) { self.left } else { 0 }
    }

    /// Spends credits of the minute.
    pub(crate) fn spend(&mut self, credits: u32, now: Instant) {
        self.left = self.left(now).saturating_sub(credits);
    }

    /// Takes over a block that was granted.
    fn add(&mut self, block: Block) {
        *self = Self::of(block.minute, self.left(block.minute).saturating_add(block.credits));
    }
}

/// A block to be claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Block {
    /// The beginning of the minute.
    minute: Instant,
    credits: u32,
}

fn minute_of(now: Instant) -> Instant {
    now.duration_trunc(TimeDelta::minutes(1)).unwrap_or(now)
}

/// What a client needs to keep within an app's credits.
pub struct AppBudget {
    source: Box<dyn AppCredits>,
    /// What the push that is under way may still spend. It is claimed whole, since a push that is cut short has to look up again
    /// what it knew: of many with a little of a minute each, none would come to its end.
    expected: u32,
}

impl AppBudget {
    /// With credits that are counted there.
    pub fn new(source: Box<dyn AppCredits>) -> Self {
        Self { source, expected: 0 }
    }

    /// A push begins that spends so many credits at most.
    pub(crate) fn expect(&mut self, credits: u32) {
        self.expected = credits.min(self.source.per_minute());
    }

    /// Sees to it that a unit's share covers so many credits, and whatever the push under way still takes. `allowance` is what the
    /// unit's own budget has left. Where the app has no more, until when to wait: for the next minute, and a second longer
    /// for clocks that differ.
    pub(crate) async fn cover(
        &self,
        share: &mut Share,
        credits: u32,
        allowance: u32,
        now: Instant,
    ) -> Result<(), Instant> {
        let Some(block) = self.lacking(*share, credits, allowance, now) else { return Ok(()) };
        match self.source.claim(block.minute, block.credits).await {
            Claimed::Granted => {
                share.add(block);
                Ok(())
            }
            Claimed::Refused => Err(block.minute + TimeDelta::minutes(1) + TimeDelta::seconds(1)),
        }
    }

    /// Counts what is about to be spent of a push.
    pub(crate) fn spend(&mut self, credits: u32) {
        self.expected = self.expected.saturating_sub(credits);
    }

    fn lacking(&self, share: Share, credits: u32, allowance: u32, now: Instant) -> Option<Block> {
        let (left, per_minute) = (share.left(now), self.source.per_minute());
        let wanted = credits.max(self.expected).saturating_sub(left);
        let useful = wanted.max(per_minute / BLOCKS).min(allowance.saturating_sub(left));
        let claimed = useful.max(credits.saturating_sub(left)).min(per_minute);
        (wanted > 0 && claimed > 0).then(|| Block { minute: minute_of(now), credits: claimed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Limit(u32);

    impl AppCredits for Limit {
        fn per_minute(&self) -> u32 {
            self.0
        }

        fn claim(&self, _: Instant, credits: u32) -> Pin<Box<dyn Future<Output = Claimed> + Send + '_>> {
            let claimed = if credits <= self.0 { Claimed::Granted } else { Claimed::Refused };
            Box::pin(async move { claimed })
        }
    }

    fn at(second: i64) -> Instant {
        // A full minute.
        Instant::from_timestamp(1_782_936_000 + second, 0).unwrap()
    }

    fn budget(per_minute: u32, expected: u32) -> AppBudget {
        let mut budget = AppBudget::new(Box::new(Limit(per_minute)));
        budget.expect(expected);
        budget
    }

    fn share(left: u32) -> Share {
        Share::of(at(0), left)
    }

    fn claims(budget: &AppBudget, left: u32, credits: u32, allowance: u32) -> Option<u32> {
        budget.lacking(share(left), credits, allowance, at(30)).map(|block| block.credits)
    }

    #[test]
    fn a_block_is_a_part_of_the_limit_and_never_less_than_a_push_may_take() {
        let certified = budget(1_000, 19);
        assert_eq!(claims(&certified, 0, 1, 498), Some(50), "a twentieth");
        assert_eq!(claims(&certified, 0, 1, 23), Some(23), "what the unit may use itself");
        assert_eq!(claims(&certified, 19, 1, 400), None, "it covers the whole push");
        assert_eq!(claims(&certified, 18, 1, 400), Some(50));
        let uncertified = budget(50, 19);
        assert_eq!(claims(&uncertified, 0, 1, 23), Some(19), "the whole push");
        assert_eq!(
            claims(&uncertified, 13, 1, 17),
            Some(4),
            "what is left of the last one counts, and so does the unit's limit"
        );
        let listing = budget(50, 0);
        assert_eq!(claims(&listing, 0, 1, 23), Some(2));
        assert_eq!(claims(&listing, 1, 1, 23), None);
        assert_eq!(claims(&listing, 1, 3, 23), Some(2), "as many as the request takes");
        assert_eq!(claims(&budget(10, 0), 0, 1, 23), Some(1), "at least one");
        assert_eq!(claims(&budget(10, 19), 0, 1, 23), Some(10), "no more than there are");
        assert_eq!(claims(&budget(10, 19), 10, 1, 23), None);
        assert_eq!(claims(&budget(1_000, 19), 0, 3, 1), Some(3), "the ledger said that the unit has less left");
    }

    #[tokio::test]
    async fn what_is_left_of_a_minute_is_lost_with_it() {
        let mut app = budget(100, 19);
        let mut mine = Share::default();
        app.cover(&mut mine, 1, 100, at(58)).await.unwrap();
        assert_eq!(mine, share(19));
        mine.spend(6, at(59));
        app.spend(6);
        assert_eq!((mine.left(at(59)), mine.left(at(60))), (13, 0));
        app.cover(&mut mine, 3, 100, at(60)).await.unwrap();
        assert_eq!(mine, Share::of(at(60), 13), "the rest of the push, in the new minute");
    }

    #[tokio::test]
    async fn who_is_refused_waits_for_the_next_minute() {
        let mut mine = Share::default();
        let none = AppBudget::new(Box::new(Full));
        assert_eq!(none.cover(&mut mine, 1, 23, at(20)).await, Err(at(61)));
        assert_eq!(mine, Share::default());
    }

    struct Full;

    impl AppCredits for Full {
        fn per_minute(&self) -> u32 {
            50
        }

        fn claim(&self, _: Instant, _: u32) -> Pin<Box<dyn Future<Output = Claimed> + Send + '_>> {
            Box::pin(async { Claimed::Refused })
        }
    }
}
