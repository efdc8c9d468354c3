//! Generates the document from the code and holds the checked-in one to it.

use super::*;
use crate::{
    auth::Needs,
    problem::{Code, Details, FieldProblem},
    routes::{Route, routes},
    schema,
};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use utoipa::{
    OpenApi, PartialSchema,
    openapi::{
        ContentBuilder, HttpMethod, Ref, RefOr, Required, ResponseBuilder, Schema,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
        schema::{ObjectBuilder, SchemaType, Type},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Ledgerpost",
        version = "1",
        description = "Takes in invoices, decides which may be posted without a person, and posts them into the tenant's \
                       ledger. Amounts are decimal numbers in quotes. Problems are problem details (RFC 9457) with a stable \
                       code. Lists are read in parts: send `next` as `cursor`.",
        license(name = "Proprietary")
    ),
    paths(
        super::openapi,
        crate::users::me,
        crate::users::list_users,
        crate::users::invite_user,
        crate::users::get_user,
        crate::users::put_user,
        crate::users::delete_user,
        crate::users::disable_user,
        crate::tenant::get_tenant,
        crate::tenant::patch_tenant,
        crate::audit::list_audit,
        crate::protection::export_tenant,
        crate::protection::list_jobs,
        crate::protection::get_job,
        crate::protection::get_archive,
        crate::protection::get_deletion,
        crate::protection::request_deletion,
        crate::protection::cancel_deletion,
        crate::protection::confirm_deletion,
        crate::protection::erase_user,
        crate::administrations::list_administrations,
        crate::administrations::create_administration,
        crate::administrations::get_administration,
        crate::administrations::put_administration,
        crate::administrations::delete_administration,
        crate::exports::list_formats,
        crate::exports::put_export_rules,
        crate::exports::capabilities,
        crate::exports::list_facilities,
        crate::exports::create_facility,
        crate::exports::get_facility,
        crate::exports::delete_facility,
        crate::exports::put_system,
        crate::exports::put_configuration,
        crate::exports::put_authentication,
        crate::exports::activate_facility,
        crate::exports::deactivate_facility,
        crate::exports::put_job,
        crate::exports::next_runs,
        crate::exports::preview,
        crate::exports::export_by_hand,
        crate::documents::export_list,
        crate::exports::list_runs,
        crate::exports::get_run,
        crate::exports::run_documents,
        crate::exports::run_left_out,
        crate::exports::run_file,
        crate::exports::mark_exported,
        crate::exports::cancel_run,
        crate::exports::revert_run,
        crate::exports::run_kept,
        crate::sales::get_seller,
        crate::sales::put_seller,
        crate::sales::list_series,
        crate::sales::create_series,
        crate::sales::get_series,
        crate::sales::put_series,
        crate::sales::get_connector,
        crate::sales::put_connector,
        crate::sales::list_orders,
        crate::sales::create_order,
        crate::sales::get_order,
        crate::sales::put_order_status,
        crate::sales::issue_document,
        crate::sales::list_issued,
        crate::sales::get_issued,
        crate::sales::get_issued_content,
        crate::sales::get_issued_history,
        crate::sales::pass_issued,
        crate::sales::refresh_issued,
        crate::sales::check_issued,
        crate::sales::get_issued_pdf,
        crate::sales::issue_correction,
        crate::sales::list_order_runs,
        crate::sales::retry_order_run,
        crate::sales::list_order_mails,
        crate::sales::list_order_rules,
        crate::sales::create_order_rule,
        crate::sales::get_order_rule,
        crate::sales::put_order_rule,
        crate::sales::delete_order_rule,
        crate::sales::list_pass_runs,
        crate::sales::create_pass_run,
        crate::sales::get_pass_run,
        crate::sales::list_pass_failures,
        crate::sales::put_replacement,
        crate::sales::forward_issued,
        crate::sales::list_forwardings,
        crate::sales::create_link,
        crate::sales::delete_link,
        crate::sales::open_link,
        crate::sales::list_marketplaces,
        crate::sales::put_marketplace,
        crate::mail::list_mail_packages,
        crate::mail::create_mail_package,
        crate::mail::get_mail_package,
        crate::mail::put_mail_package,
        crate::mail::delete_mail_package,
        crate::mail::list_mail_connections,
        crate::mail::create_mail_connection,
        crate::mail::get_mail_connection,
        crate::mail::put_mail_connection,
        crate::mail::delete_mail_connection,
        crate::mail::test_mail_connection,
        crate::mail::list_suspensions,
        crate::mail::confirm_suspension,
        crate::mail::list_deliveries,
        crate::mail::create_mail_run,
        crate::mail::get_customer_text,
        crate::mail::put_customer_text,
        crate::mail::delete_customer_text,
        crate::mail::get_deliveries,
        crate::mail::resend_document,
        crate::mail::confirm_delivery,
        crate::mail::revoke_delivery_link,
        crate::mail::mark_processed,
        crate::mail::unmark_processed,
        crate::mail::get_issued_deliveries,
        crate::mail::resend_issued,
        crate::mail::confirm_issued_delivery,
        crate::mail::revoke_issued_delivery_link,
        crate::mail::mark_issued_processed,
        crate::mail::unmark_issued_processed,
        crate::documents::accept_document,
        crate::documents::mark_document_sent,
        crate::documents::archive_document_directly,
        crate::documents::share_document,
        crate::sales::mark_issued_sent,
        crate::sales::archive_issued_directly,
        crate::documents::make_several_ready,
        crate::documents::make_ready,
        crate::documents::send_back,
        crate::documents::revert_export,
        crate::documents::put_rate,
        crate::contacts::list_contacts,
        crate::contacts::create_contact,
        crate::contacts::get_contact,
        crate::contacts::put_contact,
        crate::templates::get_template,
        crate::templates::put_template,
        crate::templates::delete_template,
        crate::rules::list_rules,
        crate::rules::create_rule,
        crate::rules::get_rule,
        crate::rules::put_rule,
        crate::rules::delete_rule,
        crate::rule_versions::list_versions,
        crate::rule_versions::restore_rule,
        crate::explain::explain,
        crate::recommendations::list_recommendations,
        crate::recommendations::post_always,
        crate::recommendations::post_specific,
        crate::recommendations::dismiss,
        crate::dashboard::get_dashboard,
        crate::documents::overview_changes,
        crate::connections::list_ledgers,
        crate::connections::list_connections,
        crate::connections::create_connection,
        crate::connections::get_connection,
        crate::connections::put_connection,
        crate::connections::authorise,
        crate::connections::oauth_callback,
        crate::connections::give_credentials,
        crate::connections::choose_division,
        crate::connections::get_directory,
        crate::connections::refresh_directory,
        crate::connections::import_contacts,
        crate::connections::sync_templates,
        crate::connections::put_automation_user,
        crate::connections::delete_automation_user,
        crate::connections::put_automation,
        crate::tasks::list_tasks,
        crate::tasks::get_task,
        crate::documents::create_upload,
        crate::documents::create_document,
        crate::documents::post_documents,
        crate::documents::reject_documents,
        crate::documents::get_document,
        crate::documents::delete_document,
        crate::documents::get_content,
        crate::documents::get_history,
        crate::documents::get_decision,
        crate::documents::get_source,
        crate::documents::get_attachment,
        crate::documents::tag_document,
        crate::documents::choose_contact,
        crate::documents::post_document,
        crate::documents::edit_document,
        crate::documents::apply_template,
        crate::documents::apply_template_to_all,
        crate::documents::reject_document,
        crate::documents::clear_hold,
        crate::documents::mark_posted,
        crate::documents::release_document,
        crate::documents::check_document,
        crate::documents::overview,
        crate::documents::get_columns,
        crate::documents::put_columns,
        crate::documents::intake,
        crate::documents::archive
    ),
    components(schemas(Details, FieldProblem))
)]
struct Document;

/// Requests that make something and may be repeated with a key.
const CREATES: &[&str] = &[
    "/users",
    "/administrations",
    "/administrations/{administration}/contacts",
    "/administrations/{administration}/rules",
    "/administrations/{administration}/recommendations/{contact}/post-always",
    "/administrations/{administration}/recommendations/{contact}/post-specific",
    "/connections",
    "/connections/{connection}/import-contacts",
    "/documents",
    "/administrations/{administration}/export-facilities",
    "/administrations/{administration}/export-facilities/{facility}/runs",
    "/administrations/{administration}/numbering-series",
    "/administrations/{administration}/orders/{order}/documents",
    "/issued-documents/{issued}/corrections",
    "/mail-packages",
    "/administrations/{administration}/mail-connections",
    "/administrations/{administration}/mail-connections/{mail_connection}/test",
    "/administrations/{administration}/mail-runs",
    "/documents/{document}/deliveries",
    "/issued-documents/{issued}/deliveries",
];

fn generated() -> Value {
    let mut document = Document::openapi();
    for route in routes() {
        let item = document.paths.paths.get_mut(route.path);
        let item = item.unwrap_or_else(|| panic!("{} {} is not in paths(...)", route.method, route.path));
        let operation = match http_method(&route) {
            HttpMethod::Get => &mut item.get,
            HttpMethod::Post => &mut item.post,
            HttpMethod::Put => &mut item.put,
            HttpMethod::Patch => &mut item.patch,
            _ => &mut item.delete,
        };
        let operation = operation.as_mut().unwrap_or_else(|| panic!("{} {}", route.method, route.path));
        complete(operation, &route);
    }
    let components = document.components.get_or_insert_with(Default::default);
    let mut bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT");
    bearer = bearer.description(Some("The ID token of the user pool, not the access token."));
    components.add_security_scheme("id_token", SecurityScheme::Http(bearer.build()));
    let mut value = serde_json::to_value(&document).unwrap();
    value["components"]["schemas"]["Details"]["properties"]["code"]["enum"] =
        Code::ALL.iter().map(|code| code.as_str()).collect();
    refer_to_entries(&mut value["components"]["schemas"]);
    describe_files(&mut value["paths"]["/documents"]["post"]["requestBody"]["content"]);
    for operation in value["paths"].as_object_mut().unwrap().values_mut().flat_map(|item| {
        let operations = item.as_object_mut().unwrap();
        operations.values_mut()
    }) {
        let summary = operation["summary"].as_str().unwrap().replace('\n', " ");
        operation["summary"] = summary.into();
    }
    value
}

/// Lists name the schema of their entries rather than repeat it.
fn refer_to_entries(schemas: &mut Value) {
    for (name, schema) in schemas.as_object_mut().unwrap() {
        if let Some(entry) = name.strip_prefix("Page_") {
            schema["properties"]["items"]["items"] = json!({ "$ref": format!("#/components/schemas/{entry}") });
        }
    }
}

/// Bytes are no JSON.
fn describe_files(content: &mut Value) {
    let bytes = json!({ "type": "string", "format": "binary" });
    for media in ["application/octet-stream", "application/xml", "application/pdf", "image/*"] {
        content[media] = json!({ "schema": bytes });
    }
    content["multipart/form-data"] = json!({ "schema": {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": bytes,
            "recognised": {
                "type": "object",
                "description": "What recognition found on a PDF or picture: values with their confidence.",
            },
        },
    } });
}

fn http_method(route: &Route) -> HttpMethod {
    match route.method.as_str() {
        "GET" => HttpMethod::Get,
        "POST" => HttpMethod::Post,
        "PUT" => HttpMethod::Put,
        "PATCH" => HttpMethod::Patch,
        "DELETE" => HttpMethod::Delete,
        other => panic!("{other}"),
    }
}

/// What follows from the table and the path: ids, headers, what it needs, problems.
fn complete(operation: &mut Operation, route: &Route) {
    let mut parameters: Vec<RefOr<Parameter>> = Vec::new();
    for name in route.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        parameters.push(path_parameter(name).into());
    }
    let conditional = match route.method.as_str() {
        // A mark has no version.
        "PUT" | "DELETE" if route.path.ends_with("/processed") => None,
        "PUT" if route.path.ends_with("/customer-mail-text") => Some(Required::False),
        "PUT" | "PATCH" => Some(if route.path.ends_with("/template") { Required::False } else { Required::True }),
        "DELETE" if route.path.ends_with("/link") => None,
        "DELETE" => Some(Required::False),
        "POST" if route.path.contains("/deliveries") => None,
        "POST" if route.path.ends_with("/restore") => Some(Required::True),
        "POST" if route.path.starts_with("/documents/{") && !route.path.ends_with("/check") => Some(Required::False),
        "POST"
            if [
                "/activate",
                "/deactivate",
                "/mark-exported",
                "/cancel",
                "/{run}/revert",
                "/mark-sent",
                "/archive-directly",
            ]
            .iter()
            .any(|end| route.path.ends_with(end)) =>
        {
            Some(Required::False)
        }
        _ => None,
    };
    if let Some(required) = conditional {
        let text = "The ETag that you got when you read it: refused with 412 when it has changed since.";
        parameters.push(header_parameter("If-Match", text, required).into());
    }
    if route.method == "POST" && CREATES.contains(&route.path) {
        let text = "Your own name for the request: repeated with the same key and body, it is done once.";
        parameters.push(header_parameter("Idempotency-Key", text, Required::False).into());
    }
    if speaks(route) {
        let text = "The language of the sentences: `en` (also when nothing fits), `nl` or `pl`. The answer says which one \
                    in `Content-Language`; codes are the same in all.";
        parameters.push(header_parameter("Accept-Language", text, Required::False).into());
    }
    parameters.extend(operation.parameters.take().unwrap_or_default());
    operation.parameters = Some(parameters).filter(|parameters| !parameters.is_empty());
    match route.needs {
        Needs::Nothing => {}
        Needs::One(_) | Needs::AnyOf(_) => {
            let permissions: Vec<_> = route.needs.permissions().iter().map(|one| one.as_str()).collect();
            let needs = format!("Needs the permission {}.", permissions.join(" or "));
            let said = operation.description.take().map(|said| format!("{said}\n\n")).unwrap_or_default();
            operation.description = Some(said + &needs);
            operation.security = Some(vec![SecurityRequirement::new::<_, [&str; 0], &str>("id_token", [])]);
        }
    }
    let problem = ContentBuilder::new().schema(Some(Ref::from_schema_name("Details"))).build();
    let problem = ResponseBuilder::new().description("What is wrong.").content("application/problem+json", problem);
    operation.responses.responses.insert("default".to_owned(), problem.build().into());
}

/// Whether a route answers with sentences of the catalogue.
fn speaks(route: &Route) -> bool {
    let ends = |ends: &[&str]| ends.iter().any(|end| route.path.ends_with(end));
    let of_documents = route.path.starts_with("/documents")
        && route.method != "DELETE"
        && !ends(&["/source", "/attachments/{attachment}", "/check"]);
    let of_runs = route.path.contains("/export-runs") && !ends(&["/file"]);
    let of_sales = (route.path.contains("/orders") || route.path.contains("issued") || ends(&["/failures"]))
        && !ends(&["/content", "/pdf", "/refresh", "/check", "/links", "/links/{secret}", "/link"]);
    let of_mail = (route.path.contains("/mail-connections") && route.method != "DELETE")
        || ends(&["/mail-suspensions", "{administration}/deliveries"]);
    of_documents
        || of_runs
        || of_sales
        || of_mail
        || (route.path.ends_with("/processed") && route.method == "DELETE")
        || ends(&["/export-list", "/preview", "/export-facilities/{facility}/runs"])
        || ends(&["/overview", "/intake", "/archive", "/apply-template", "/automation/explain"])
}

fn path_parameter(name: &str) -> Parameter {
    let text = || ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).build();
    let schema = match name {
        "user" => schema::id("usr_"),
        "administration" => schema::id("adm_"),
        "contact" => schema::id("con_"),
        "rule" => schema::id("rul_"),
        "connection" => schema::id("cnn_"),
        "task" | "pass_run" => schema::id("tsk_"),
        "document" => schema::id("doc_"),
        "job" => schema::id("job_"),
        "facility" => schema::id("fac_"),
        "run" => schema::id("run_"),
        "series" => schema::id("ser_"),
        "order" => schema::id("ord_"),
        "issued" => schema::id("iss_"),
        "package" => schema::id("pkg_"),
        "mail_connection" => schema::id("mcn_"),
        "delivery" => schema::id("dlv_"),
        "order_rule" => schema::id("oru_"),
        "tenant" => schema::id("ten_"),
        "secret" | "file" | "source" => text(),
        "hold" => <domain::hold::HoldCode as schema::Documented>::schema(),
        "directory" => <domain::ledger::DirectoryKind as schema::Documented>::schema(),
        "attachment" | "archive" => match u16::schema() {
            RefOr::T(Schema::Object(object)) => object,
            _ => text(),
        },
        other => panic!("the parameter {other} has no schema"),
    };
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .schema(Some(schema))
        .build()
}

fn header_parameter(name: &str, text: &str, required: Required) -> Parameter {
    let schema = ObjectBuilder::new().schema_type(SchemaType::Type(Type::String)).build();
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(required)
        .description(Some(text))
        .schema(Some(schema))
        .build()
}

#[test]
fn the_document_that_is_checked_in_is_current() {
    let text = serde_json::to_string_pretty(&generated()).unwrap() + "\n";
    let checked_in = document().unwrap();
    if text != checked_in && std::env::var_os("UPDATE_OPENAPI").is_some() {
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/../../infra/openapi/openapi.json"), &text).unwrap();
        return;
    }
    let current = text == checked_in;
    assert!(current, "infra/openapi/openapi.json is not current: UPDATE_OPENAPI=1 cargo test -p api openapi writes it");
}

#[test]
fn the_document_has_every_route_and_no_other() {
    let document = generated();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    let documented: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys().map(|method| method.to_uppercase());
            methods.map(|method| (path.clone(), method)).collect::<Vec<_>>()
        })
        .collect();
    let table: BTreeSet<_> =
        routes().iter().map(|route| (route.path.to_owned(), route.method.as_str().to_owned())).collect();
    assert_eq!(documented, table);
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    fn references(value: &Value, found: &mut Vec<String>) {
        match value {
            Value::Object(map) => {
                if let Some(Value::String(reference)) = map.get("$ref") {
                    found.push(reference.clone());
                }
                map.values().for_each(|value| references(value, found));
            }
            Value::Array(list) => list.iter().for_each(|value| references(value, found)),
            _ => {}
        }
    }
    let document = generated();
    let mut found = Vec::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        assert!(document.pointer(reference.trim_start_matches('#')).is_some(), "{reference}");
    }
    assert_eq!(document["components"]["schemas"]["Details"]["properties"]["code"]["enum"][0], json!("malformed_json"));
}
