//! Reads UBL, CII and hybrid PDFs into the canonical invoice.
