//! Recommendations whose count fell because a day left the window of 90 days: they take their new place, or go.

use crate::App;
use domain::time::Instant;
use store::{ErrorKind, Read, StoreError, Writer, figures::Fallen};

/// So many contacts of a shard are refreshed in one sweep; the others wait for the next, the longest fallen come first. What
/// is shown is exact meanwhile: a recommendation carries its days.
pub(crate) const AT_ONCE: usize = 25;

/// Refreshes a contact by the calendar of its administration.
pub(crate) async fn refresh(app: &App, fallen: Fallen, now: Instant, writer: &Writer) -> Result<(), StoreError> {
    let tenant = app.store.tenant(fallen.tenant);
    let administration = tenant.administrations().get(fallen.administration, Read::Consistent).await?;
    let zone = administration.map(|administration| administration.time_zone).unwrap_or_default();
    match tenant.figures(fallen.administration).refresh(fallen.contact, zone, now, writer).await {
        Ok(()) => Ok(()),
        // Somebody posts for this contact all the time, and each posting refreshes it as well.
        Err(error) if error.kind() == ErrorKind::Conflict => Ok(()),
        Err(error) => Err(error),
    }
}
