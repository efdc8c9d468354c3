//! The dictionary: which columns a table has, of which type and length, and what must be filled.

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// `FIELD_NAME`
    pub name: &'static str,
    /// `FIELD_TYPE`: `C` text, `M` memo, `N`, `Y`, `B`, `I` numbers, `L` logical, `D`, `T` dates.
    pub kind: char,
    /// `FIELD_LEN`
    pub length: usize,
    /// `INP_MAND`
    pub mandatory: bool,
}

/// Technical members of each row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Technical {
    /// None.
    Nothing,
    /// `EXT_KEY`
    Key,
    /// `<TABLE>_Id`
    Id,
    /// Both.
    KeyAndId,
}

/// A table.
#[derive(Debug, PartialEq, Eq)]
pub struct Table {
    /// `DBF_NAME`
    pub name: &'static str,
    /// The column by which a list goes on.
    pub key: &'static str,
    /// What its rows have beside their columns.
    pub technical: Technical,
    columns: &'static [(&'static str, char, usize, bool)],
}

impl Table {
    /// Its columns.
    pub fn columns(&self) -> impl Iterator<Item = Column> {
        let column = |&(name, kind, length, mandatory): &(&'static str, char, usize, bool)| Column {
            name,
            kind,
            length,
            mandatory,
        };
        self.columns.iter().map(column)
    }

    /// A column by its name, which may have the table's before it; capitals make no difference.
    pub fn column(&self, name: &str) -> Option<Column> {
        let bare = match name.split_once('.') {
            Some((table, bare)) if table.trim().eq_ignore_ascii_case(self.name) => bare,
            Some(_) => return None,
            None => name,
        };
        self.columns().find(|column| column.name.eq_ignore_ascii_case(bare.trim()))
    }
}

/// Relations.
pub static CONTACT: Table = Table {
    name: "CONTACT",
    key: "SUB_NR",
    technical: Technical::KeyAndId,
    columns: &[
        ("SUB_NR", 'C', 10, true),
        ("SRC_CODE", 'C', 10, true),
        ("ACCT_NAME", 'C', 40, true),
        ("ACCT_NR", 'C', 10, false),
        ("VAT_NR", 'C', 14, false),
        ("COC_CODE", 'C', 15, false),
        ("IBAN_NR", 'C', 34, false),
        ("IBAN_NR2", 'C', 34, false),
        ("MAIL_BUS", 'C', 50, false),
        ("TEL_BUS", 'C', 20, false),
        ("CUR_CODE", 'C', 3, false),
        ("DISC_CODE", 'C', 2, false),
        ("VAT_CODE", 'C', 2, false),
        ("LNK_ACCT", 'C', 10, false),
        ("CNT_CODE", 'C', 2, false),
        ("POST_CODE", 'C', 10, false),
        ("CITY", 'C', 35, false),
        ("ADDRESS1", 'C', 80, false),
        ("DEB_NR", 'C', 10, false),
        ("REC_BLK", 'L', 1, false),
        ("PG_BLK", 'L', 1, false),
        ("CRED_SHOW", 'L', 1, false),
        ("DEB_SHOW", 'L', 1, false),
    ],
};

/// Ledger accounts.
pub static LEDGER: Table = Table {
    name: "LEDGER",
    key: "ACCT_NR",
    technical: Technical::Key,
    columns: &[
        ("ACCT_NR", 'C', 10, true),
        ("ACCT_NAME", 'C', 40, true),
        ("ACCT_TYPE", 'N', 1, false),
        ("VAT_CODE", 'C', 2, false),
        ("VAT_MAND", 'L', 1, false),
        ("COST_MAND", 'L', 1, false),
        ("REC_BLK", 'L', 1, false),
        ("CUR_CODE", 'C', 3, false),
    ],
};

/// VAT codes.
pub static VAT: Table = Table {
    name: "VAT",
    key: "VAT_CODE",
    technical: Technical::Key,
    columns: &[
        ("VAT_CODE", 'C', 2, true),
        ("VAT_NAME", 'C', 40, true),
        ("VAT_PCT", 'N', 7, false),
        ("VAT_TYPE", 'N', 1, true),
        ("VAT_ACCT", 'C', 10, true),
        ("ACCT_MEMO", 'C', 10, false),
        ("IS_REVERSE", 'L', 1, false),
        ("VAT_LINK", 'C', 2, false),
        ("CALC_TYPE", 'N', 1, true),
    ],
};

/// Journals.
pub static DAILY: Table = Table {
    name: "DAILY",
    key: "DJ_CODE",
    technical: Technical::Key,
    columns: &[
        ("DJ_CODE", 'C', 3, true),
        ("DJ_NAME", 'C', 40, true),
        ("DJ_TYPE", 'N', 1, true),
        ("DJ_TYPEV", 'C', 20, false),
        ("DJ_ACCT", 'C', 10, false),
        ("CUR_CODE", 'C', 3, false),
        ("NUM_AUTO", 'L', 1, false),
        ("GROSS_FLG", 'L', 1, false),
        ("CNG_BLK", 'L', 1, false),
        ("SEND_APPR", 'L', 1, false),
    ],
};

/// Cost centres.
pub static COST: Table = Table {
    name: "COST",
    key: "COST_CODE",
    technical: Technical::Key,
    columns: &[("COST_CODE", 'C', 10, true), ("COST_DESC", 'C', 40, true)],
};

/// Projects.
pub static PROJECTS: Table = Table {
    name: "PROJECTS",
    key: "PROJ_CODE",
    technical: Technical::Key,
    columns: &[("PROJ_CODE", 'C', 10, true), ("PROJ_DESC", 'C', 40, false)],
};

/// Periods; nobody is sure of the real names.
pub static PERIODS: Table = Table {
    name: "PERIOD",
    key: "PERIOD",
    technical: Technical::Key,
    columns: &[
        ("PERIOD", 'N', 3, true),
        ("BEG_DATE", 'D', 8, true),
        ("END_DATE", 'D', 8, true),
        ("REC_BLK", 'L', 1, false),
    ],
};

/// Journal pages.
pub static DJ_PAGE: Table = Table {
    name: "DJ_PAGE",
    key: "PAGE_NR",
    technical: Technical::KeyAndId,
    columns: &[
        ("DJ_CODE", 'C', 3, true),
        ("HDR_DESC", 'C', 40, true),
        ("PAGE_NR", 'C', 10, true),
        ("PAGE_NRV", 'N', 10, false),
        ("TRN_DATE", 'D', 8, false),
        ("PERIOD", 'N', 3, false),
        ("SUB_NR", 'C', 10, false),
        ("INV_NR", 'C', 12, false),
        ("CUR_CODE", 'C', 3, false),
        ("EXT_DESC", 'C', 40, false),
        ("CRED_DAYS", 'N', 3, false),
        ("DISC_CODE", 'C', 2, false),
        ("COST_CODE", 'C', 10, false),
        ("PROJ_CODE", 'C', 10, false),
        ("CUR_AMT", 'Y', 8, false),
        ("CUR_VAT", 'Y', 8, false),
        ("PAGE_AMT", 'Y', 8, false),
        ("PAGE_VAT", 'Y', 8, false),
        ("NETT_AMT", 'Y', 8, false),
        ("EXCH_RATE", 'B', 8, false),
        ("BLK_AMT", 'Y', 8, false),
        ("COMMENT1", 'M', 4, false),
        ("REC_BLK", 'L', 1, false),
        ("NO_POST", 'L', 1, false),
        ("DOC_ID", 'C', 32, false),
        ("DOC_TYPE", 'I', 4, false),
        ("GROSS_FLG", 'L', 1, false),
        ("INP_USR", 'C', 20, false),
        ("INP_DATE", 'T', 8, false),
        ("CNG_USR", 'C', 20, false),
    ],
};

/// Lines of journal pages.
pub static DJ_LINE: Table = Table {
    name: "DJ_LINE",
    key: "REC_ID",
    technical: Technical::KeyAndId,
    columns: &[
        ("ACCT_NR", 'C', 10, true),
        ("TRN_DATE", 'D', 8, true),
        ("TRN_DESC", 'C', 40, false),
        ("AMOUNT", 'Y', 8, false),
        ("VAT_CODE", 'C', 2, false),
        ("VAT_AMT", 'Y', 8, false),
        ("BASE_AMT", 'Y', 8, false),
        ("SUB_NR", 'C', 10, false),
        ("INV_NR", 'C', 12, false),
        ("COST_CODE", 'C', 10, false),
        ("PROJ_CODE", 'C', 10, false),
        ("CUR_CODE", 'C', 3, false),
        ("CUR_AMT", 'Y', 8, false),
        ("CUR_VAT", 'Y', 8, false),
        ("EXCH_RATE", 'B', 8, false),
        ("CRED_DAYS", 'N', 3, false),
        ("REC_ID", 'C', 10, true),
        ("SRC_ID", 'C', 10, true),
        ("SRC_TYPE", 'N', 2, true),
        ("DJ_CODE", 'C', 3, true),
        ("PAGE_NR", 'C', 10, true),
        ("TRN_QTY", 'N', 13, false),
        ("BEG_PER", 'N', 3, false),
        ("END_PER", 'N', 3, false),
    ],
};

/// Posted transactions.
pub static TRANSACT: Table = Table {
    name: "TRANSACT",
    key: "REC_ID",
    technical: Technical::KeyAndId,
    columns: &[
        ("REC_ID", 'C', 10, true),
        ("DJ_CODE", 'C', 3, true),
        ("PAGE_NR", 'C', 10, true),
        ("TRN_DATE", 'D', 8, false),
        ("PERIOD", 'I', 4, false),
        ("ACCT_NR", 'C', 10, false),
        ("SUB_NR", 'C', 10, false),
        ("INV_NR", 'C', 12, false),
        ("AMOUNT", 'Y', 8, false),
        ("VAT_CODE", 'C', 2, false),
        ("VAT_AMT", 'Y', 8, false),
        ("BASE_AMT", 'Y', 8, false),
        ("CUR_CODE", 'C', 3, false),
        ("CUR_AMT", 'Y', 8, false),
        ("COST_CODE", 'C', 10, false),
        ("PROJ_CODE", 'C', 10, false),
        ("SRC_TYPE", 'N', 2, false),
        ("SRC_ID", 'C', 10, false),
        ("TRN_DESC", 'C', 40, false),
        ("VOUCHER_NR", 'C', 15, false),
        ("HAS_DOC", 'L', 1, false),
    ],
};

/// Headers of posted transactions.
pub static TRN_HDR: Table = Table {
    name: "TRN_HDR",
    key: "PAGE_NR",
    technical: Technical::KeyAndId,
    columns: &[
        ("DJ_CODE", 'C', 3, true),
        ("PAGE_NR", 'C', 10, true),
        ("HDR_DESC", 'C', 40, false),
        ("COMMENT1", 'M', 4, false),
    ],
};

/// The dictionary itself.
pub static DCT_FLD: Table = Table {
    name: "DCT_FLD",
    key: "FIELD_NAME",
    technical: Technical::Id,
    columns: &[
        ("FLD_DESC", 'C', 40, false),
        ("FIELD_NAME", 'C', 10, true),
        ("DBF_NAME", 'C', 10, true),
        ("FIELD_LEN", 'I', 4, false),
        ("FIELD_TYPE", 'C', 1, false),
        ("INP_MAND", 'L', 1, false),
        ("FLD_FMT", 'C', 10, false),
        ("FLD_MASK", 'C', 40, false),
        ("COM_BLK", 'L', 1, false),
    ],
};

/// Every table of which the dictionary tells.
pub static TABLES: [&Table; 12] =
    [&CONTACT, &LEDGER, &VAT, &DAILY, &COST, &PROJECTS, &PERIODS, &DJ_PAGE, &DJ_LINE, &TRANSACT, &TRN_HDR, &DCT_FLD];
