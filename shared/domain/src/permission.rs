//! Roles and the one table that says who may do what (section 1.11 of the reference behaviour).

use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt, str::FromStr};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$item_doc:meta])* $item:ident = $code:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$item_doc])* $item),* }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$item),*];

            /// Stable text, as in the API.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$item => $code),* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

words! {
    /// What a user is to the tenant. A user may hold several (AP-60).
    Role {
        /// Manages environment, administrations, users and settings; takes no part in the document flow.
        Superuser = "superuser",
        /// Posts to the ledger; adds and edits administrations and users; cannot delete users.
        Accountant = "accountant",
        /// Posts like an accountant within narrower bounds.
        SmeAccountant = "sme_accountant",
        /// Sees pending authorisations and reassigns them.
        AuthorisationAdministrator = "authorisation_administrator",
        /// Approves or rejects assigned documents.
        Authoriser = "authoriser",
        /// Delivers and tags documents.
        ClientUser = "client_user",
        /// Delivers documents.
        RestrictedClientUser = "restricted_client_user",
        /// Exports what is ready for it and looks at what was posted; takes no part in posting (EX-15).
        Finance = "finance",
    }
}

/// There is no such role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no role '{0}'")]
pub struct UnknownRole(String);

impl FromStr for Role {
    type Err = UnknownRole;
    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL
            .iter()
            .copied()
            .find(|role| role.as_str() == text)
            .ok_or_else(|| UnknownRole(text.chars().take(40).collect()))
    }
}

words! {
    /// Something that a user may or may not do. Each route of the API asks for exactly one.
    Permission {
        /// Change the tenant's own settings.
        ManageTenant = "manage_tenant",
        /// See the tenant's administrations.
        ViewAdministrations = "view_administrations",
        /// Add and edit administrations.
        ManageAdministrations = "manage_administrations",
        /// Delete administrations.
        DeleteAdministrations = "delete_administrations",
        /// See users.
        ViewUsers = "view_users",
        /// Invite users, change their roles and access.
        ManageUsers = "manage_users",
        /// Disable users.
        DisableUsers = "disable_users",
        /// Delete users.
        DeleteUsers = "delete_users",
        /// Grant Superuser rights and the right to change a contact's IBAN (AP-61).
        GrantRights = "grant_rights",
        /// See connections, their directories and tasks.
        ViewConnections = "view_connections",
        /// Set up what documents go out through: create, connect and configure connections (EX-5).
        IntegrationSetup = "integration_setup",
        /// Change how an administration's invoices are treated: default terms and thresholds (EX-21).
        InvoiceSettings = "invoice_settings",
        /// Choose the automation user and turn the switch (AP-9).
        ManageAutomation = "manage_automation",
        /// See contacts and posting templates.
        ViewContacts = "view_contacts",
        /// Add and edit contacts and posting templates.
        ManageContacts = "manage_contacts",
        /// See automation rules.
        ViewRules = "view_rules",
        /// Add, edit and delete automation rules (AP-9).
        ManageRules = "manage_rules",
        /// Deliver documents and see those delivered.
        DeliverDocuments = "deliver_documents",
        /// Tag documents.
        TagDocuments = "tag_documents",
        /// See the validation overview and a document's decision (AP-41).
        ViewOverview = "view_overview",
        /// Post, reject, clear holds (AP-41).
        PostDocuments = "post_documents",
        /// See the archive.
        ViewArchive = "view_archive",
        /// See the dashboard (AP-33).
        ViewDashboard = "view_dashboard",
        /// Delete untagged documents (AP-54).
        DeleteDocuments = "delete_documents",
        /// Read the audit record.
        ViewAudit = "view_audit",
        /// See facilities, runs and what is ready for export.
        ViewExports = "view_exports",
        /// Release documents for export and send them back for review (EX-24).
        ReleaseDocuments = "release_documents",
        /// Export by hand, settle a run that hangs, take an export back (EX-21, EX-26, EX-27).
        ExportDocuments = "export_documents",
        /// See orders and issued documents.
        ViewSales = "view_sales",
        /// Take orders in, issue documents from them, pass those to the ledger.
        IssueDocuments = "issue_documents",
        /// Accept documents, mark them as sent, archive them directly, put them into the shared folder (ED-12).
        ShareDocuments = "share_documents",
        /// Send documents again, mark them as processed, confirm addresses (ED-16, ED-20, ED-25).
        DeliverMail = "deliver_mail",
        /// Export the tenant's data, delete the tenant, erase a person's data.
        ProtectData = "protect_data",
    }
}

impl Role {
    /// The table: whether this role alone gives a permission.
    #[allow(clippy::match_same_arms, reason = "a table is read row by row")]
    pub fn permits(self, permission: Permission) -> bool {
        use Permission as P;
        use Role as R;
        let allowed: &[Role] = match permission {
            P::ViewAdministrations => Role::ALL,
            P::ManageAdministrations | P::DeleteAdministrations | P::InvoiceSettings => &[R::Superuser, R::Accountant],
            P::ViewDashboard => &[R::Superuser, R::Accountant],
            P::ViewUsers => &[R::Superuser, R::Accountant, R::SmeAccountant],
            P::ManageUsers => &[R::Superuser, R::Accountant],
            P::ManageTenant
            | P::DisableUsers
            | P::DeleteUsers
            | P::GrantRights
            | P::IntegrationSetup
            | P::ManageAutomation
            | P::ManageRules
            | P::ViewAudit
            | P::ProtectData => &[R::Superuser],
            P::ViewConnections => &[R::Superuser, R::Accountant, R::SmeAccountant, R::Finance],
            P::ViewExports => &[R::Superuser, R::Accountant, R::SmeAccountant, R::Finance],
            P::ReleaseDocuments => &[R::Accountant, R::SmeAccountant, R::Finance],
            P::ExportDocuments => &[R::Finance],
            P::ViewSales => &[R::Superuser, R::Accountant, R::SmeAccountant, R::Finance],
            P::IssueDocuments => &[R::Accountant, R::SmeAccountant],
            P::ViewContacts => &[R::Superuser, R::Accountant, R::SmeAccountant, R::Finance],
            P::ViewRules => &[R::Superuser, R::Accountant, R::SmeAccountant],
            P::ManageContacts => &[R::Superuser, R::Accountant, R::SmeAccountant],
            P::DeliverDocuments => &[R::Accountant, R::SmeAccountant, R::ClientUser, R::RestrictedClientUser],
            P::TagDocuments => &[R::Accountant, R::SmeAccountant, R::ClientUser],
            P::ViewOverview | P::PostDocuments => &[R::Accountant, R::SmeAccountant],
            P::ViewArchive => &[R::Superuser, R::Accountant, R::SmeAccountant, R::ClientUser, R::Finance],
            P::DeleteDocuments | P::ShareDocuments => &[R::Accountant, R::SmeAccountant, R::ClientUser],
            P::DeliverMail => &[R::Accountant, R::SmeAccountant],
        };
        allowed.contains(&self)
    }
}

/// The roles of one user: at least one, and none of the excluded pairs (AP-60).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "BTreeSet<Role>", into = "BTreeSet<Role>")]
pub struct Roles(BTreeSet<Role>);

/// Why a set of roles is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RolesError {
    /// None at all.
    #[error("a user needs at least one role")]
    None,
    /// Two that exclude each other.
    #[error("a user cannot be {0} and {1} at once")]
    Excluded(Role, Role),
}

impl Roles {
    /// Roles that go together.
    pub fn new(roles: impl IntoIterator<Item = Role>) -> Result<Self, RolesError> {
        let roles: BTreeSet<Role> = roles.into_iter().collect();
        if roles.is_empty() {
            return Err(RolesError::None);
        }
        for (one, other) in [(Role::Accountant, Role::SmeAccountant), (Role::ClientUser, Role::RestrictedClientUser)] {
            if roles.contains(&one) && roles.contains(&other) {
                return Err(RolesError::Excluded(one, other));
            }
        }
        Ok(Self(roles))
    }

    /// Whether the role is among them.
    pub fn contains(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// Whether any of them gives the permission.
    pub fn permit(&self, permission: Permission) -> bool {
        self.0.iter().any(|role| role.permits(permission))
    }

    /// One after another.
    pub fn iter(&self) -> impl Iterator<Item = Role> {
        self.0.iter().copied()
    }
}

impl TryFrom<BTreeSet<Role>> for Roles {
    type Error = RolesError;
    fn try_from(roles: BTreeSet<Role>) -> Result<Self, RolesError> {
        Self::new(roles)
    }
}

impl From<Roles> for BTreeSet<Role> {
    fn from(roles: Roles) -> Self {
        roles.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn excluded_pairs_are_refused() {
        assert_eq!(Roles::new([]), Err(RolesError::None));
        assert_eq!(
            Roles::new([Role::SmeAccountant, Role::Accountant]),
            Err(RolesError::Excluded(Role::Accountant, Role::SmeAccountant))
        );
        assert!(Roles::new([Role::ClientUser, Role::RestrictedClientUser]).is_err());
        assert!(serde_json::from_str::<Roles>("[\"client_user\",\"restricted_client_user\"]").is_err());
    }

    #[test]
    fn a_superuser_takes_no_part_in_the_document_flow() {
        for permission in [
            Permission::TagDocuments,
            Permission::PostDocuments,
            Permission::DeliverDocuments,
            Permission::ViewOverview,
        ] {
            assert!(!Role::Superuser.permits(permission), "{permission}");
        }
    }

    #[test]
    fn only_a_superuser_sets_up_automation() {
        for role in Role::ALL {
            for permission in [Permission::ManageAutomation, Permission::ManageRules] {
                assert_eq!(role.permits(permission), *role == Role::Superuser, "{role} {permission}");
            }
        }
    }

    #[test]
    fn only_accountants_see_the_overview() {
        for role in Role::ALL {
            let accountant = matches!(role, Role::Accountant | Role::SmeAccountant);
            assert_eq!(role.permits(Permission::ViewOverview), accountant, "{role}");
        }
    }

    #[test]
    fn each_role_deletes_and_sets_up_what_the_facts_say() {
        let may = |permission: Permission| -> Vec<Role> {
            Role::ALL.iter().copied().filter(|role| role.permits(permission)).collect()
        };
        // A Superuser deletes both; of an Accountant only users are named as what he cannot; an SME Accountant deletes
        // neither, nor changes what an administration has to hold to.
        assert_eq!(may(Permission::DeleteUsers), [Role::Superuser]);
        assert_eq!(may(Permission::DeleteAdministrations), [Role::Superuser, Role::Accountant]);
        assert_eq!(may(Permission::ManageAdministrations), [Role::Superuser, Role::Accountant]);
        assert_eq!(may(Permission::InvoiceSettings), [Role::Superuser, Role::Accountant]);
        assert_eq!(may(Permission::IntegrationSetup), [Role::Superuser]);
        assert_eq!(may(Permission::GrantRights), [Role::Superuser]);
        // Finance looks and exports; it neither posts, delivers nor issues.
        let finance: Vec<_> = Permission::ALL.iter().filter(|one| Role::Finance.permits(**one)).copied().collect();
        let wanted = [
            Permission::ViewAdministrations,
            Permission::ViewConnections,
            Permission::ViewContacts,
            Permission::ViewArchive,
            Permission::ViewExports,
            Permission::ReleaseDocuments,
            Permission::ExportDocuments,
            Permission::ViewSales,
        ];
        assert_eq!(finance, wanted);
    }

    #[test]
    fn several_roles_add_up() {
        let roles = Roles::new([Role::Superuser, Role::Accountant]).unwrap();
        assert!(roles.permit(Permission::ManageAutomation) && roles.permit(Permission::PostDocuments));
    }
}
