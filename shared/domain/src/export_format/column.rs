//! Columns that a file may have.

use serde::{Deserialize, Serialize};

/// What kind of value a column has, which decides how it is written and guarded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColumnKind {
    /// Somebody's words or codes: guarded and made one line, by the settings.
    Text,
    /// A word or number of ours.
    Word,
    /// A number.
    Number,
    /// A date.
    Date,
}

/// What a row of the file stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rows {
    /// A document.
    #[default]
    Document,
    /// A line of the document as it was received; a document without lines has one row.
    Line,
    /// A VAT category and rate.
    VatGroup,
    /// A line of the posting: account, VAT code, amounts.
    Booking,
}

/// For which rows a column has a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Every,
    /// An amount of the whole document: on its first row only.
    First,
    /// Not where the row is the document.
    Parts,
    Line,
    LineOrBooking,
    GroupOrBooking,
    Booking,
}

macro_rules! columns {
    ($($(#[doc = $doc:literal])+ $name:ident = $text:literal, $kind:ident, $scope:ident;)+) => {
        /// A column. The names are those of the API, and the headings where none was chosen. Names are never changed, and
        /// new ones are added at the end.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        pub enum Column {
            $($(#[doc = $doc])+ #[serde(rename = $text)] $name,)+
        }

        impl Column {
            /// Every column.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// Stable name.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)+ }
            }

            /// What kind of value it has.
            pub fn kind(self) -> ColumnKind {
                match self { $(Self::$name => ColumnKind::$kind,)+ }
            }

            /// What it holds, in words.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => concat!($($doc),+).trim_ascii_start(),)+ }
            }

            fn scope(self) -> Scope {
                match self { $(Self::$name => Scope::$scope,)+ }
            }
        }
    };
}

columns! {
    /// Id of the document with us.
    DocumentId = "document_id", Word, Every;
    /// `purchase` or `sales`.
    Direction = "direction", Word, Every;
    /// `invoice` or `credit_note`.
    Kind = "kind", Word, Every;
    /// Code of the kind of document as stated (UNTDID 1001), for example 380.
    TypeCode = "type_code", Text, Every;
    /// Id of the supplier or customer with us.
    ContactId = "contact_id", Word, Every;
    /// Name of the supplier or customer.
    ContactName = "contact_name", Text, Every;
    /// The ledger's id or code of the supplier or customer.
    LedgerContact = "ledger_contact", Text, Every;
    /// VAT number of the supplier or customer.
    VatNumber = "vat_number", Text, Every;
    /// Trade register number of the supplier or customer.
    RegistryNumber = "registry_number", Text, Every;
    /// Country of the supplier or customer as stated on the document: two letters.
    Country = "country", Text, Every;
    /// Account that a purchase document asks to be paid to, else one of the supplier or customer.
    Iban = "iban", Text, Every;
    /// Number of the document.
    Number = "number", Text, Every;
    /// Number of the first document that this one corrects.
    PrecedingNumber = "preceding_number", Text, Every;
    /// Date of the document.
    IssueDate = "issue_date", Date, Every;
    /// Due date, stated or by the contact's terms.
    DueDate = "due_date", Date, Every;
    /// Date of the VAT as stated.
    TaxPointDate = "tax_point_date", Date, Every;
    /// Date of delivery as stated.
    DeliveryDate = "delivery_date", Date, Every;
    /// First day of the invoiced period.
    PeriodStart = "period_start", Date, Every;
    /// Last day of the invoiced period.
    PeriodEnd = "period_end", Date, Every;
    /// The day on which it is booked (EX-3).
    PostingDate = "posting_date", Date, Every;
    /// Text of the whole booking.
    Description = "description", Text, Every;
    /// Currency of the amounts in this file.
    Currency = "currency", Word, Every;
    /// Total without VAT.
    Net = "net", Number, First;
    /// VAT.
    Vat = "vat", Number, First;
    /// Total with VAT.
    Gross = "gross", Number, First;
    /// Still to be paid, as stated.
    Payable = "payable", Number, First;
    /// Currency that the document is in.
    DocumentCurrency = "document_currency", Word, Every;
    /// Currency of the books.
    CompanyCurrency = "company_currency", Word, Every;
    /// Total without VAT in the currency of the books.
    CompanyNet = "company_net", Number, First;
    /// VAT in the currency of the books.
    CompanyVat = "company_vat", Number, First;
    /// Total with VAT in the currency of the books.
    CompanyGross = "company_gross", Number, First;
    /// Units of the books' currency for one of the document's, where they differ.
    ExchangeRate = "exchange_rate", Number, Every;
    /// Day of that rate.
    ExchangeRateDate = "exchange_rate_date", Date, Every;
    /// Who published that rate.
    ExchangeRateSource = "exchange_rate_source", Text, Every;
    /// Reference for the payment.
    PaymentReference = "payment_reference", Text, Every;
    /// Terms of payment as text.
    PaymentTerms = "payment_terms", Text, Every;
    /// Purchase order.
    OrderReference = "order_reference", Text, Every;
    /// The buyer's reference.
    BuyerReference = "buyer_reference", Text, Every;
    /// Contract.
    ContractReference = "contract_reference", Text, Every;
    /// The project that the document names.
    ProjectReference = "project_reference", Text, Every;
    /// Number of the row within the document, from 1.
    RowNumber = "row_number", Word, Parts;
    /// Text of the line.
    RowDescription = "row_description", Text, LineOrBooking;
    /// Amount of the row without VAT.
    RowNet = "row_net", Number, Parts;
    /// VAT of the row.
    RowVat = "row_vat", Number, GroupOrBooking;
    /// Amount of the row with VAT.
    RowGross = "row_gross", Number, GroupOrBooking;
    /// VAT category: S, Z, E, AE, K, G, O.
    VatCategory = "vat_category", Word, Parts;
    /// VAT rate in percent.
    VatRate = "vat_rate", Number, Parts;
    /// Id of the line as written.
    LineId = "line_id", Text, Line;
    /// How many.
    Quantity = "quantity", Number, Line;
    /// Unit code of the quantity.
    Unit = "unit", Text, Line;
    /// Price of the unit, in the document's own currency.
    Price = "price", Number, Line;
    /// Ledger account.
    Account = "account", Text, Booking;
    /// The ledger's VAT code.
    VatCode = "vat_code", Text, Booking;
    /// Cost centre.
    CostCentre = "cost_centre", Text, Booking;
    /// Project.
    Project = "project", Text, Booking;
}

impl Column {
    /// Whether rows of this kind have a value for it.
    pub fn is_for(self, rows: Rows) -> bool {
        match self.scope() {
            Scope::Every | Scope::First => true,
            Scope::Parts => rows != Rows::Document,
            Scope::Line => rows == Rows::Line,
            Scope::LineOrBooking => matches!(rows, Rows::Line | Rows::Booking),
            Scope::GroupOrBooking => matches!(rows, Rows::VatGroup | Rows::Booking),
            Scope::Booking => rows == Rows::Booking,
        }
    }

    /// Whether it is an amount of the whole document, which stands on the first row only: so that a column adds up.
    pub fn is_once(self) -> bool {
        self.scope() == Scope::First
    }
}

/// A column with its heading.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChosenColumn {
    /// Which.
    pub column: Column,
    /// Its heading; its name when none was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heading: Option<String>,
}

impl ChosenColumn {
    /// The heading that is written.
    pub fn heading(&self) -> &str {
        self.heading.as_deref().unwrap_or(self.column.as_str())
    }
}

impl From<Column> for ChosenColumn {
    fn from(column: Column) -> Self {
        Self { column, heading: None }
    }
}

/// Most columns of a file.
pub const COLUMNS_MAX: usize = 100;
/// The longest heading, in characters.
pub const HEADING_CHARS_MAX: usize = 60;

/// What is wrong with a choice of columns for these rows; `field` is the setting's name.
pub(super) fn problems(field: &str, chosen: &[ChosenColumn], rows: Rows) -> Vec<super::Problem> {
    let mut problems = Vec::new();
    if chosen.len() > COLUMNS_MAX {
        problems.push(super::Problem::new(field, format!("choose at most {COLUMNS_MAX} columns")));
    }
    for (at, choice) in chosen.iter().enumerate() {
        let heading = choice.heading();
        let name = choice.column.as_str();
        let mut wrong = |detail: String| problems.push(super::Problem::new(&format!("{field}[{at}]"), detail));
        if !choice.column.is_for(rows) {
            wrong(format!(
                "'{name}' has no value in these rows: choose rows per line, VAT group or booking, or leave it out"
            ));
        }
        if heading.trim().is_empty() || heading.chars().any(char::is_control) {
            wrong("a heading is one line of text: write one, or leave it out for the column's name".to_owned());
        } else if heading.chars().count() > HEADING_CHARS_MAX {
            wrong(format!("a heading has at most {HEADING_CHARS_MAX} characters"));
        } else if chosen.iter().take(at).any(|other| other.heading() == heading) {
            wrong(format!("the heading '{heading}' is there twice: name one of them otherwise"));
        }
    }
    problems
}
