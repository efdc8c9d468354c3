//! What is counted: of each document once, for the dashboard (AP-33), for recommendations (AP-26 to AP-30) and for those who
//! follow the overview live.
//!
//! Counting compares what a document counts for now with what was counted of it before, and adds the difference: an event
//! that comes twice adds nothing, one that comes late finds the document as it is now.

mod changes;
mod dashboard;
mod days;
mod recommendation;

pub use changes::{CHANGES_MAX, Change, Changes, Followed};
pub use dashboard::{Count, Counted, Dashboard, DayFigures, How, PERIOD_DAYS_MAX, Period, PeriodError, differences};
pub use days::{PostedDays, PostedDaysError, WINDOW_DAYS};
pub use recommendation::{ContactFigures, Recommended, Rules, Template};
