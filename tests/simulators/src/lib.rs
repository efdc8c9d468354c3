//! Strict, stateful stand-ins for the ledgers: in-process for the contract suite, and as a process for the local cloud.
