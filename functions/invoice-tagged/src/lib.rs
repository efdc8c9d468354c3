//! The invoice-tagged function.
