//! One suite for every marketplace to which finished documents are forwarded, and what is particular about each. A marketplace joins
//! with a [`bench::Market`] on its simulator and one line in [`markets_under_test`].
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

mod amazon;
mod bench;
mod emag;
#[path = "../common/failure.rs"]
mod failure;
mod failures;
mod files;
mod passing;
mod turn;

/// Every case for a marketplace.
macro_rules! suite {
    ($name:ident, $market:ty) => {
        mod $name {
            use super::{failures, passing};
            suite!(@cases $market, passing: [
                an_invoice_arrives_once,
                a_document_that_is_forwarded_again_is_found,
                two_documents_are_two,
                a_correction_is_forwarded_only_where_the_connection_says_so,
                what_no_marketplace_shows_is_refused_before_anything_is_sent,
                who_is_connected_and_the_one_account_can_be_chosen,
                wrong_credentials,
            ]);
            suite!(@cases $market, failures: [
                killed_after_each_request,
                lost_reply_is_found_again,
                garbled_answers,
                no_answer_before_storing,
                no_answer_after_storing,
                stored_late,
                out_of_order,
                too_many_requests,
                access_that_ends_in_the_middle,
                nothing_is_sent_without_time,
            ]);
        }
    };
    (@cases $market:ty, $module:ident: [$($case:ident,)*]) => {$(
        #[tokio::test]
        async fn $case() {
            $module::$case::<$market>().await;
        }
    )*};
}

macro_rules! markets_under_test {
    ($($name:ident: $market:ty,)*) => {
        $(suite!($name, $market);)*

        #[test]
        fn every_marketplace_has_a_bench() {
            use bench::Market;
            let tested: Vec<&str> = vec![$(<$market>::ledger().descriptor().system,)*];
            let takes = ledgers::registry().iter().filter(|ledger| ledger.forwarding().is_some());
            assert_eq!(tested, takes.map(|ledger| ledger.descriptor().system).collect::<Vec<_>>());
        }
    };
}

markets_under_test! {
    amazon_suite: crate::amazon::AmazonMarket,
    emag_suite: crate::emag::EmagMarket,
    fashion_days_suite: crate::emag::FashionDaysMarket,
}
