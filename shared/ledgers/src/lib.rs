//! Accounting systems behind one contract.
