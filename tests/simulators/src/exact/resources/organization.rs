//! `current/Me` and `system/Divisions`.

use http::StatusCode;

use super::super::api::Call;
use super::super::books::DivisionStanding;
use super::super::entity::{Entity, entity};
use super::super::guid::Guid;
use super::super::odata::Schema;
use super::super::odata::query::Query;
use super::super::odata::render::{self, Place};
use super::super::refusal::Refusal;
use super::super::state::State;
use super::Listing;
use crate::server::Answer;

entity! {
    /// The user who gave consent.
    Me: "System.Me" {
        id: Guid => "UserID" Read,
        current_division: i32 => "CurrentDivision" Read,
        user_name: String => "UserName" Read,
        full_name: String => "FullName" Read,
        email: String => "Email" Read,
    }
    beside {}
}

entity! {
    /// An administration, as lists show it.
    DivisionRow: "System.Division" {
        code: i32 => "Code" Read,
        hid: i32 => "Hid" Read,
        description: String => "Description" Read,
        country: String => "Country" Read,
        currency: String => "Currency" Read,
        vat_number: Option<String> => "VATNumber" Read,
        chamber_of_commerce: Option<String> => "ChamberOfCommerceNumber" Read,
        status: i32 => "Status" Read,
        blocking_status: i32 => "BlockingStatus" Read,
        is_main: bool => "IsMainDivision" Read,
        current: bool => "Current" Read,
    }
    beside {}
}

/// The user of the token. The administration is the one open in the browser, whatever the app does.
pub fn me(state: &State, call: &Call<'_>) -> Result<Answer, Refusal> {
    let user = state.users.get(&call.session.user).ok_or(Refusal::Unauthorized)?;
    let me = Me {
        id: user.id,
        current_division: user.current_division,
        user_name: user.user_name.clone(),
        full_name: user.full_name.clone(),
        email: user.email.clone(),
    };
    let schema = Schema::of::<Me>();
    let query = Query::parse(&call.request.parameters(), &schema)?;
    let page = query.page(vec![me.cells()]);
    let place = Place { resource: format!("{}/api/v1/current/Me", call.base) };
    Ok(Answer::json(StatusCode::OK, &render::page(&schema, &place, &query, &page, |_, _| String::new())))
}

/// Administrations open to this user and this app, as far as the user chose them at consent.
pub(super) fn divisions(state: &State, call: &Call<'_>) -> Result<Listing, Refusal> {
    let user = state.users.get(&call.session.user).ok_or(Refusal::Unauthorized)?;
    let chosen = |code: i32| call.session.divisions.as_ref().is_none_or(|divisions| divisions.contains(&code));
    let open = state.divisions.iter().filter(|division| {
        user.divisions.contains(&division.code) && division.apps.contains(&call.session.app) && chosen(division.code)
    });
    let row = |division: &super::Division| DivisionRow {
        code: division.code,
        hid: division.hid,
        description: division.description.clone(),
        country: division.country.clone(),
        currency: division.currency.clone(),
        vat_number: division.vat_number.clone(),
        chamber_of_commerce: division.chamber_of_commerce.clone(),
        status: 1,
        blocking_status: match division.standing {
            DivisionStanding::Open => 0,
            DivisionStanding::Blocked => 1,
        },
        is_main: division.is_main,
        current: division.code == user.current_division,
    };
    Ok(Listing { schema: Schema::of::<DivisionRow>(), records: open.map(|division| row(division).cells()).collect() })
}
