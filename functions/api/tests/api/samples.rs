//! The sample event of tests/events, with which the function can be tried by hand.

use api::auth::Claims;

#[test]
fn the_sample_is_a_request_of_somebody_who_signed_in() {
    let sample = include_str!("../../../../tests/events/api.json");
    let request = lambda_http::request::from_str(sample).unwrap();
    let claims = Claims::of(request.extensions()).unwrap();
    assert_eq!(claims.tenant.to_string(), "ten_01ARZ3NDEKTSV4RRFFQ69G5FAV");
    let known = api::routes::routes();
    assert!(known.iter().any(|route| route.path == request.uri().path() && route.method == request.method()));
}
