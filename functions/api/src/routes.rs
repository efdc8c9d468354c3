//! The one table of routes: method, path, what it asks of the caller, and who answers. A test walks it with every role.

use crate::{
    administrations as a,
    app::App,
    audit,
    auth::{Needs, guard},
    connections as c, contacts, dashboard, documents as d, explain, exports as e, mail as m,
    openapi::openapi,
    problem::{Code, Problem},
    protection as p, recommendations as rec, rule_versions, rules, sales as s, tasks, templates, tenant, users,
};
use axum::{
    Router,
    extract::DefaultBodyLimit,
    handler::Handler,
    http::Method,
    middleware,
    routing::{MethodFilter, MethodRouter, on},
};
use domain::permission::Permission as P;

/// One route.
pub struct Route {
    /// Method.
    pub method: Method,
    /// Path, with names for its ids.
    pub path: &'static str,
    /// What it asks of the caller. Administrations in the path, and those of what the path names, are looked at as well.
    pub needs: Needs,
    /// Who answers.
    pub handler: MethodRouter<App>,
}

struct Table(Vec<Route>);

impl Table {
    fn add<H, T>(&mut self, method: Method, filter: MethodFilter, path: &'static str, needs: Needs, handler: H)
    where
        H: Handler<T, App>,
        T: 'static,
    {
        self.0.push(Route { method, path, needs, handler: on(filter, handler) });
    }

    fn get<H: Handler<T, App>, T: 'static>(&mut self, path: &'static str, needs: Needs, handler: H) {
        self.add(Method::GET, MethodFilter::GET, path, needs, handler);
    }

    fn post<H: Handler<T, App>, T: 'static>(&mut self, path: &'static str, needs: Needs, handler: H) {
        self.add(Method::POST, MethodFilter::POST, path, needs, handler);
    }

    fn put<H: Handler<T, App>, T: 'static>(&mut self, path: &'static str, needs: Needs, handler: H) {
        self.add(Method::PUT, MethodFilter::PUT, path, needs, handler);
    }

    fn patch<H: Handler<T, App>, T: 'static>(&mut self, path: &'static str, needs: Needs, handler: H) {
        self.add(Method::PATCH, MethodFilter::PATCH, path, needs, handler);
    }

    fn delete<H: Handler<T, App>, T: 'static>(&mut self, path: &'static str, needs: Needs, handler: H) {
        self.add(Method::DELETE, MethodFilter::DELETE, path, needs, handler);
    }
}

const fn may(permission: P) -> Needs {
    Needs::One(permission)
}

/// Deliverers see what is delivered; the handler keeps others to the archive.
const SEES_DOCUMENTS: Needs = Needs::AnyOf(&[P::DeliverDocuments, P::ViewArchive]);

/// Whoever decides about a document, and Finance about what it exports.
const SEES_HISTORY: Needs = Needs::AnyOf(&[P::ViewOverview, P::ReleaseDocuments]);

/// Every route.
pub fn routes() -> Vec<Route> {
    let mut t = Table(Vec::new());
    t.get("/openapi.json", Needs::Nothing, openapi);
    t.get("/me", may(P::ViewAdministrations), users::me);
    t.get("/me/overview-columns", may(P::ViewOverview), d::get_columns);
    t.put("/me/overview-columns", may(P::ViewOverview), d::put_columns);
    t.get("/tenant", may(P::ViewAdministrations), tenant::get_tenant);
    t.patch("/tenant", may(P::ManageTenant), tenant::patch_tenant);
    t.post("/tenant/export", may(P::ProtectData), p::export_tenant);
    t.get("/tenant/jobs", may(P::ProtectData), p::list_jobs);
    t.get("/tenant/jobs/{job}", may(P::ProtectData), p::get_job);
    t.get("/tenant/jobs/{job}/archives/{archive}", may(P::ProtectData), p::get_archive);
    t.get("/tenant/deletion", may(P::ProtectData), p::get_deletion);
    t.post("/tenant/deletion", may(P::ProtectData), p::request_deletion);
    t.delete("/tenant/deletion", may(P::ProtectData), p::cancel_deletion);
    t.post("/tenant/deletion/confirm", may(P::ProtectData), p::confirm_deletion);
    t.post("/users/{user}/erase", may(P::ProtectData), p::erase_user);
    t.get("/audit", may(P::ViewAudit), audit::list_audit);

    t.get("/users", may(P::ViewUsers), users::list_users);
    t.post("/users", may(P::ManageUsers), users::invite_user);
    t.get("/users/{user}", may(P::ViewUsers), users::get_user);
    t.put("/users/{user}", may(P::ManageUsers), users::put_user);
    t.delete("/users/{user}", may(P::DeleteUsers), users::delete_user);
    t.post("/users/{user}/disable", may(P::DisableUsers), users::disable_user);

    t.get("/administrations", may(P::ViewAdministrations), a::list_administrations);
    t.post("/administrations", may(P::ManageAdministrations), a::create_administration);
    t.get("/administrations/{administration}", may(P::ViewAdministrations), a::get_administration);
    t.put("/administrations/{administration}", may(P::ManageAdministrations), a::put_administration);

    t.delete("/administrations/{administration}", may(P::DeleteAdministrations), a::delete_administration);

    let path = "/administrations/{administration}/contacts";
    t.get(path, may(P::ViewContacts), contacts::list_contacts);
    t.post(path, may(P::ManageContacts), contacts::create_contact);
    let path = "/administrations/{administration}/contacts/{contact}";
    t.get(path, may(P::ViewContacts), contacts::get_contact);
    t.put(path, may(P::ManageContacts), contacts::put_contact);
    let path = "/administrations/{administration}/contacts/{contact}/template";
    t.get(path, may(P::ViewContacts), templates::get_template);
    t.put(path, may(P::ManageContacts), templates::put_template);
    t.delete(path, may(P::ManageContacts), templates::delete_template);

    let path = "/administrations/{administration}/rules";
    t.get(path, may(P::ViewRules), rules::list_rules);
    t.post(path, may(P::ManageRules), rules::create_rule);
    let path = "/administrations/{administration}/rules/{rule}";
    t.get(path, may(P::ViewRules), rules::get_rule);
    t.put(path, may(P::ManageRules), rules::put_rule);
    t.delete(path, may(P::ManageRules), rules::delete_rule);

    let path = "/administrations/{administration}/rules/{rule}/versions";
    t.get(path, may(P::ViewRules), rule_versions::list_versions);
    let path = "/administrations/{administration}/rules/{rule}/restore";
    t.post(path, may(P::ManageRules), rule_versions::restore_rule);
    t.get("/automation/explain", may(P::ViewRules), explain::explain);

    let path = "/administrations/{administration}/recommendations";
    t.get(path, may(P::ViewRules), rec::list_recommendations);
    let path = "/administrations/{administration}/recommendations/{contact}/post-always";
    t.post(path, may(P::ManageRules), rec::post_always);
    let path = "/administrations/{administration}/recommendations/{contact}/post-specific";
    t.post(path, may(P::ManageRules), rec::post_specific);
    let path = "/administrations/{administration}/recommendations/{contact}/dismiss";
    t.post(path, may(P::ManageRules), rec::dismiss);
    t.get("/administrations/{administration}/dashboard", may(P::ViewDashboard), dashboard::get_dashboard);
    t.get("/administrations/{administration}/overview/changes", may(P::ViewOverview), d::overview_changes);

    t.get("/ledgers", may(P::ViewConnections), c::list_ledgers);
    t.get("/connections", may(P::ViewConnections), c::list_connections);
    t.post("/connections", may(P::IntegrationSetup), c::create_connection);
    t.get("/connections/{connection}", may(P::ViewConnections), c::get_connection);
    t.put("/connections/{connection}", may(P::IntegrationSetup), c::put_connection);
    t.post("/connections/{connection}/authorise", may(P::IntegrationSetup), c::authorise);
    t.get("/oauth/callback", Needs::Nothing, c::oauth_callback);
    t.post("/connections/{connection}/credentials", may(P::IntegrationSetup), c::give_credentials);
    t.post("/connections/{connection}/divisions", may(P::IntegrationSetup), c::choose_division);
    let path = "/connections/{connection}/directories/{directory}";
    t.get(path, may(P::ViewConnections), c::get_directory);
    let path = "/connections/{connection}/directories/{directory}/refresh";
    t.post(path, may(P::ManageContacts), c::refresh_directory);
    t.post("/connections/{connection}/import-contacts", may(P::ManageContacts), c::import_contacts);
    t.post("/connections/{connection}/sync-templates", may(P::ManageContacts), c::sync_templates);
    let path = "/connections/{connection}/automation-user";
    t.put(path, may(P::ManageAutomation), c::put_automation_user);
    t.delete(path, may(P::ManageAutomation), c::delete_automation_user);
    t.put("/connections/{connection}/automation", may(P::ManageAutomation), c::put_automation);
    t.get("/connections/{connection}/tasks", may(P::ViewConnections), tasks::list_tasks);
    t.get("/tasks/{task}", may(P::ViewConnections), tasks::get_task);

    t.post("/uploads", may(P::DeliverDocuments), d::create_upload);
    t.post("/documents", may(P::DeliverDocuments), d::create_document);
    t.post("/documents/post", may(P::PostDocuments), d::post_documents);
    t.post("/documents/reject", may(P::PostDocuments), d::reject_documents);
    t.get("/documents/{document}", SEES_DOCUMENTS, d::get_document);
    t.delete("/documents/{document}", may(P::DeleteDocuments), d::delete_document);
    t.get("/documents/{document}/content", may(P::ViewOverview), d::get_content);
    t.get("/documents/{document}/history", SEES_HISTORY, d::get_history);
    t.get("/documents/{document}/decision", may(P::ViewOverview), d::get_decision);
    t.get("/documents/{document}/source", SEES_DOCUMENTS, d::get_source);
    t.get("/documents/{document}/attachments/{attachment}", SEES_DOCUMENTS, d::get_attachment);
    t.post("/documents/{document}/tag", may(P::TagDocuments), d::tag_document);
    t.post("/documents/{document}/contact", may(P::PostDocuments), d::choose_contact);
    t.post("/documents/{document}/post", may(P::PostDocuments), d::post_document);
    t.patch("/documents/{document}/edits", may(P::PostDocuments), d::edit_document);
    t.post("/documents/{document}/apply-template", may(P::PostDocuments), d::apply_template);
    let path = "/administrations/{administration}/contacts/{contact}/apply-template";
    t.post(path, may(P::PostDocuments), d::apply_template_to_all);
    t.post("/documents/{document}/reject", may(P::PostDocuments), d::reject_document);
    t.post("/documents/{document}/holds/{hold}/clear", may(P::PostDocuments), d::clear_hold);
    t.post("/documents/{document}/mark-posted", may(P::PostDocuments), d::mark_posted);
    t.post("/documents/{document}/release", may(P::PostDocuments), d::release_document);
    t.post("/documents/{document}/check", may(P::PostDocuments), d::check_document);
    export_routes(&mut t);
    sales_routes(&mut t);
    mail_routes(&mut t);
    t.get("/administrations/{administration}/overview", may(P::ViewOverview), d::overview);
    t.get("/administrations/{administration}/intake", may(P::DeliverDocuments), d::intake);
    t.get("/administrations/{administration}/archive", may(P::ViewArchive), d::archive);
    t.0
}

/// Scheduled export.
fn export_routes(t: &mut Table) {
    t.get("/administrations/{administration}/capabilities", may(P::ViewAdministrations), e::capabilities);
    t.get("/export-formats", may(P::ViewExports), e::list_formats);
    t.put("/administrations/{administration}/export-rules", may(P::InvoiceSettings), e::put_export_rules);
    let path = "/administrations/{administration}/export-facilities";
    t.get(path, may(P::ViewExports), e::list_facilities);
    t.post(path, may(P::IntegrationSetup), e::create_facility);
    let path = "/administrations/{administration}/export-facilities/{facility}";
    t.get(path, may(P::ViewExports), e::get_facility);
    t.delete(path, may(P::IntegrationSetup), e::delete_facility);
    let path = "/administrations/{administration}/export-facilities/{facility}/system";
    t.put(path, may(P::IntegrationSetup), e::put_system);
    let path = "/administrations/{administration}/export-facilities/{facility}/configuration";
    t.put(path, may(P::IntegrationSetup), e::put_configuration);
    let path = "/administrations/{administration}/export-facilities/{facility}/authentication";
    t.put(path, may(P::IntegrationSetup), e::put_authentication);
    let path = "/administrations/{administration}/export-facilities/{facility}/activate";
    t.post(path, may(P::IntegrationSetup), e::activate_facility);
    let path = "/administrations/{administration}/export-facilities/{facility}/deactivate";
    t.post(path, may(P::IntegrationSetup), e::deactivate_facility);
    let path = "/administrations/{administration}/export-facilities/{facility}/job";
    t.put(path, may(P::IntegrationSetup), e::put_job);
    let path = "/administrations/{administration}/export-facilities/{facility}/next-runs";
    t.get(path, may(P::ViewExports), e::next_runs);
    let path = "/administrations/{administration}/export-facilities/{facility}/preview";
    t.get(path, may(P::ViewExports), e::preview);
    let path = "/administrations/{administration}/export-facilities/{facility}/runs";
    t.post(path, may(P::ExportDocuments), e::export_by_hand);
    t.get("/administrations/{administration}/export-list", may(P::ReleaseDocuments), d::export_list);
    t.get("/administrations/{administration}/export-runs", may(P::ViewExports), e::list_runs);
    let path = "/administrations/{administration}/export-runs/{run}";
    t.get(path, may(P::ViewExports), e::get_run);
    let path = "/administrations/{administration}/export-runs/{run}/documents";
    t.get(path, may(P::ViewExports), e::run_documents);
    let path = "/administrations/{administration}/export-runs/{run}/left-out";
    t.get(path, may(P::ViewExports), e::run_left_out);
    let path = "/administrations/{administration}/export-runs/{run}/file";
    t.get(path, may(P::ViewExports), e::run_file);
    let path = "/administrations/{administration}/export-runs/{run}/mark-exported";
    t.post(path, may(P::ExportDocuments), e::mark_exported);
    let path = "/administrations/{administration}/export-runs/{run}/cancel";
    t.post(path, may(P::ExportDocuments), e::cancel_run);
    let path = "/administrations/{administration}/export-runs/{run}/revert";
    t.post(path, may(P::ExportDocuments), e::revert_run);
    let path = "/administrations/{administration}/export-runs/{run}/kept";
    t.get(path, may(P::ViewExports), e::run_kept);
    t.post("/documents/ready", may(P::ReleaseDocuments), d::make_several_ready);
    t.post("/documents/{document}/ready", may(P::ReleaseDocuments), d::make_ready);
    t.post("/documents/{document}/send-back", may(P::ReleaseDocuments), d::send_back);
    t.post("/documents/{document}/revert-export", may(P::ExportDocuments), d::revert_export);
    t.put("/documents/{document}/exchange-rate", may(P::ReleaseDocuments), d::put_rate);
}

/// Orders, what is issued from them, and the ledger that gets it.
fn sales_routes(t: &mut Table) {
    let path = "/administrations/{administration}/seller";
    t.get(path, may(P::ViewSales), s::get_seller);
    t.put(path, may(P::InvoiceSettings), s::put_seller);
    let path = "/administrations/{administration}/numbering-series";
    t.get(path, may(P::ViewSales), s::list_series);
    t.post(path, may(P::InvoiceSettings), s::create_series);
    let path = "/administrations/{administration}/numbering-series/{series}";
    t.get(path, may(P::ViewSales), s::get_series);
    t.put(path, may(P::InvoiceSettings), s::put_series);
    let path = "/administrations/{administration}/connector";
    t.get(path, may(P::ViewConnections), s::get_connector);
    t.put(path, may(P::IntegrationSetup), s::put_connector);
    let path = "/administrations/{administration}/orders";
    t.get(path, may(P::ViewSales), s::list_orders);
    t.post(path, may(P::IssueDocuments), s::create_order);
    let path = "/administrations/{administration}/orders/{order}";
    t.get(path, may(P::ViewSales), s::get_order);
    let path = "/administrations/{administration}/orders/{order}/status";
    t.put(path, may(P::IssueDocuments), s::put_order_status);
    let path = "/administrations/{administration}/orders/{order}/documents";
    t.post(path, may(P::IssueDocuments), s::issue_document);
    let path = "/administrations/{administration}/orders/{order}/runs";
    t.get(path, may(P::ViewSales), s::list_order_runs);
    let path = "/administrations/{administration}/orders/{order}/runs/retry";
    t.post(path, may(P::IssueDocuments), s::retry_order_run);
    let path = "/administrations/{administration}/orders/{order}/mails";
    t.get(path, may(P::ViewSales), s::list_order_mails);
    let path = "/administrations/{administration}/order-rules";
    t.get(path, may(P::ViewSales), s::list_order_rules);
    t.post(path, may(P::IssueDocuments), s::create_order_rule);
    let path = "/administrations/{administration}/order-rules/{order_rule}";
    t.get(path, may(P::ViewSales), s::get_order_rule);
    t.put(path, may(P::IssueDocuments), s::put_order_rule);
    t.delete(path, may(P::IssueDocuments), s::delete_order_rule);
    let path = "/administrations/{administration}/pass-runs";
    t.get(path, may(P::ViewSales), s::list_pass_runs);
    t.post(path, may(P::IssueDocuments), s::create_pass_run);
    let path = "/administrations/{administration}/pass-runs/{pass_run}";
    t.get(path, may(P::ViewSales), s::get_pass_run);
    let path = "/administrations/{administration}/pass-runs/{pass_run}/failures";
    t.get(path, may(P::ViewSales), s::list_pass_failures);
    let path = "/administrations/{administration}/issued-documents";
    t.get(path, may(P::ViewSales), s::list_issued);
    t.get("/issued-documents/{issued}", may(P::ViewSales), s::get_issued);
    t.get("/issued-documents/{issued}/content", may(P::ViewSales), s::get_issued_content);
    t.get("/issued-documents/{issued}/history", may(P::ViewSales), s::get_issued_history);
    t.get("/issued-documents/{issued}/pdf", may(P::ViewSales), s::get_issued_pdf);
    t.post("/issued-documents/{issued}/pass", may(P::IssueDocuments), s::pass_issued);
    t.post("/issued-documents/{issued}/refresh", may(P::IssueDocuments), s::refresh_issued);
    t.post("/issued-documents/{issued}/check", may(P::IssueDocuments), s::check_issued);
    t.put("/issued-documents/{issued}/replacement", may(P::IssueDocuments), s::put_replacement);
    t.post("/issued-documents/{issued}/forward", may(P::IssueDocuments), s::forward_issued);
    t.get("/issued-documents/{issued}/forwardings", may(P::ViewSales), s::list_forwardings);
    t.post("/issued-documents/{issued}/links", may(P::IssueDocuments), s::create_link);
    t.delete("/issued-documents/{issued}/links/{secret}", may(P::IssueDocuments), s::delete_link);
    t.get("/shared/{tenant}/{file}", Needs::Nothing, s::open_link);
    let path = "/administrations/{administration}/marketplaces";
    t.get(path, may(P::ViewSales), s::list_marketplaces);
    let path = "/administrations/{administration}/marketplaces/{source}";
    t.put(path, may(P::IntegrationSetup), s::put_marketplace);
    t.post("/issued-documents/{issued}/corrections", may(P::IssueDocuments), s::issue_correction);
}

/// How the accountant finds a document: whoever shares documents, and whoever sees the archive; the handler looks closer.
const SEES_DELIVERIES: Needs = Needs::AnyOf(&[P::ShareDocuments, P::ViewArchive]);

/// E-mail delivery to accounting packages.
fn mail_routes(t: &mut Table) {
    t.get("/mail-packages", may(P::ViewConnections), m::list_mail_packages);
    t.post("/mail-packages", may(P::IntegrationSetup), m::create_mail_package);
    t.get("/mail-packages/{package}", may(P::ViewConnections), m::get_mail_package);
    t.put("/mail-packages/{package}", may(P::IntegrationSetup), m::put_mail_package);
    t.delete("/mail-packages/{package}", may(P::IntegrationSetup), m::delete_mail_package);
    let path = "/administrations/{administration}/mail-connections";
    t.get(path, may(P::ViewConnections), m::list_mail_connections);
    t.post(path, may(P::ManageAdministrations), m::create_mail_connection);
    let path = "/administrations/{administration}/mail-connections/{mail_connection}";
    t.get(path, may(P::ViewConnections), m::get_mail_connection);
    t.put(path, may(P::ManageAdministrations), m::put_mail_connection);
    t.delete(path, may(P::ManageAdministrations), m::delete_mail_connection);
    let path = "/administrations/{administration}/mail-connections/{mail_connection}/test";
    t.post(path, Needs::AnyOf(&[P::DeliverMail, P::IntegrationSetup]), m::test_mail_connection);
    let path = "/administrations/{administration}/mail-suspensions";
    t.get(path, Needs::AnyOf(&[P::DeliverMail, P::ViewConnections]), m::list_suspensions);
    let path = "/administrations/{administration}/mail-suspensions/confirm";
    t.post(path, may(P::DeliverMail), m::confirm_suspension);
    let path = "/administrations/{administration}/deliveries";
    t.get(path, Needs::AnyOf(&[P::DeliverMail, P::ViewArchive]), m::list_deliveries);
    t.post("/administrations/{administration}/mail-runs", may(P::DeliverMail), m::create_mail_run);
    let path = "/administrations/{administration}/customer-mail-text";
    t.get(path, may(P::ViewSales), m::get_customer_text);
    t.put(path, may(P::InvoiceSettings), m::put_customer_text);
    t.delete(path, may(P::InvoiceSettings), m::delete_customer_text);
    t.post("/documents/{document}/accept", may(P::ShareDocuments), d::accept_document);
    t.post("/documents/{document}/mark-sent", may(P::ShareDocuments), d::mark_document_sent);
    t.post("/documents/{document}/archive-directly", may(P::ShareDocuments), d::archive_document_directly);
    t.post("/documents/{document}/share", may(P::ShareDocuments), d::share_document);
    t.get("/documents/{document}/deliveries", SEES_DELIVERIES, m::get_deliveries);
    t.post("/documents/{document}/deliveries", may(P::DeliverMail), m::resend_document);
    let path = "/documents/{document}/deliveries/{delivery}/confirm";
    t.post(path, may(P::DeliverMail), m::confirm_delivery);
    let path = "/documents/{document}/deliveries/{delivery}/link";
    t.delete(path, may(P::DeliverMail), m::revoke_delivery_link);
    t.put("/documents/{document}/processed", may(P::DeliverMail), m::mark_processed);
    t.delete("/documents/{document}/processed", may(P::DeliverMail), m::unmark_processed);
    t.post("/issued-documents/{issued}/mark-sent", may(P::IssueDocuments), s::mark_issued_sent);
    t.post("/issued-documents/{issued}/archive-directly", may(P::IssueDocuments), s::archive_issued_directly);
    t.get("/issued-documents/{issued}/deliveries", may(P::ViewSales), m::get_issued_deliveries);
    t.post("/issued-documents/{issued}/deliveries", may(P::DeliverMail), m::resend_issued);
    let path = "/issued-documents/{issued}/deliveries/{delivery}/confirm";
    t.post(path, may(P::DeliverMail), m::confirm_issued_delivery);
    let path = "/issued-documents/{issued}/deliveries/{delivery}/link";
    t.delete(path, may(P::DeliverMail), m::revoke_issued_delivery_link);
    t.put("/issued-documents/{issued}/processed", may(P::DeliverMail), m::mark_issued_processed);
    t.delete("/issued-documents/{issued}/processed", may(P::DeliverMail), m::unmark_issued_processed);
}

/// The whole API.
pub fn router(app: App) -> Router {
    let mut router = Router::new();
    for Route { path, needs, handler, .. } in routes() {
        let guarded = handler.route_layer(middleware::from_fn_with_state((app.clone(), needs), guard));
        router = router.route(path, guarded);
    }
    router
        .method_not_allowed_fallback(async || {
            Problem::new(Code::Method, "This path does not take this method; GET /openapi.json says which it takes.")
        })
        .fallback(async || {
            Problem::new(Code::NotFound, "There is no such path; GET /openapi.json lists those that there are.")
        })
        .layer(DefaultBodyLimit::max(d::delivery::BODY_BYTES_MAX))
        .layer(middleware::from_fn(crate::logged))
        .with_state(app)
}
