//! What nobody can guess.

use crate::problem::{Answer, Code, Problem};

/// 256 bits.
pub fn secret() -> Answer<[u8; 32]> {
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random).map_err(|_| {
        tracing::error!("The system has no randomness to give.");
        Problem::new(Code::Unavailable, "This is not possible at the moment. Try again.")
    })?;
    Ok(random)
}

#[cfg(test)]
mod tests {
    #[test]
    fn secrets_differ() {
        assert_ne!(super::secret(), super::secret());
    }
}
