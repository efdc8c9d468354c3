//! The people of the demo's office: their logins in the local user pool, and their tokens.

use serde_json::json;

use super::{api::Client, scenario::Person};
use crate::{
    aws::{Aws, text},
    failure::Failure,
    project::{Memory, Project},
};

/// Opens nothing but a throw-away office on this machine.
const PASSWORD: &str = "Demo-on-this-machine-1";

/// The local user pool.
pub struct People {
    /// The conversation with the local cloud.
    pub aws: Aws,
    /// Id of the pool.
    pub pool: String,
    /// Id of the client that people sign in with.
    pub client: String,
    run: String,
}

impl People {
    /// Of the stack that runs, with addresses of this run's own.
    pub fn of(project: &Project, memory: &Memory, run: &str) -> Result<Self, Failure> {
        let output = |name: &str| {
            let value = memory.outputs.get(name).cloned();
            value.ok_or_else(|| Failure::State(format!("The stack has no output {name}.")))
        };
        let (pool, client) = (output("UserPoolId")?, output("UserPoolClientId")?);
        Ok(Self { aws: Aws::local(project, memory)?, pool, client, run: run.to_owned() })
    }

    /// Somebody's address.
    pub fn address(&self, person: &Person) -> String {
        format!("{}.{}@demo.example", person.login, self.run)
    }

    /// The password that everybody gets.
    pub fn password() -> String {
        PASSWORD.to_owned()
    }

    /// In place of the mail with which an invited person chooses a password.
    pub fn choose_password(&mut self, person: &Person) -> Result<(), Failure> {
        let request = json!({
            "UserPoolId": self.pool,
            "Username": self.address(person),
            "Password": PASSWORD,
            "Permanent": true,
        });
        self.aws.call("cognito-idp", "admin_set_user_password", &request).map(drop)
    }

    /// Signs somebody in: the API under his name.
    pub fn sign_in(&mut self, api: &Client, person: &Person) -> Result<Client, Failure> {
        let request = json!({
            "UserPoolId": self.pool,
            "ClientId": self.client,
            "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
            "AuthParameters": { "USERNAME": self.address(person), "PASSWORD": PASSWORD },
        });
        let answer = self.aws.call("cognito-idp", "admin_initiate_auth", &request)?;
        match text(&answer, "/AuthenticationResult/IdToken") {
            "" => Err(Failure::State(format!("{} could not sign in.", person.name))),
            token => Ok(api.with_token(token.to_owned())),
        }
    }
}
