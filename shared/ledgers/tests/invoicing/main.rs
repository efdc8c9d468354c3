//! One suite for every ledger that takes issued documents. A ledger joins with a [`bench::Bench`] on its simulator and one line in
//! [`ledgers_under_test`]; its capabilities select the cases.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod bench;
mod copies;
#[path = "../common/failure.rs"]
mod failure;
mod failures;
mod fakturownia;
mod fakturowo;
mod firmao;
mod ifirma;
mod infakt;
mod passing;
mod refusals;
mod settings;
mod turn;
mod wfirma;
mod work;

/// Every case for a ledger. Cases that its capabilities do not select pass at once.
macro_rules! suite {
    ($name:ident, $bench:ty) => {
        mod $name {
            use super::{copies, failures, passing, refusals, settings};
            suite!(@cases $bench, passing: [
                an_invoice_of_every_rate_arrives_as_asked,
                net_prices_arrive_as_asked,
                a_person_abroad_arrives_as_on_the_order,
                a_receipt_arrives_as_asked,
                a_correction_arrives_as_a_difference,
                a_correction_of_what_is_not_there_is_refused_before_anything_is_sent,
                a_document_that_is_passed_again_is_found,
                a_hidden_payment_date_is_not_sent,
                what_is_paid_arrives,
            ]);
            suite!(@cases $bench, settings: [
                the_ledger_numbers,
                our_number_is_taken_over,
                a_number_that_is_taken_is_refused,
                series_go_where_they_are_linked,
                payment_types_go_where_they_are_linked,
                skus_go_along_only_when_they_should,
                what_the_ledger_does_not_take_is_refused_before_anything_is_sent,
                what_settings_link_to_can_be_listed,
                the_books_can_be_chosen_and_are_those_of_the_credentials,
            ]);
            suite!(@cases $bench, failures: [
                killed_after_each_request,
                lost_reply_is_found_again,
                garbled_answers,
                no_answer_before_storing,
                no_answer_after_storing,
                stored_late,
                out_of_order,
                success_without_an_id,
                too_many_requests,
                nothing_is_sent_without_time,
                looking_finds_and_writes_nothing,
                what_was_made_is_found_whatever_the_settings_say_now,
            ]);
            suite!(@cases $bench, refusals: [
                wrong_credentials,
                credentials_withdrawn_in_the_middle,
                every_refusal_of_the_catalogue,
            ]);
            suite!(@cases $bench, copies: [
                read_back,
                the_pdf_is_fetched_when_it_is_there,
                what_is_gone_is_told,
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
        fn every_ledger_that_takes_issued_documents_has_a_bench() {
            use bench::Bench;
            let tested: Vec<&str> = vec![$(<$bench>::ledger().descriptor().system,)*];
            let takes = ledgers::registry().iter().filter(|ledger| ledger.invoicing().is_some());
            assert_eq!(tested, takes.map(|ledger| ledger.descriptor().system).collect::<Vec<_>>());
        }
    };
}

ledgers_under_test! {
    fakturownia_suite: crate::fakturownia::FakturowniaBench,
    wfirma_suite: crate::wfirma::WfirmaBench,
    ifirma_suite: crate::ifirma::IfirmaBench,
    infakt_suite: crate::infakt::InfaktBench,
    firmao_suite: crate::firmao::FirmaoBench,
    fakturowo_suite: crate::fakturowo::FakturowoBench,
}
