//! One suite for every ledger that books received documents. A ledger joins with a [`bench::Bench`] on its simulator and one line in
//! [`ledgers_under_test`]; its capabilities select the cases.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod accountview;
mod bench;
mod booking;
mod contacts;
mod exact;
#[path = "../common/failure.rs"]
mod failure;
mod failures;
mod multivers;
mod refusals;
mod sign_in;
mod snelstart;
mod turn;
mod twinfield;

/// Every case for a ledger. Cases that its capabilities do not select pass at once.
macro_rules! suite {
    ($name:ident, $bench:ty) => {
        mod $name {
            use super::{booking, contacts, failures, refusals};
            suite!(@cases $bench, booking: [
                push_then_read_back,
                sales_then_read_back,
                files_are_attached_as_the_connection_says,
                same_key_twice_is_one_booking,
                credit_note_and_negative_invoice_reduce,
                invoice_and_credit_note_leave_nothing,
                invoice_and_negative_invoice_leave_nothing,
                several_rates,
                reverse_charge_and_intra_community,
                reverse_charge_beside_other_vat,
                another_currency,
                odd_cents_of_vat_are_booked_as_stated,
            ]);
            suite!(@cases $bench, failures: [
                killed_after_each_request,
                lost_reply_is_found_again,
                malformed_answers,
                timeout_before_storing,
                timeout_after_storing,
                stored_late,
                out_of_order,
                too_many_requests_with_retry_after,
                token_expired_in_the_middle,
                nothing_is_sent_without_time,
                looking_finds_and_writes_nothing,
            ]);
            suite!(@cases $bench, refusals: [
                closed_period,
                unknown_vat_code,
                unknown_account,
                foreign_duplicate,
                missing_options,
                file_too_large,
                files_of_one_name_are_our_mistake,
            ]);
            suite!(@cases $bench, contacts: [
                found_by_each_identifier,
                not_made_when_refused,
                made_once_when_allowed,
                not_made_without_identifiers,
            ]);
        }
    };
    (@cases $bench:ty, $module:ident: [$($case:ident,)*]) => {$(
        #[tokio::test]
        async fn $case() {
            $module::$case::<$bench>().await;
        }
    )*};
}

macro_rules! ledgers_under_test {
    ($($name:ident: $bench:ty,)*) => {
        $(suite!($name, $bench);)*

        #[test]
        fn every_ledger_that_books_has_a_bench() {
            use bench::Bench;
            let tested: Vec<&str> = vec![$(<$bench>::ledger().descriptor().system,)*];
            let books = ledgers::registry().iter().filter(|ledger| ledger.books().is_some());
            assert_eq!(tested, books.map(|ledger| ledger.descriptor().system).collect::<Vec<_>>());
        }
    };
}

ledgers_under_test! {
    exact_online: crate::exact::ExactBench,
    snelstart_b2b: crate::snelstart::SnelStartBench,
    twinfield_suite: crate::twinfield::TwinfieldBench,
    accountview_suite: crate::accountview::AccountViewBench,
    multivers_suite: crate::multivers::MultiversBench,
    boekhoudgemak_suite: crate::multivers::BoekhoudGemakBench,
}
