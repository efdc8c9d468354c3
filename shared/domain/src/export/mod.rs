//! Scheduled export (section 2 of the reference behaviour): facilities, their jobs, and the runs that they start.

mod facility;
mod run;

pub use facility::{
    Copies, Facility, FacilityRefused, FacilityState, FinanceProblem, Job, JobRefused, JobSwitch, LedgerFacts,
    OnBehalfOf, OnBehalfOfError, Serves, SetupStep, SignedIn, StepState, Switched, Target, acting_user,
    finance_problem,
};
pub use run::{
    Closing, Collected, HANGS_AFTER, Origin, Phase, Run, RunFile, RunState, RunStatus, Starting, Written, count,
    posting_date_of,
};
