//! Tokens that let nobody in.

use std::{thread, time::Duration};

use serde_json::{Value, json};

use super::ground::{Ground, ask, get, refused as refused_with, same};
use crate::{
    aws::{Aws, text},
    demo::people::People,
    failure::Failure,
};

/// What a signed-in accountant gets.
struct Tokens {
    id: String,
    access: String,
}

fn tokens(aws: &mut Aws, pool: &str, client: &str, user: &str) -> Result<Tokens, Failure> {
    let request = json!({
        "UserPoolId": pool,
        "ClientId": client,
        "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
        "AuthParameters": { "USERNAME": user, "PASSWORD": People::password() },
    });
    let answer = aws.call("cognito-idp", "admin_initiate_auth", &request)?;
    Ok(Tokens {
        id: text(&answer, "/AuthenticationResult/IdToken").to_owned(),
        access: text(&answer, "/AuthenticationResult/AccessToken").to_owned(),
    })
}

fn of_the_accountant(ground: &mut Ground) -> Result<Tokens, Failure> {
    let people = &mut ground.office.people;
    let user = people.address(&ground.office.scenario.office.accountant);
    tokens(&mut people.aws, &people.pool, &people.client, &user)
}

/// The status of a request with this token; none is sent when it is empty.
fn status(ground: &Ground, token: &str) -> Result<u16, Failure> {
    let api = &ground.office.api;
    let client = if token.is_empty() { api.clone() } else { api.with_token(token.to_owned()) };
    Ok(ask(&client, get("/me"))?.status)
}

/// The gateway lets none of these through.
pub fn refused(ground: &mut Ground) -> Result<(), Failure> {
    let good = of_the_accountant(ground)?.id;
    same("a good token", &status(ground, &good)?, &200)?;
    same("no token", &status(ground, "")?, &401)?;
    same("no real token", &status(ground, "a.b.c")?, &401)?;

    let mut parts = good.split('.');
    let (head, body, mark) = (parts.next(), parts.next(), parts.next());
    let (head, body, mark) = (head.unwrap_or_default(), body.unwrap_or_default(), mark.unwrap_or_default());
    let turned = if body.ends_with('A') { 'B' } else { 'A' };
    let tampered = format!("{head}.{}{turned}.{mark}", body.get(..body.len().saturating_sub(1)).unwrap_or_default());
    same("a tampered token", &status(ground, &tampered)?, &401)?;
    same("a token without its signature", &status(ground, &format!("{head}.{body}."))?, &401)?;

    let foreign = foreign(ground)?;
    same("a token of another pool", &status(ground, &foreign)?, &401)?;
    let expired = expired(ground)?;
    same("an expired token", &status(ground, &expired)?, &401)
}

/// Signed properly, for the same person, by somebody else's pool.
fn foreign(ground: &mut Ground) -> Result<String, Failure> {
    let tenant = ground.office.tenant.clone();
    let people = &mut ground.office.people;
    let schema = json!([{ "Name": "tenant_id", "AttributeDataType": "String", "Mutable": false }]);
    let pool =
        people.aws.call("cognito-idp", "create_user_pool", &json!({ "PoolName": "foreign", "Schema": schema }))?;
    let pool = text(&pool, "/UserPool/Id").to_owned();
    let flows = json!(["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]);
    let client = json!({ "UserPoolId": pool, "ClientName": "foreign", "ExplicitAuthFlows": flows });
    let client = people.aws.call("cognito-idp", "create_user_pool_client", &client)?;
    let client = text(&client, "/UserPoolClient/ClientId").to_owned();
    let user = "accountant@foreign.example";
    let attributes = json!([{ "Name": "custom:tenant_id", "Value": tenant }]);
    let made =
        json!({ "UserPoolId": pool, "Username": user, "UserAttributes": attributes, "MessageAction": "SUPPRESS" });
    people.aws.call("cognito-idp", "admin_create_user", &made)?;
    let password = json!({ "UserPoolId": pool, "Username": user, "Password": People::password(), "Permanent": true });
    people.aws.call("cognito-idp", "admin_set_user_password", &password)?;
    Ok(tokens(&mut people.aws, &pool, &client, user)?.id)
}

/// A token that was good for a second.
fn expired(ground: &mut Ground) -> Result<String, Failure> {
    let people = &ground.office.people;
    let client = json!({ "UserPoolId": people.pool, "ClientId": people.client });
    let before = ground.office.people.aws.call("cognito-idp", "describe_user_pool_client", &client)?;
    let of = |name: &str| before.pointer(&format!("/UserPoolClient/{name}")).cloned().unwrap_or(Value::Null);
    let mut change = client;
    for name in ["ClientName", "ReadAttributes", "WriteAttributes", "ExplicitAuthFlows", "RefreshTokenValidity"] {
        change[name] = of(name);
    }
    for name in ["AccessTokenValidity", "IdTokenValidity", "TokenValidityUnits"] {
        change[name] = of(name);
    }
    let back = change.clone();
    change["IdTokenValidity"] = json!(1);
    change["TokenValidityUnits"]["IdToken"] = json!("seconds");
    ground.office.people.aws.call("cognito-idp", "update_user_pool_client", &change)?;
    let token = of_the_accountant(ground);
    ground.office.people.aws.call("cognito-idp", "update_user_pool_client", &back)?;
    thread::sleep(Duration::from_millis(2100));
    Ok(token?.id)
}

/// The gateway takes an access token for good; the API does not.
pub fn access_token(ground: &mut Ground) -> Result<(), Failure> {
    let access = of_the_accountant(ground)?.access;
    let answer = ask(&ground.office.api.with_token(access), get("/me"))?;
    refused_with("an access token", &answer, 401, "id_token_wanted")
}
