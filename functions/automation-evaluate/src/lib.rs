//! The automation-evaluate function.
