//! What an operator does with a deployment, the local one or one on AWS.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Read as _,
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use domain::{
    ids::{Id as _, TenantId},
    time::Instant,
};
use serde::Serialize;
use serde_json::{Value, json};
use ulid::Ulid;

use crate::{
    aws::{Aws, text},
    clock::Clock,
    cloud, deploy,
    failure::Failure,
    processes,
    project::Project,
    tools,
};

/// Queues whose dead letters can be sent again, by their outputs.
const DEAD_LETTERS: [(&str, &str); 9] = [
    ("TaggedDeadLettersUrl", "TaggedQueueUrl"),
    ("EvaluateDeadLettersUrl", "EvaluateQueueUrl"),
    ("TurnsDeadLettersUrl", "TurnsQueueUrl"),
    ("ExportsDeadLettersUrl", "ExportsQueueUrl"),
    ("OrdersDeadLettersUrl", "OrdersQueueUrl"),
    ("RendersDeadLettersUrl", "RendersQueueUrl"),
    ("FiguresDeadLettersUrl", "FiguresQueueUrl"),
    ("MailsDeadLettersUrl", "MailsQueueUrl"),
    ("MailFeedbackDeadLettersUrl", "MailFeedbackQueueUrl"),
];

/// Most messages that SQS hands out at a time.
const BATCH: usize = 10;
/// How long a dead letter stays with us while it is sent again.
const HOLD_SECONDS: u32 = 60;

/// Which deployment a command works on.
#[derive(Debug)]
pub struct Deployment {
    aws: Aws,
    stack: String,
    outputs: BTreeMap<String, String>,
}

impl Deployment {
    /// The local cloud, or with `stack` the one of that name on AWS, as this machine's AWS settings say.
    pub fn open(project: &Project, stack: Option<&str>) -> Result<Self, Failure> {
        tools::ensure(project)?;
        let (mut aws, name) = match stack {
            Some(name) => (Aws::real(project)?, name),
            None => (Aws::local(project, &project.memory()?)?, cloud::STACK),
        };
        let outputs = deploy::outputs(&mut aws, name)?;
        let stack = name.to_owned();
        Ok(Self { aws, stack, outputs })
    }

    fn output(&self, name: &str) -> Result<String, Failure> {
        self.outputs
            .get(name)
            .cloned()
            .ok_or_else(|| Failure::State(format!("The stack {} has no output {name}.", self.stack)))
    }

    /// Makes a tenant and invites its first Superuser. The login comes first, since the user is known by it; when the rest fails
    /// the login goes again, so that the command can be repeated.
    pub fn create_tenant(&mut self, tenant: &NewTenant) -> Result<MadeTenant, Failure> {
        let pool = self.output("UserPoolId")?;
        let id = TenantId::from_ulid(new_ulid()?);
        let login = self.create_login(&pool, &id, tenant)?;
        let command = json!({
            "command": "create_tenant",
            "tenant": id,
            "name": tenant.name,
            "event_sources": tenant.event_sources,
            "superuser": { "login": login, "email": tenant.email, "name": tenant.user_name },
        });
        match self.ask("MaintenanceFunction", &command) {
            Ok(answer) => Ok(MadeTenant {
                tenant: id.to_string(),
                superuser: text(&answer, "/user").to_owned(),
                email: tenant.email.clone(),
                login,
            }),
            Err(failure) => {
                self.delete_login(&pool, &login)?;
                Err(failure)
            }
        }
    }

    fn delete_login(&mut self, pool: &str, login: &str) -> Result<(), Failure> {
        let gone = json!({ "UserPoolId": pool, "Username": login });
        self.aws.call("cognito-idp", "admin_delete_user", &gone)?;
        Ok(())
    }

    /// On AWS Cognito mails the invitation with a temporary password; with a password of the operator's choice nothing is mailed
    /// and the user may sign in at once.
    fn create_login(&mut self, pool: &str, tenant: &TenantId, new: &NewTenant) -> Result<String, Failure> {
        let attribute = |name: &str, value: &str| json!({ "Name": name, "Value": value });
        let mut request = json!({
            "UserPoolId": pool,
            "Username": new.email,
            "UserAttributes": [
                attribute("email", &new.email),
                attribute("email_verified", "true"),
                attribute("custom:tenant_id", &tenant.to_string()),
            ],
        });
        if new.password.is_some() {
            request["MessageAction"] = json!("SUPPRESS");
        }
        let made = self.aws.call("cognito-idp", "admin_create_user", &request)?;
        let login = text(&made, "/User/Username").to_owned();
        if let Some(password) = &new.password {
            let request = json!({ "UserPoolId": pool, "Username": login, "Password": password, "Permanent": true });
            if let Err(failure) = self.aws.call("cognito-idp", "admin_set_user_password", &request) {
                // A password that the pool does not take: the command can be repeated with another one.
                self.delete_login(pool, &login)?;
                return Err(failure);
            }
        }
        Ok(login)
    }

    /// Signs a user in: the ID token that the API takes.
    pub fn token(&mut self, email: &str, password: &str) -> Result<String, Failure> {
        let request = json!({
            "UserPoolId": self.output("UserPoolId")?,
            "ClientId": self.output("UserPoolClientId")?,
            "AuthFlow": "ADMIN_USER_PASSWORD_AUTH",
            "AuthParameters": { "USERNAME": email, "PASSWORD": password },
        });
        let answer = self.aws.call("cognito-idp", "admin_initiate_auth", &request)?;
        match text(&answer, "/AuthenticationResult/IdToken") {
            "" => {
                let wanted = text(&answer, "/ChallengeName");
                Err(Failure::State(format!(
                    "{email} cannot sign in with a password alone ({wanted}): use the sign-in page."
                )))
            }
            token => Ok(token.to_owned()),
        }
    }

    /// How a tenant stands: open, closed, being erased or gone, and how far its exports and erasures are.
    pub fn tenant_state(&mut self, tenant: &str) -> Result<Value, Failure> {
        self.ask("ProtectionFunction", &json!({ "command": "tenant_state", "tenant": tenant }))
    }

    /// Takes back the deletion of a tenant, as long as erasing has not begun.
    pub fn cancel_deletion(&mut self, tenant: &str) -> Result<Value, Failure> {
        self.ask("ProtectionFunction", &json!({ "command": "cancel_deletion", "tenant": tenant }))
    }

    /// Calls export-trigger as its schedule does. How many runs it started.
    pub fn trigger_exports(&mut self) -> Result<Value, Failure> {
        self.ask("ExportTriggerFunction", &json!({}))
    }

    /// Does something while functions, by their names in `template.yaml`, go by another time. Their clock is set back also when that
    /// fails.
    pub fn at_another_time<T>(
        &mut self,
        resources: &[&str],
        instant: Instant,
        work: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let clock = Clock::of(&mut self.aws, &self.stack, resources)?;
        let done = clock.set(&mut self.aws, instant).and_then(|()| work(self));
        let back = clock.set_back(&mut self.aws);
        done.and_then(|done| back.map(|()| done))
    }

    /// Has a function do a command; its name is an output of the stack.
    fn ask(&mut self, output: &str, command: &Value) -> Result<Value, Failure> {
        let function = self.output(output)?;
        let request = json!({ "FunctionName": function, "Payload": command.to_string() });
        let answer = self.aws.call("lambda", "invoke", &request)?;
        let payload = text(&answer, "/Payload");
        let said: Value = serde_json::from_str(payload).map_err(Failure::unexpected("the answer of a function"))?;
        if answer.get("FunctionError").is_some() {
            let message = text(&said, "/errorMessage").to_owned();
            return Err(Failure::Cloud { operation: output.to_owned(), message });
        }
        Ok(said)
    }

    /// Sends every dead letter to its queue again, once the cause is mended. A letter leaves the dead letters only after its
    /// queue has it: it may come twice, which handlers bear, and is never lost.
    pub fn redrive(&mut self) -> Result<(), Failure> {
        let mut total = 0;
        for (from, to) in DEAD_LETTERS {
            let (from_url, to_url) = (self.output(from)?, self.output(to)?);
            let sent = self.move_messages(&from_url, &to_url)?;
            if sent > 0 {
                println!("{sent} sent again to {}", to.trim_end_matches("Url"));
            }
            total += sent;
        }
        if total == 0 {
            println!("There are no dead letters.");
        }
        Ok(())
    }

    fn move_messages(&mut self, from: &str, to: &str) -> Result<usize, Failure> {
        let mut moved = 0;
        loop {
            processes::check_interrupt()?;
            let request = json!({ "QueueUrl": from, "MaxNumberOfMessages": BATCH, "VisibilityTimeout": HOLD_SECONDS, "WaitTimeSeconds": 1 });
            let answer = self.aws.call("sqs", "receive_message", &request)?;
            let messages = answer.get("Messages").and_then(Value::as_array).cloned().unwrap_or_default();
            if messages.is_empty() {
                return Ok(moved);
            }
            for message in &messages {
                self.aws.call(
                    "sqs",
                    "send_message",
                    &json!({ "QueueUrl": to, "MessageBody": text(message, "/Body") }),
                )?;
                let receipt = json!({ "QueueUrl": from, "ReceiptHandle": text(message, "/ReceiptHandle") });
                self.aws.call("sqs", "delete_message", &receipt)?;
                moved += 1;
            }
        }
    }

    /// Prints the last minutes of a function's log, or of every function's, and goes on until interrupted if asked.
    pub fn logs(&mut self, functions: &[String], follow: Follow) -> Result<(), Failure> {
        let mut since = milliseconds_ago(Duration::from_mins(15));
        loop {
            let mut lines = Vec::new();
            for function in functions {
                self.log_lines(function, since, &mut lines)?;
            }
            lines.sort_by_key(|(at, ..)| *at);
            for (at, function, line) in lines {
                println!("{function}: {line}");
                since = since.max(at + 1);
            }
            match follow {
                Follow::No => return Ok(()),
                Follow::Yes => thread::sleep(Duration::from_secs(1)),
            }
            processes::check_interrupt()?;
        }
    }

    /// Adds what a function logged since an instant in milliseconds: when, which function, what.
    pub fn log_lines(
        &mut self,
        function: &str,
        since: u64,
        lines: &mut Vec<(u64, String, String)>,
    ) -> Result<(), Failure> {
        let mut request = json!({ "logGroupName": format!("/{}/{function}", self.stack), "startTime": since });
        loop {
            let answer = self.aws.call("logs", "filter_log_events", &request)?;
            for event in answer.get("events").and_then(Value::as_array).into_iter().flatten() {
                let at = event.get("timestamp").and_then(Value::as_u64).unwrap_or_default();
                lines.push((at, function.to_owned(), text(event, "/message").trim_end().to_owned()));
            }
            match text(&answer, "/nextToken") {
                "" => return Ok(()),
                token => request["nextToken"] = json!(token),
            }
        }
    }
}

/// A tenant to be made.
#[derive(Debug)]
pub struct NewTenant {
    /// Name of the office.
    pub name: String,
    /// Address of the first Superuser.
    pub email: String,
    /// Name of the first Superuser.
    pub user_name: String,
    /// The first Superuser's password; without one Cognito mails an invitation.
    pub password: Option<String>,
    /// Sources of events on the bus that may act for the tenant.
    pub event_sources: Vec<String>,
}

/// A tenant that was made, as the command prints it.
#[derive(Debug, Serialize)]
pub struct MadeTenant {
    /// Its id.
    pub tenant: String,
    /// Id of the first Superuser.
    pub superuser: String,
    /// The Superuser's address.
    pub email: String,
    /// The `sub` of the Superuser's tokens.
    pub login: String,
}

/// Now and randomness from the system.
fn new_ulid() -> Result<Ulid, Failure> {
    let source = "/dev/urandom";
    let mut random = [0; 16];
    File::open(source).and_then(|mut file| file.read_exact(&mut random)).map_err(Failure::file(source))?;
    Ok(Ulid::from_parts(milliseconds_ago(Duration::ZERO), u128::from_be_bytes(random)))
}

/// Whether the log is followed until Ctrl-C.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Follow {
    /// Only what is there.
    No,
    /// What comes as well.
    Yes,
}

fn milliseconds_ago(ago: Duration) -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().saturating_sub(ago);
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
