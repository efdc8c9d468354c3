//! What every function shares: settings, clients, telemetry, batches.
